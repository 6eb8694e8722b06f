//! The golden corpus: each `tests/golden/valid/*.proto` must compile to the descriptors beside it
//! (`.desc.txt`) with the warnings beside it (`.diag.txt`, none if missing), and each
//! `tests/golden/invalid/*.proto` must give exactly the diagnostics beside it.
//! `UPDATE_GOLDEN=1 cargo test -p protocall-schema --test golden` rewrites the expectations: read
//! the difference before committing it. Valid files are valid, and invalid ones invalid, for
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
    if std::env::var_os("UPDATE_GOLDEN").is_none() {
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
        assert_eq!(schema.roots(), [path.clone()]);
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
