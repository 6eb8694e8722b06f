//! libFuzzer's entry to `protocall_fuzz::client_bytes`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| protocall_fuzz::client_bytes(input));
