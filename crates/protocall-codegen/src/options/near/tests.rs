//! What is offered in place of a name that is not there.

use super::{edits, names};

const KNOWN: [&str; 5] =
    [".shop.v1.Order.items", ".shop.v1.Order.item_count", ".shop.v1.Orders", ".user.Name", ".x.Y"];

fn near(path: &str) -> Vec<String> {
    names(path, KNOWN.into_iter())
}

#[test]
fn misspelt_names_find_theirs() {
    assert_eq!(near(".shop.v1.Order.itms")[0], ".shop.v1.Order.items");
    assert_eq!(near(".shop.v1.order")[0], ".shop.v1.Order");
    assert_eq!(near(".shop.v2")[0], ".shop.v1");
}

#[test]
fn names_in_the_wrong_place_find_theirs() {
    assert_eq!(near(".Name"), [".user.Name"]);
    assert_eq!(near(".shop.Order"), [".shop.v1.Order"]);
    assert_eq!(near(".other.user.Name"), [".user.Name"]);
}

#[test]
fn what_is_like_nothing_finds_nothing() {
    assert!(near(".completely.different").is_empty());
    assert!(near(".").is_empty());
}

#[test]
fn edits_are_counted() {
    for (a, b, expected) in
        [("", "", 0), ("a", "", 1), ("", "ab", 2), ("kitten", "sitting", 3), ("ab", "ba", 2)]
    {
        assert_eq!(edits(a, b), expected, "{a} {b}");
    }
}
