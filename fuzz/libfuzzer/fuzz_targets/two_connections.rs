//! libFuzzer's entry to `protocall_fuzz::two_connections`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| protocall_fuzz::two_connections(input));
