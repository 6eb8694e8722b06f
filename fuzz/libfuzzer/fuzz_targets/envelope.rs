//! libFuzzer's entry to `protocall_fuzz::envelope`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| protocall_fuzz::envelope(input));
