//! libFuzzer's entry to `protocall_fuzz::proto_source`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| protocall_fuzz::proto_source(input));
