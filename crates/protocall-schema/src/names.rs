//! How names are made from names: JSON names, map entries, synthetic oneofs, scopes.

use std::collections::HashSet;

/// `scope.name`, or `name` alone in the empty scope.
pub(crate) fn join(scope: &str, name: &str) -> String {
    if scope.is_empty() { name.to_owned() } else { format!("{scope}.{name}") }
}

/// The part before the last dot; empty if there is none.
pub(crate) fn parent(full_name: &str) -> &str {
    full_name.rsplit_once('.').map_or("", |(parent, _)| parent)
}

/// The part behind the last dot.
pub(crate) fn last(full_name: &str) -> &str {
    full_name.rsplit_once('.').map_or(full_name, |(_, last)| last)
}

/// `foo_bar` as `fooBar`: underscores go, and the letter behind each becomes a capital.
pub(crate) fn json_name(field: &str) -> String {
    camel(field, false)
}

/// `foo_bar` as `FooBarEntry`: the message behind a map field.
pub(crate) fn map_entry(field: &str) -> String {
    camel(field, true) + "Entry"
}

/// The names of the oneofs behind `optional` fields, in the fields' order: the field's name with
/// `_` in front, and `X` in front of that as long as a field or oneof has the name already.
pub(crate) fn synthetic_oneofs<'n>(
    optional_fields: impl Iterator<Item = &'n str>,
    mut taken: HashSet<String>,
) -> Vec<String> {
    let mut names = Vec::new();
    for field in optional_fields {
        let mut name = if field.starts_with('_') { field.to_owned() } else { format!("_{field}") };
        while taken.contains(&name) {
            name.insert(0, 'X');
        }
        taken.insert(name.clone());
        names.push(name);
    }
    names
}

fn camel(name: &str, mut capital: bool) -> String {
    let mut out = String::with_capacity(name.len());
    for character in name.chars() {
        if character == '_' {
            capital = true;
        } else {
            out.push(if capital { character.to_ascii_uppercase() } else { character });
            capital = false;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn derived_names() {
        assert_eq!(json_name("foo_bar_2x"), "fooBar2x");
        assert_eq!(json_name("_x"), "X");
        assert_eq!(json_name("Foo__bar_"), "FooBar");
        assert_eq!(map_entry("string_map"), "StringMapEntry");
        assert_eq!(map_entry("a1_b"), "A1BEntry");
        assert_eq!(parent("a.b.c"), "a.b");
        assert_eq!(last("a.b.c"), "c");
        assert_eq!(join("", "x"), "x");
    }
}
