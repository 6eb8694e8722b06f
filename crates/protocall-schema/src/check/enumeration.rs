//! Enums: at least one value, zero first in proto3, aliases declared, names apart without prefix.

use std::collections::HashMap;

use super::{Checker, overlap};
use crate::code;
use crate::diagnostic::Diagnostic;
use crate::model::{EnumInfo, EnumValueInfo};
use crate::names::last;
use crate::source::Span;
use crate::syntax::Level;

impl Checker<'_> {
    pub(super) fn enumeration(&mut self, item: &EnumInfo) {
        let Some(first) = item.values.first() else {
            let text = format!("enum `{}` has no values", last(&item.full_name));
            self.error(item.file, code::EMPTY_ENUM, text, item.name_span, "add at least one");
            return;
        };
        if !item.features.is_closed() && first.number.is_some_and(|number| number != 0) {
            self.first_not_zero(item, first);
        }
        self.aliases(item);
        self.enum_reserved(item);
        self.prefix_clashes(item);
        self.enum_export(item);
        self.value_support(item);
    }

    fn first_not_zero(&mut self, item: &EnumInfo, first: &EnumValueInfo) {
        let text = match item.level {
            Level::Proto3 => "the first value of a proto3 enum is zero",
            _ => "the first value of an open enum is zero",
        };
        let hint = match item.values.iter().find(|value| value.number == Some(0)) {
            Some(zero) => format!("move `{}` to the front", zero.name),
            None => format!("add `{}_UNSPECIFIED = 0;` in front", screaming(last(&item.full_name))),
        };
        self.report(
            item.file,
            code::FIRST_ENUM_VALUE,
            text,
            first.number_span,
            "not zero",
            |d, _| d.hint(hint),
        );
    }

    fn aliases(&mut self, item: &EnumInfo) {
        let allowed = matches!(item.allow_alias, Some((true, _)));
        let mut first_by_number: HashMap<i32, &EnumValueInfo> = HashMap::new();
        let mut any = false;
        for value in &item.values {
            let Some(number) = value.number else { continue };
            let Some(first) = first_by_number.get(&number) else {
                first_by_number.insert(number, value);
                continue;
            };
            any = true;
            if allowed {
                continue;
            }
            let text =
                format!("`{}` and `{}` have the same number {number}", first.name, value.name);
            let free = if self.diagnostics.is_full() { None } else { next_free(item) };
            let hint = free.map(|free| format!("the next free number is {free}"));
            self.report(
                item.file,
                code::DUPLICATE_ENUM_NUMBER,
                text,
                value.number_span,
                "",
                |d, source| {
                    d.also(source, first.number_span, "first used here").maybe_hint(hint).hint(
                        "if both names shall mean the same, write `option allow_alias = true;`",
                    )
                },
            );
        }
        match item.allow_alias {
            Some((true, span)) if !any => {
                let text = "`allow_alias` is set, but no two values have the same number";
                self.needless_alias(item, text, span);
            }
            Some((false, span)) => {
                self.needless_alias(item, "`allow_alias = false` has no effect", span);
            }
            _ => {}
        }
    }

    fn needless_alias(&mut self, item: &EnumInfo, text: &str, span: Span) {
        self.report(item.file, code::NEEDLESS_ALIAS, text, span, "remove this", |d, source| {
            // protoc says it when it has read the enum
            d.led_by(source, item.next, "after the enum before this")
        });
    }

    fn enum_reserved(&mut self, item: &EnumInfo) {
        if let Some((first, second)) = overlap(item.reserved.iter()) {
            self.overlapping(item.file, &first, &second);
        }
        for value in &item.values {
            let Some(number) = value.number else { continue };
            if let Some(range) = item.reserved.iter().find(|range| range.contains(number)) {
                let text = format!("number {number} is reserved");
                let label = format!("value `{}`", value.name);
                self.report(
                    item.file,
                    code::NUMBER_RESERVED,
                    text,
                    value.number_span,
                    &label,
                    |d, source| d.also_led_by(source, range.span, "reserved here"),
                );
            }
        }
        let used = item.values.iter().map(|value| (value.name.as_str(), value.name_span));
        self.names_not_reserved((item.file, item.name_span), &item.reserved_names, used);
    }

    /// Languages that put values inside the enum strip its name from theirs: names that differ
    /// only by that prefix and by case would meet there.
    fn prefix_clashes(&mut self, item: &EnumInfo) {
        let mut seen: HashMap<String, &EnumValueInfo> = HashMap::new();
        for value in &item.values {
            let stripped = strip_prefix(&value.name, last(&item.full_name));
            let Some(first) = seen.get(&stripped) else {
                seen.insert(stripped, value);
                continue;
            };
            if first.number == value.number || first.name == value.name {
                continue; // an alias, or reported as a duplicated name
            }
            let text = format!(
                "`{}` and `{}` are the same name once the enum's name and case are dropped",
                first.name, value.name
            );
            let is_error = item.level != Level::Proto2 || !item.json_conflicts_allowed;
            let Some(source) = self.source(item.file) else { return };
            let diagnostic = if is_error {
                Diagnostic::error(code::ENUM_PREFIX_CLASH, text)
            } else {
                Diagnostic::warning(code::ENUM_PREFIX_CLASH, text)
            };
            let diagnostic = diagnostic.at(source, value.name_span, "").also(
                source,
                first.name_span,
                "the other one",
            );
            self.diagnostics.push(diagnostic);
        }
    }
}

