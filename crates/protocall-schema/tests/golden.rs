//! The golden corpus: each `tests/golden/valid/*.proto` must compile to the descriptors beside it
//! (`.desc.txt`) with the warnings beside it (`.diag.txt`, none if missing), and each
//! `tests/golden/invalid/*.proto` must give exactly the diagnostics beside it.
//! `PROTOCALL_REFRESH=1 cargo test -p protocall-schema --test golden` rewrites the expectations:
//! read the difference before committing it. Valid files are valid, and invalid ones invalid, for
//! protoc too, except `invalid/limit_*`, which cross limits of our own.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "support/dump.rs"]
mod dump;
#[path = "support/mod.rs"]
mod support;

use protocall_schema::{Style, compile};
use support::{Golden, folder, inputs};

/// Compares with the expectation file, or rewrites it; a missing file means the empty text.
fn expect(path: &str, actual: &str, failures: &mut Vec<String>) {
    let file = folder().join(path);
    let expected = std::fs::read_to_string(&file).unwrap_or_default();
    if expected == actual {
        return;
    }
    if std::env::var("PROTOCALL_REFRESH").as_deref() != Ok("1") {
        let difference = expected.lines().zip(actual.lines()).find(|(old, new)| old != new);
        failures.push(format!("{path}: first difference {difference:#?}"));
    } else if actual.is_empty() {
        std::fs::remove_file(file).unwrap();
    } else {
        std::fs::write(file, actual).unwrap();
    }
}

#[test]
fn valid_files_give_the_expected_descriptors() {
    let mut failures = Vec::new();
    for path in inputs("valid") {
        let compilation = compile(&Golden, &[&path]);
        let stem = path.trim_end_matches(".proto");
        let diagnostics = compilation.diagnostics().render(Style::Plain);
        expect(&format!("{stem}.diag.txt"), &diagnostics, &mut failures);
        let Some(schema) = compilation.schema() else {
            failures.push(format!("{path} does not compile:\n{diagnostics}"));
            continue;
        };
        assert_eq!(schema.roots(), std::slice::from_ref(&path));
        let file = schema.descriptor_set().file.last().unwrap();
        assert_eq!(file.name.as_deref(), Some(path.as_str()), "imports come before importers");
        expect(&format!("{stem}.desc.txt"), &dump::file(file), &mut failures);
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn invalid_files_give_the_expected_diagnostics() {
    let mut failures = Vec::new();
    for path in inputs("invalid") {
        let compilation = compile(&Golden, &[&path]);
        let diagnostics = compilation.diagnostics().render(Style::Plain);
        if !compilation.diagnostics().has_errors() || compilation.schema().is_some() {
            failures.push(format!("{path} compiles"));
        }
        let stem = path.trim_end_matches(".proto");
        expect(&format!("{stem}.diag.txt"), &diagnostics, &mut failures);
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// The page of codes says what the compiler says.
#[test]
fn every_code_is_documented() {
    let page = folder().join("../../../../docs/diagnostics.md");
    let mut text = String::from(
        "# Diagnostics\n\nThe codes of the compiler's errors and warnings. A code keeps its meaning \
         for ever; wording may\nimprove. `--error_format=json` gives them as fields, with places, \
         labels and hints. This page is written by\na test (`PROTOCALL_REFRESH=1 cargo test -p \
         protocall-schema --test golden`).\n",
    );
    let groups = [
        ("P01", "Text and syntax"),
        ("P02", "Names"),
        ("P03", "Imports"),
        ("P04", "Numbers, fields, enums"),
        ("P05", "Options"),
        ("P06", "Rules of a syntax or edition"),
        ("P09", "Limits"),
    ];
    for (prefix, title) in groups {
        text.push_str(&format!("\n## {title}\n\n| code | what is wrong |\n|---|---|\n"));
        for code in protocall_schema::codes().filter(|code| code.as_str().starts_with(prefix)) {
            text.push_str(&format!("| {code} | {} |\n", code.meaning()));
        }
    }
    if std::env::var("PROTOCALL_REFRESH").as_deref() == Ok("1") {
        std::fs::write(&page, &text).unwrap();
    }
    assert_eq!(std::fs::read_to_string(page).unwrap(), text);
    let listed = text.lines().filter(|line| line.starts_with("| P")).count();
    assert_eq!(listed, protocall_schema::codes().count(), "a code of no group");
}

/// Colour changes nothing but the colour.
#[test]
fn colour_is_added_on_request_only() {
    let compilation = compile(&Golden, &["invalid/five_mistakes.proto"]);
    let plain = compilation.diagnostics().render(Style::Plain);
    let color = compilation.diagnostics().render(Style::Color);
    assert!(!plain.contains('\u{1b}') && color.contains("\u{1b}["));
    let mut stripped = String::new();
    let mut rest = color.as_str();
    while let Some((before, after)) = rest.split_once("\u{1b}[") {
        stripped.push_str(before);
        rest = after.split_once('m').unwrap().1;
    }
    stripped.push_str(rest);
    assert_eq!(stripped, plain);
}

/// The places of a diagnostic are those that people count.
#[test]
fn places_are_counted_from_one() {
    let sources = protocall_schema::MemorySources::new()
        .with("place.proto", "syntax = \"proto3\";\nmessage M {\n  /* \u{e9} */ Strin a = 1;\n}\n");
    let compilation = compile(&sources, &["place.proto"]);
    let diagnostic = compilation.diagnostics().iter().next().unwrap();
    let place = diagnostic.location().unwrap();
    assert_eq!(
        (place.file.as_str(), place.line, place.column, place.len),
        ("place.proto", 3, 11, 5)
    );
    assert_eq!(diagnostic.code().as_str(), "P0201");
    let line = "place.proto:3:11: error[P0201]: unknown type `Strin`";
    assert_eq!(diagnostic.to_string(), line);
}

/// A root that does not exist has no place in any file.
#[test]
fn a_missing_root_is_an_error() {
    let compilation = compile(&protocall_schema::MemorySources::new(), &["none.proto"]);
    let errors = compilation.into_result().unwrap_err();
    assert_eq!(errors.error_count(), 1);
    assert!(errors.iter().next().unwrap().location().is_none());
    assert!(errors.to_string().contains("none.proto"));
}

/// No expectation is left behind when its input goes.
#[test]
fn every_expectation_has_an_input() {
    for sub in ["valid", "invalid"] {
        for entry in std::fs::read_dir(folder().join(sub)).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            let stem = name.split('.').next().unwrap();
            let input = folder().join(sub).join(format!("{stem}.proto"));
            assert!(input.exists(), "{sub}/{name} has no {stem}.proto");
        }
    }
}
