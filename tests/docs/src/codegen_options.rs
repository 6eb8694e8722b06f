//! The page on options of generated code: its tables name every option, and each line of text that
//! they show is taken; the file that it shows is the one that its code compiles.

use protocall_build::{Config, options_from_parameter};

const PAGE: &str = include_str!("../../../docs/codegen.md");
const PROTO: &str = include_str!("../proto/shop.proto");

/// The first column of the tables.
fn texts() -> Vec<&'static str> {
    PAGE.lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once("` |"))
        .map(|(text, _)| text)
        .collect()
}

#[test]
fn the_page_shows_the_file_that_its_code_compiles() {
    let shown = PAGE.split_once("```protobuf\n").unwrap().1.split_once("```").unwrap().0;
    assert_eq!(shown, PROTO);
}

#[test]
fn every_line_of_text_is_taken() {
    let folder = tempfile::tempdir().unwrap();
    let proto = concat!(env!("CARGO_MANIFEST_DIR"), "/proto");
    for text in texts() {
        // without the imports' types there must be others
        let text = text.replace("imports=false", "imports=false,extern_path=.common=crate::common");
        let options =
            options_from_parameter(&text).unwrap_or_else(|error| panic!("{text}: {error}"));
        let config = Config::new().options(options).out_dir(folder.path());
        let compiled = config.compile(&["shop.proto"], &[proto]);
        assert!(compiled.is_ok(), "{text}: {}", compiled.unwrap_err());
    }
}

#[test]
fn every_option_is_there() {
    let error = options_from_parameter("no_such_option=1").unwrap_err().to_string();
    let (_, all) = error.split_once("there are ").unwrap();
    let shown = texts();
    let missing: Vec<&str> = all
        .split(", ")
        .filter(|option| !shown.iter().any(|text| text.split('=').next() == Some(option)))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
    assert!(all.split(", ").count() >= 25, "{all}");
}