/// The lowest number from zero on that is neither used nor reserved.
fn next_free(item: &EnumInfo) -> Option<i32> {
    let mut taken: Vec<(i32, i32)> = item
        .values
        .iter()
        .filter_map(|value| value.number.map(|number| (number, number)))
        .chain(item.reserved.iter().map(|range| (range.start, range.end)))
        .collect();
    taken.sort_unstable();
    let mut free = 0i32;
    for (start, end) in taken {
        if start > free {
            break;
        }
        if end >= free {
            free = end.checked_add(1)?;
        }
    }
    Some(free)
}

/// `FooBar` as `FOO_BAR`.
fn screaming(name: &str) -> String {
    let mut out = String::new();
    for (at, character) in name.char_indices() {
        if at > 0 && character.is_ascii_uppercase() && !out.ends_with('_') {
            out.push('_');
        }
        out.push(character.to_ascii_uppercase());
    }
    out
}

/// The value's name in camel case without the enum's name in front.
fn strip_prefix(value: &str, enum_name: &str) -> String {
    let prefix: Vec<u8> =
        enum_name.bytes().filter(|b| *b != b'_').map(|b| b.to_ascii_lowercase()).collect();
    let mut matched = 0;
    let mut rest = value;
    let mut characters = value.char_indices();
    while matched < prefix.len() {
        match characters.next() {
            Some((_, '_')) => {}
            Some((_, c))
                if prefix
                    .get(matched)
                    .is_some_and(|p| char::from(*p) == c.to_ascii_lowercase()) =>
            {
                matched += 1;
            }
            _ => return camel(value),
        }
        rest = characters.as_str();
    }
    let rest = rest.trim_start_matches('_');
    if rest.is_empty() { camel(value) } else { camel(rest) }
}

fn camel(name: &str) -> String {
    let mut out = String::new();
    let mut capital = true;
    for character in name.chars() {
        if character == '_' {
            capital = true;
        } else {
            out.push(if capital {
                character.to_ascii_uppercase()
            } else {
                character.to_ascii_lowercase()
            });
            capital = false;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_are_dropped_without_regard_to_case_and_underscores() {
        assert_eq!(strip_prefix("MY_ENUM_FOO_BAR", "MyEnum"), "FooBar");
        assert_eq!(strip_prefix("MYENUM_FOO", "MyEnum"), "Foo");
        assert_eq!(strip_prefix("FOO", "MyEnum"), "Foo");
        assert_eq!(strip_prefix("MY_ENUM", "MyEnum"), "MyEnum");
        assert_eq!(screaming("PhoneType"), "PHONE_TYPE");
    }
}
