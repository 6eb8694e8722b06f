//! What the pure crates must not name: sockets, files, clocks, threads, wakers, runtimes.
//! The wasm build alone does not prove this, since std has those names there too and fails at
//! run time. Tests inside the crates may use what they like.

use super::edges;
use crate::source::{Source, has_word, is_word};

/// Paths that a pure crate must not name, with what to do instead.
const FORBIDDEN: &[(&str, &str)] = &[
    ("std::net", "the transport owns sockets"),
    ("std::fs", "the caller reads files"),
    ("std::thread", "the driver decides who runs where"),
    ("std::process", "return an error"),
    ("std::env", "take a setting as an argument"),
    ("std::task", "wakers live in the transport"),
    ("core::task", "wakers live in the transport"),
    ("std::time::Instant", "time is an argument"),
    ("std::time::SystemTime", "time is an argument"),
    ("Instant::now", "time is an argument"),
    ("SystemTime::now", "time is an argument"),
    ("tokio", "the transport owns the runtime"),
];

/// Whether a file belongs to a pure crate's product.
pub(super) fn applies(path: &str) -> bool {
    path.ends_with(".rs")
        && !path.ends_with("/tests.rs")
        && !path.contains("/tests/")
        && edges::pure().any(|name| path.starts_with(&format!("crates/{name}/src/")))
}

/// `line: sentence` for each forbidden path that the product's code names.
pub(super) fn judge(source: &Source) -> Vec<String> {
    let code = source.product_code();
    let mut findings = Vec::new();
    for (line, path) in paths(&code) {
        for (forbidden, instead) in FORBIDDEN {
            if has_word(&path, forbidden) {
                findings.push(format!("{line}: `{forbidden}` in a pure crate: {instead}"));
            }
        }
    }
    findings
}

/// Every path in the code with its line, groups written out: `a::{b, c}` gives `a::b`, `a::c`.
fn paths(code: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut prefixes: Vec<String> = Vec::new();
    let mut current = String::new();
    let mut line = 1;
    let mut chars = code.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\n' => line += 1,
            ' ' | '\t' if chars.peek() == Some(&':') => continue,
            _ => {}
        }
        if is_word(c) {
            current.push(c);
        } else if c == ':' && chars.peek() == Some(&':') {
            chars.next();
            current.push_str("::");
            while chars.next_if(|c| c.is_whitespace()).is_some() {}
        } else {
            let inside = prefixes.last().cloned().unwrap_or_default();
            let path = format!("{inside}{current}");
            current.clear();
            match c {
                '{' => prefixes.push(if path.ends_with("::") { path } else { String::new() }),
                _ if path.is_empty() => {}
                _ => found.push((line, path)),
            }
            if c == '}' {
                prefixes.pop();
            }
        }
    }
    found
}
