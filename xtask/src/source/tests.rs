//! Each lexical corner that has fooled a scanner: quotes in comments, comments in strings,
//! raw strings, lifetimes, nested comments.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::*;

fn code(text: &str) -> String {
    Source::new(text).only(Kind::Code)
}

#[test]
fn strings_are_not_code() {
    assert!(!code(r#"let a = "todo!()";"#).contains("todo"));
    assert!(!code("let a = r#\"a \" todo!()\"#; b").contains("todo"));
    assert!(!code("let a = br\"todo!()\"; b").contains("todo"));
    assert!(!code(r#"let a = "\" todo!()";"#).contains("todo"));
}

#[test]
fn code_after_a_literal_is_code() {
    for literal in [r#""a""#, "r#\"a\"#", "b'\"'", r"'\''", r"'\u{1F600}'", "'\"'", r#""\\""#] {
        assert!(code(&format!("{literal}; dbg!()")).contains("dbg!"), "{literal}");
    }
}

#[test]
fn lifetimes_are_code() {
    assert_eq!(code("fn a<'a>(b: &'a str) {}"), "fn a<'a>(b: &'a str) {}");
    assert!(code("'outer: loop { break 'outer; } dbg!()").contains("dbg!"));
}

#[test]
fn raw_identifiers_are_code() {
    assert!(code("let r#type = 1; dbg!()").contains("dbg!"));
}

#[test]
fn comments_nest_and_end() {
    assert!(!code("/* a /* b */ todo!() */").contains("todo"));
    assert!(code("/* a /* b */ */ todo!()").contains("todo!"));
    assert!(code("// it's\ntodo!()").contains("todo!"));
    assert!(!code("a // \"\ntodo").contains('"'));
    assert!(Source::new("a // word\nb").only(Kind::Comment).contains("// word"));
}

#[test]
fn lines_stay_where_they_were() {
    let text = "a /* b\nc */ d\n\"e\nf\" g\n";
    assert_eq!(code(text).lines().count(), text.lines().count());
    assert!(code(text).lines().nth(1).unwrap().contains('d'));
}

#[test]
fn tests_are_not_product() {
    let text = "fn a() {}\n#[cfg(test)]\nmod tests {\n    fn b() {}\n}\nfn c() {}\n";
    let product = Source::new(text).product_code();
    assert!(product.contains("fn a") && product.contains("fn c") && !product.contains("fn b"));
    assert_eq!(Source::new(text).product_lines(), 2);
}

#[test]
fn a_test_module_in_a_file_ends_at_its_semicolon() {
    let text = "#[cfg(test)]\nmod tests;\nfn a() {\n}\n";
    assert!(Source::new(text).product_code().contains("fn a"));
}

#[test]
fn functions_are_measured_with_their_braces() {
    let text =
        "trait T { fn decl(&self) -> [u8; 4]; }\n\nfn long(\n  a: fn(u8) -> u8,\n) {\n  {}\n}\n";
    let functions = Source::new(text).functions();
    assert_eq!(functions, [Function { name: "long".to_owned(), line: 3, lines: 5 }]);
}

#[test]
fn literals_and_urls_do_not_make_a_line_long() {
    let long = "x".repeat(120);
    let lengths = Source::new(&format!("let a = \"{long}\";\n// http://{long}\n// {long}\n"));
    let lengths = lengths.breakable_lengths();
    assert!(lengths[0] < 20 && lengths[1] < 20 && lengths[2] > 120, "{lengths:?}");
}

#[test]
fn words_stand_alone() {
    assert!(has_word("a std::net b", "std::net"));
    assert!(!has_word("a std::network b", "std::net"));
    assert!(has_word("#[ignore = \"x\"]", "#[ignore"));
    assert!(!has_word("mytokio::x", "tokio::"));
}
