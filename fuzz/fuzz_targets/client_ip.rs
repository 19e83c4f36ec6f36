#![no_main]

#[path = "../../tests/it/promises/client_ip.rs"]
mod client_ip;

libfuzzer_sys::fuzz_target!(|input: &[u8]| client_ip::holds(input));
