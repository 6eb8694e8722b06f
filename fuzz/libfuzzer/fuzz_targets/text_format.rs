//! libFuzzer's entry to `protocall_fuzz::text_format`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| protocall_fuzz::text_format(input));
