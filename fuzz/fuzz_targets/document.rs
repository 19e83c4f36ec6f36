#![no_main]

#[path = "../../tests/it/promises/document.rs"]
mod document;

libfuzzer_sys::fuzz_target!(|input: &str| document::holds(input));
