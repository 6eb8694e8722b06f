//! Each rule is shown one tree that breaks it and nothing else, and a tree that breaks none.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::rules::{BANNED, PLACES, RULES, Within};
use super::*;

const MANIFEST: &str = "[package]\nname = \"protocall-http2\"\ndescription = \"It is.\"\n\
    license.workspace = true\n\n[lints]\nworkspace = true\n";
const MAP: &str = "# Map\n\n### `protocall-http2`\n\n- `frame`: heads of frames.\n";
const LIBRARY: &str = "//! A library.\n\npub mod frame;\n\n#[cfg(test)]\nmod tests;\n";
const FRAME: &str = "//! Frames.\n\nfn a() -> &'static str {\n    \"todo!\"\n}\n";

/// A tree without fault, with some files replaced or added.
fn tree(changes: &[(&str, String)]) -> Vec<File> {
    let clean = [
        ("ARCHITECTURE.md", MAP),
        ("crates/protocall-http2/Cargo.toml", MANIFEST),
        ("crates/protocall-http2/src/lib.rs", LIBRARY),
        ("crates/protocall-http2/src/frame.rs", FRAME),
    ];
    let mut files: Vec<File> = clean
        .iter()
        .filter(|(path, _)| changes.iter().all(|(changed, _)| changed != path))
        .map(|(path, text)| File::new(path, (*text).to_owned()))
        .collect();
    files.extend(changes.iter().map(|(path, text)| File::new(path, text.clone())));
    files
}

/// The names of the rules that a tree breaks.
fn broken(changes: &[(&str, String)]) -> Vec<&'static str> {
    let files = tree(changes);
    RULES.iter().filter(|rule| !(rule.check)(&files).is_empty()).map(|rule| rule.name).collect()
}

fn frame(text: &str) -> Vec<(&'static str, String)> {
    vec![("crates/protocall-http2/src/frame.rs", text.to_owned())]
}

fn function(lines: usize) -> String {
    format!("//! A.\n\nfn a() {{\n{}}}\n", "    b();\n".repeat(lines - 2))
}

#[test]
fn a_clean_tree_breaks_nothing() {
    assert_eq!(broken(&[]), [""; 0]);
}

#[test]
fn every_rule_can_fail_alone() {
    let manifest = "crates/protocall-http2/Cargo.toml";
    let no_lints = MANIFEST.replace("workspace = true\n", "workspace = false\n");
    let cases = [
        ("header", frame("fn a() {}\n")),
        ("columns", frame(&format!("//! A.\n\nfn {}() {{}}\n", "a".repeat(100)))),
        ("whitespace", frame("//! A. \n")),
        ("file-length", frame(&format!("//! A.\n{}", "use a;\n".repeat(600)))),
        ("function-length", frame(&function(71))),
        ("banned", frame("//! A.\n\nfn a() {\n    todo!()\n}\n")),
        ("places", frame(&format!("//! See {}a.\n", PLACES[0]))),
        ("manifest", vec![(manifest, no_lints)]),
        ("map", vec![("ARCHITECTURE.md", MAP.replace("frame", "flow"))]),
    ];
    for (rule, changes) in &cases {
        assert_eq!(broken(changes), [*rule]);
    }
    for rule in RULES {
        assert!(cases.iter().any(|(name, _)| *name == rule.name), "{} has no case", rule.name);
    }
}

#[test]
fn limits_are_met_exactly() {
    assert_eq!(broken(&frame(&function(70))), [""; 0]);
    assert_eq!(broken(&frame(&format!("//! A.\n{}", "use a;\n".repeat(599)))), [""; 0]);
    let name = "a".repeat(100 - "fn () {}".len());
    assert_eq!(broken(&frame(&format!("//! A.\n\nfn {name}() {{}}\n"))), [""; 0]);
}

#[test]
fn tests_do_not_count_as_length() {
    let tests = format!("#[cfg(test)]\nmod tests {{\n{}}}\n", "    use a;\n".repeat(700));
    assert_eq!(broken(&frame(&format!("//! A.\n\n{tests}"))), [""; 0]);
    let file = ("crates/protocall-http2/src/frame/tests.rs", "use a;\n".repeat(700));
    assert_eq!(broken(&[(file.0, format!("//! A.\n{}", file.1))]), [""; 0]);
}

#[test]
fn every_banned_word_is_found() {
    for banned in BANNED {
        let line = match banned.within {
            Within::Code => format!("{} x", banned.word),
            Within::Comments => format!("// {}: x", banned.word),
        };
        assert_eq!(broken(&frame(&format!("//! A.\n\n{line}\n"))), ["banned"], "{}", banned.word);
    }
    let later = format!("# A\n\n{} later\n", BANNED.last().unwrap().word);
    assert_eq!(broken(&[("README.md", later)]), ["banned"]);
}

#[test]
fn every_place_is_found_in_any_file() {
    for place in PLACES {
        assert_eq!(broken(&[("a.proto", format!("// {place}\n"))]), ["places"], "{place}");
    }
    assert_eq!(broken(&[("Cargo.lock", format!("{}\n", PLACES.last().unwrap()))]), [""; 0]);
    assert_eq!(broken(&[("a.md", format!("src{}page\n", PLACES[2]))]), [""; 0]);
}

#[test]
fn manifests_need_each_field() {
    for line in ["description = \"It is.\"\n", "license.workspace = true\n"] {
        let text = MANIFEST.replace(line, "");
        assert_eq!(broken(&[("crates/protocall-http2/Cargo.toml", text)]), ["manifest"], "{line}");
    }
}

#[test]
fn the_map_is_held_both_ways() {
    for map in [
        MAP.replace("protocall-http2", "other"),
        MAP.replace("- `frame`: heads of frames.\n", ""),
        format!("{MAP}- `gone`: is no more.\n"),
        format!("{MAP}\nSee `protocall-gone`.\n"),
    ] {
        assert_eq!(broken(&[("ARCHITECTURE.md", map.clone())]), ["map"], "{map}");
    }
}

#[test]
fn a_fixture_inside_a_crate_needs_no_place_on_the_map() {
    let text = MANIFEST.replace("http2", "stub").replace("workspace = true\n", "a = 1\n");
    let text = text.replace("license.a = 1", "license.workspace = true");
    assert_eq!(broken(&[("crates/protocall-http2/tests/stub/Cargo.toml", text.clone())]), [""; 0]);
    assert_eq!(broken(&[("crates/protocall-stub/Cargo.toml", text)]), ["manifest", "map"]);
}

#[test]
fn data_keeps_its_own_form() {
    let text = format!("fn a() {{}} \n{}\n", "x".repeat(200));
    assert_eq!(broken(&[("crates/protocall-http2/golden/a.rs", text)]), [""; 0]);
}

#[test]
fn findings_name_file_and_line() {
    let files = tree(&frame("//! A.\n\nfn a() {\n    dbg!(1);\n}\n"));
    let findings = text::banned(&files);
    assert_eq!(findings.len(), 1);
    assert_eq!(findings[0].path, "crates/protocall-http2/src/frame.rs");
    assert_eq!(findings[0].line, 4);
}
