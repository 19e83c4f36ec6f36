#![no_main]

#[path = "../../tests/it/promises/json.rs"]
mod json;

libfuzzer_sys::fuzz_target!(|input: &[u8]| json::holds(input));
