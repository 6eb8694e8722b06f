//! libFuzzer's entry to `protocall_fuzz::server_bytes`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| protocall_fuzz::server_bytes(input));
