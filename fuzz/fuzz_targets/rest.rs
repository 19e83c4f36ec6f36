#![no_main]

#[path = "../../tests/it/promises/rest.rs"]
mod rest;

libfuzzer_sys::fuzz_target!(|input: &[u8]| rest::holds(input));
