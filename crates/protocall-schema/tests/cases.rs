//! Many small files, valid and not, each with protoc's own verdict: `tests/golden/cases.txt` holds
//! them as `=== PATH accept HASH` or `=== PATH reject` and the text. The hash is FNV-1a (64 bits)
//! of the bytes that `protoc --include_source_info --descriptor_set_out` of release 35.1 writes.
//! The files see each other under their paths.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use buffa::Message;
use buffa_descriptor::generated::descriptor::FileDescriptorSet;
use protocall_schema::{MemorySources, Style, compile};

/// The files are judged in parallel: a build for tests takes a while for all.
const THREADS: usize = 4;

const CASES: &str = include_str!("golden/cases.txt");

struct Case<'a> {
    path: &'a str,
    /// The hash of the descriptors, for a valid file.
    expected: Option<u64>,
    text: &'a str,
}

fn cases() -> Vec<Case<'static>> {
    let read = |part: &'static str| {
        let (head, text) = part.split_once('\n').unwrap();
        let mut words = head.split(' ');
        let path = words.next().unwrap();
        let expected = match words.next() {
            Some("accept") => Some(u64::from_str_radix(words.next().unwrap(), 16).unwrap()),
            Some("reject") => None,
            other => panic!("{path}: verdict {other:?}"),
        };
        Case { path, expected, text }
    };
    let separated = CASES.strip_prefix("=== ").expect("the first case");
    let mut parts = separated.split("\n=== ").map(read).collect::<Vec<_>>();
    // Splitting takes the last line's end, which is part of the text.
    for case in &mut parts {
        let start = case.text.as_ptr() as usize - CASES.as_ptr() as usize;
        let end = start + case.text.len();
        if CASES[end..].starts_with('\n') {
            case.text = &CASES[start..=end];
        }
    }
    parts
}

fn fnv(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[test]
fn verdicts_and_bytes_are_those_of_protoc() {
    let cases = cases();
    let (valid, invalid) = (
        cases.iter().filter(|case| case.expected.is_some()).count(),
        cases.iter().filter(|case| case.expected.is_none()).count(),
    );
    assert!(valid > 400 && invalid > 400, "{valid} valid and {invalid} invalid files were read");
    let mut sources = MemorySources::new();
    for case in &cases {
        sources.insert(case.path, case.text);
    }
    let failures: Vec<String> = std::thread::scope(|scope| {
        let parts = cases.chunks(cases.len().div_ceil(THREADS));
        let running: Vec<_> = parts.map(|part| scope.spawn(|| judge(&sources, part))).collect();
        running.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

fn judge(sources: &MemorySources, cases: &[Case<'_>]) -> Vec<String> {
    let mut failures = Vec::new();
    for case in cases {
        let compilation = compile(sources, &[case.path]);
        let diagnostics = compilation.diagnostics().render(Style::Plain);
        match (compilation.schema(), case.expected) {
            (None, None) => assert!(!diagnostics.is_empty(), "{}", case.path),
            (None, Some(_)) => failures.push(format!("{} is valid:\n{diagnostics}", case.path)),
            (Some(_), None) => failures.push(format!("{} is not valid", case.path)),
            (Some(schema), Some(expected)) => {
                let mut set = FileDescriptorSet::default();
                set.file.extend(schema.descriptor_set().file.last().cloned());
                if fnv(&set.encode_to_vec()) != expected {
                    failures.push(format!("{} gives other bytes", case.path));
                }
            }
        }
    }
    failures
}
