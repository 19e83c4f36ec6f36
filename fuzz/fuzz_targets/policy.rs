#![no_main]

libfuzzer_sys::fuzz_target!(|input: &str| filmgate::fuzzing::policy(input));
