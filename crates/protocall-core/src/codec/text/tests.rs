//! Which names in brackets change, and that nothing else does.

use proptest::prelude::*;

use super::*;

#[test]
fn what_buffa_reads_stays_as_it_is() {
    for text in [
        "",
        "a: 1 b { c: [1, 2] }",
        "[x.ext]: 5",
        "[type.googleapis.com/x.T] { a: 1 }",
        "a: \"[ x . y ]\" b: '[ x/\\'y ]'",
        "# [ a . b ]\na: [ -1 , 2.5e-3, inf ]",
        "a: [ { b: 1 }, < c: \"x\" > ] d { }",
        "a [{ b: [ ] }] [x.y] { }",
        // wrong, and for buffa to say so
        "[x.T",
        "[a/%ZZ/x.T] {}",
        "[/x.T] {}",
        "[a b'c/x.T] {}",
        "}}]]>",
        "a: 'never closed [ x . y ]",
    ] {
        assert!(matches!(normalized(text), Cow::Borrowed(same) if same == text), "{text}");
    }
}

#[test]
fn blanks_and_comments_leave_the_brackets() {
    assert_eq!(normalized("[ x . ext ]: 5"), "[x.ext]: 5");
    assert_eq!(normalized("a { [x #]\n.y]: [1] }"), "a { [x.y\n]: [1] }");
    assert_eq!(normalized("[ty pe.googleapis\t.com/x. T] {}"), "[type.googleapis.com/x.T] {}");
    assert_eq!(
        normalized("a [{ [ x.y ]: 1 }, { [ x.z ] { } }]"),
        "a [{ [x.y]: 1 }, { [x.z] { } }]"
    );
    assert_eq!(
        normalized("a: - 5 [ x.y ]: \"a\" 'b' [ x.z ]: 1"),
        "a: - 5 [x.y]: \"a\" 'b' [x.z]: 1"
    );
    assert_eq!(normalized("a: 1e-5 [ x.y ]: 1"), "a: 1e-5 [x.y]: 1");
}

#[test]
fn an_any_of_another_domain_is_found_by_its_type() {
    assert_eq!(
        normalized("any { [a.b/~!$&()*+,;=/%2F/x.T] { [ x.y ]: 1 } } c: 2"),
        "any { [type.googleapis.com/x.T] { [x.y]: 1 } type_url: \"a.b/~!$&()*+,;=/%2F/x.T\" } c: 2"
    );
    assert_eq!(
        normalized("[a/x.T] { any < [b/x.U]: < > > }"),
        "[type.googleapis.com/x.T] { any < [type.googleapis.com/x.U]: < > type_url: \"b/x.U\" > } \
         type_url: \"a/x.T\""
    );
}

proptest! {
    #[test]
    fn any_text_goes_through_and_once_is_enough(text in "[\\[\\]{}<>:#a/x.'\"\\\\% ,\\n-]{0,40}") {
        let once = normalized(&text).into_owned();
        prop_assert_eq!(normalized(&once), once.as_str());
    }
}
