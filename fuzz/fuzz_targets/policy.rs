#![no_main]

#[path = "../../tests/it/promises/policy.rs"]
mod policy;

libfuzzer_sys::fuzz_target!(|input: &str| policy::holds(input));
