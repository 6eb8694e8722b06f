//! Comments as people write them, and what rustdoc gets to see.

use super::markdown;

#[test]
fn prose_loses_its_leading_blank_and_keeps_its_paragraphs() {
    assert_eq!(markdown(" Says hello.\n\n Twice.\n\n"), ["Says hello.", "", "Twice."]);
}

#[test]
fn indented_code_is_never_a_test() {
    assert_eq!(
        markdown(" Call it:\n\n     let x = 1;\n\n     x\n after"),
        ["Call it:", "", "```text", "    let x = 1;", "", "    x", "```", "after"]
    );
    assert_eq!(markdown("\tx"), ["```text", "\tx", "```"]);
}

#[test]
fn fenced_code_is_never_a_test() {
    assert_eq!(markdown(" ```rust\n f()\n ```\n b"), ["```text", "f()", "```", "b"]);
    assert_eq!(markdown(" ~~~\n ```\n ~~~"), ["~~~text", "```", "~~~"]);
    assert_eq!(markdown(" ```\n open"), ["```text", "open", "```"]);
}

#[test]
fn brackets_and_tags_are_text_unless_they_are_links() {
    assert_eq!(markdown(" [Foo][bar] and Map<K, V>"), ["\\[Foo]\\[bar] and Map\\<K, V>"]);
    assert_eq!(markdown(" `[x] <y>`"), ["`[x] <y>`"]);
    assert_eq!(
        markdown(" [a](https://a.example) <https://b.example>"),
        ["[a](https://a.example) <https://b.example>"]
    );
}
