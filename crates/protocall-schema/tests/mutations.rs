//! No input makes the compiler panic or run away: the golden files with random edits, and tokens
//! in random order. A failure prints the input that caused it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "support/mod.rs"]
mod support;

use proptest::prelude::*;
use protocall_schema::{MemorySources, SourceTree, Style, compile};
use support::{Golden, inputs};

/// The golden file with another text in its place.
struct Edited<'a>(&'a str);

impl SourceTree for Edited<'_> {
    fn read(&self, path: &str) -> Result<Option<String>, protocall_schema::SourceError> {
        if path == "edited.proto" { Ok(Some(self.0.to_owned())) } else { Golden.read(path) }
    }
}

/// One edit at a place given as a fraction of the text.
#[derive(Clone, Debug)]
enum Edit {
    Delete(f64, usize),
    Insert(f64, String),
    Duplicate(f64, usize),
    Cut(f64),
}

const SNIPPETS: [&str; 34] = [
    "{",
    "}",
    "[",
    "]",
    "(",
    ")",
    ";",
    ",",
    "=",
    ".",
    "<",
    ">",
    "\"",
    "'",
    "\\",
    "/*",
    "//",
    "\n",
    "\t",
    "-1",
    "0",
    "99999999999999999999",
    "1e999",
    "0x",
    " message M {",
    " enum E {",
    " oneof o {",
    " option (a).b = {",
    " extend M {",
    " extensions 1 to max",
    " map<string, M>",
    " group G = 1 {",
    "\u{e9}",
    "\0",
];

fn edit() -> impl Strategy<Value = Edit> {
    let snippet = prop::sample::select(&SNIPPETS[..]).prop_map(str::to_owned);
    prop_oneof![
        (0.0..1.0f64, 1..40usize).prop_map(|(at, count)| Edit::Delete(at, count)),
        (0.0..1.0f64, snippet).prop_map(|(at, text)| Edit::Insert(at, text)),
        (0.0..1.0f64, 1..200usize).prop_map(|(at, count)| Edit::Duplicate(at, count)),
        (0.0..1.0f64).prop_map(Edit::Cut),
    ]
}

fn apply(text: &str, edit: &Edit) -> String {
    let mut characters: Vec<char> = text.chars().collect();
    let place = |at: f64| ((characters.len() as f64) * at) as usize;
    match edit {
        Edit::Delete(at, count) => {
            let start = place(*at);
            let end = (start + count).min(characters.len());
            characters.drain(start..end);
        }
        Edit::Insert(at, snippet) => {
            let start = place(*at);
            characters.splice(start..start, snippet.chars());
        }
        Edit::Duplicate(at, count) => {
            let start = place(*at);
            let end = (start + count).min(characters.len());
            let copy = characters[start..end].to_vec();
            characters.splice(end..end, copy);
        }
        Edit::Cut(at) => characters.truncate(place(*at)),
    }
    characters.into_iter().collect()
}

fn compiles_or_reports(text: &str) {
    let compilation = compile(&Edited(text), &["edited.proto"]);
    let report = compilation.diagnostics().render(Style::Color);
    assert_eq!(compilation.schema().is_none(), compilation.diagnostics().has_errors());
    assert_eq!(report.is_empty(), compilation.diagnostics().is_empty());
}

fn golden() -> Vec<String> {
    [inputs("valid"), inputs("invalid")].concat()
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 400,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn edited_files(
        path in prop::sample::select(golden()),
        edits in prop::collection::vec(edit(), 1..6),
    ) {
        let mut text = Golden.read(&path).unwrap().unwrap();
        for edit in &edits {
            text = apply(&text, edit);
        }
        compiles_or_reports(&text);
    }

    #[test]
    fn tokens_in_any_order(
        snippets in prop::collection::vec(prop::sample::select(&SNIPPETS[..]), 0..60)
    ) {
        compiles_or_reports(&snippets.concat());
    }
}

/// Deep nesting of every recursive construct is an error, not an overflow of the stack.
#[test]
fn deep_nesting() {
    const DEPTH: usize = 100_000;
    let around = |open: &str, inner: &str, close: &str| {
        format!("syntax = \"proto3\"; {}{inner}{}", open.repeat(DEPTH), close.repeat(DEPTH))
    };
    let messages = around("message M { ", "", "}");
    let groups = around("message M { repeated group G = 1 { ", "", "} }");
    let values = format!("option (a) = {};", around("{ a ", "{}", "}").split_once(';').unwrap().1);
    let lists = format!("option (a) = {{ a: {} }};", "[".repeat(DEPTH));
    let braces = "{".repeat(DEPTH);
    for text in [messages, groups, values, lists, braces] {
        let sources = MemorySources::new().with("deep.proto", text);
        let compilation = compile(&sources, &["deep.proto"]);
        assert!(compilation.diagnostics().has_errors());
    }
}

/// A chain of imports longer than the limit is an error, not an overflow of the stack.
#[test]
fn deep_imports() {
    let mut sources = MemorySources::new();
    for file in 0..1000 {
        let text = format!("syntax = \"proto3\"; import \"{}.proto\";", file + 1);
        sources.insert(format!("{file}.proto"), text);
    }
    let compilation = compile(&sources, &["0.proto"]);
    let codes: Vec<&str> = compilation.diagnostics().iter().map(|d| d.code().as_str()).collect();
    assert!(codes.contains(&"P0903"), "{codes:?}");
}

/// A file beyond the size limit is refused before it is read any further.
#[test]
fn huge_file() {
    let sources = MemorySources::new().with("huge.proto", " ".repeat(32 * 1024 * 1024 + 1));
    let compilation = compile(&sources, &["huge.proto"]);
    let codes: Vec<&str> = compilation.diagnostics().iter().map(|d| d.code().as_str()).collect();
    assert_eq!(codes, ["P0901"]);
}

/// Thousands of mistakes are counted, and only the first ones are kept.
#[test]
fn many_mistakes() {
    let fields = "Missing m = 1;\n".repeat(2_000);
    let sources = MemorySources::new()
        .with("many.proto", format!("syntax = \"proto3\";\nmessage M {{\n{fields}}}\n"));
    let compilation = compile(&sources, &["many.proto"]);
    let errors = compilation.diagnostics().error_count();
    assert!(errors >= 4_000);
    assert_eq!(compilation.diagnostics().iter().count(), 500);
    let report = compilation.diagnostics().render(Style::Plain);
    assert!(report.ends_with(&format!("... and {} more\n", errors - 500)));
}
