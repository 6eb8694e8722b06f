//! Many small files, valid and not, each with protoc's own verdict: `tests/golden/cases.txt` holds
//! them as `=== PATH accept HASH` or `=== PATH reject LINE` and the text. The hash is FNV-1a (64
//! bits) of the bytes that `protoc --include_source_info --descriptor_set_out` of release 35.1
//! writes. The line is that of its first error; `-` where it names none; `ours LINE` follows where
//! we point elsewhere: at the option where protoc says line 1, at what is open where it says the
//! end of the file. The files see each other under their paths. `cargo xtask compat cases` asks
//! protoc for its verdicts again.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use buffa::Message;
use buffa_descriptor::generated::descriptor::FileDescriptorSet;
use protocall_schema::{MemorySources, Severity, Style, compile};

/// The files are judged in parallel: a build for tests takes a while for all.
const THREADS: usize = 4;

const CASES: &str = include_str!("golden/cases.txt");

#[derive(Clone, Copy)]
enum Expected {
    /// The hash of the descriptors.
    Valid(u64),
    /// The line of an error, and whether protoc names the same.
    Invalid { line: Option<usize>, as_protoc: bool },
}

struct Case<'a> {
    path: &'a str,
    expected: Expected,
    text: &'a str,
}

fn cases() -> Vec<Case<'static>> {
    let read = |part: &'static str| {
        let (head, text) = part.split_once('\n').unwrap();
        let mut words = head.split(' ');
        let path = words.next().unwrap();
        let expected = match words.next() {
            Some("accept") => {
                Expected::Valid(u64::from_str_radix(words.next().unwrap(), 16).unwrap())
            }
            Some("reject") => {
                let (theirs, ours) = (words.next().unwrap(), words.nth(1));
                let line = ours.unwrap_or(theirs).parse().ok();
                Expected::Invalid { line, as_protoc: theirs != "-" && ours.is_none() }
            }
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
    let count =
        |accept: fn(&Expected) -> bool| cases.iter().filter(|case| accept(&case.expected)).count();
    let valid = count(|expected| matches!(expected, Expected::Valid(_)));
    let same_line = count(|case| matches!(case, Expected::Invalid { as_protoc: true, .. }));
    let lines_of_ours =
        count(|case| matches!(case, Expected::Invalid { line: Some(_), as_protoc: false }));
    assert!(valid > 400 && same_line > 380, "{valid} valid, {same_line} rejected at protoc's line");
    assert!(lines_of_ours < 80, "{lines_of_ours} rejected elsewhere");
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
        let is_at = |line| {
            compilation.diagnostics().iter().any(|diagnostic| {
                let place = diagnostic.location().filter(|place| place.file == case.path);
                diagnostic.severity() == Severity::Error && place.is_some_and(|p| p.line == line)
            })
        };
        match (compilation.schema(), case.expected) {
            (None, Expected::Invalid { line, .. }) => {
                assert!(!diagnostics.is_empty(), "{}", case.path);
                if line.is_some_and(|line| !is_at(line)) {
                    failures
                        .push(format!("{}: no error at line {line:?}\n{diagnostics}", case.path));
                }
            }
            (None, Expected::Valid(_)) => {
                failures.push(format!("{} is valid:\n{diagnostics}", case.path));
            }
            (Some(_), Expected::Invalid { .. }) => {
                failures.push(format!("{} is not valid", case.path));
            }
            (Some(schema), Expected::Valid(expected)) => {
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
