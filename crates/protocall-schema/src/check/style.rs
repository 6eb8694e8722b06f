//! Naming style, where an edition enforces it.
//! Specification: `FeatureSet.EnforceNamingStyle` and protobuf.dev/programming-guides/style.

use std::collections::HashSet;

use super::Checker;
use crate::code;
use crate::model::{MessageInfo, NameStyle, StyledName};

impl Checker<'_> {
    pub(super) fn styles(&mut self) {
        let model = self.model;
        for name in model.styled() {
            let Some(problem) = problem(name.style, &name.text) else { continue };
            let text = format!("{} name `{}` {problem}", name.what, name.text);
            let hint = match suggestion(name) {
                Some(better) => format!("write `{better}`"),
                None => "set `features.enforce_naming_style = STYLE_LEGACY` to allow it".to_owned(),
            };
            self.report(name.file, code::NAMING_STYLE, text, name.span, "", |d, _| d.hint(hint));
        }
    }
}

impl Checker<'_> {
    /// Under the style of 2026 a field keeps clear of the names that generated code makes of
    /// another one's.
    pub(super) fn collisions(&mut self, message: &MessageInfo) {
        let fields = message.fields.iter().map(|field| (&field.name, field.name_span));
        let oneofs = message.oneofs.iter().map(|oneof| (&oneof.name, oneof.span));
        let peers: HashSet<&str> =
            fields.clone().chain(oneofs.clone()).map(|(name, _)| name.as_str()).collect();
        let strict = message.fields.iter().map(|field| field.features.enforces_collisions());
        let strict =
            strict.chain(message.oneofs.iter().map(|oneof| oneof.features.enforces_collisions()));
        for ((name, span), _) in fields.chain(oneofs).zip(strict).filter(|(_, strict)| *strict) {
            let rest = ["has_", "get_", "set_", "clear_"]
                .iter()
                .find_map(|prefix| name.strip_prefix(prefix).filter(|rest| peers.contains(rest)))
                .or_else(|| name.strip_suffix("_value").filter(|rest| peers.contains(rest)));
            let text = match rest {
                Some(rest) => format!("`{name}` is a name that generated code makes of `{rest}`"),
                None if name == "descriptor" => {
                    "`descriptor` is a name that generated code needs".to_owned()
                }
                None => continue,
            };
            self.error(message.file, code::NAMING_STYLE, text, span, "");
        }
    }
}

/// Why a name does not have the style.
fn problem(style: NameStyle, name: &str) -> Option<&'static str> {
    let first = name.bytes().next()?;
    match style {
        NameStyle::Title => {
            if !name.bytes().all(|b| b.is_ascii_alphanumeric()) {
                return Some("is not in TitleCase");
            }
            (!first.is_ascii_uppercase()).then_some("does not begin with a capital letter")
        }
        NameStyle::LowerSnake => {
            let fits =
                |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'_' | b'.');
            if !name.bytes().all(fits) {
                return Some("is not in lower_snake_case");
            }
            if !first.is_ascii_lowercase() {
                return Some("does not begin with a lower-case letter");
            }
            stray_underscore(name).then_some("has an underscore that is not between words")
        }
        NameStyle::UpperSnake => {
            let fits = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_';
            if !name.bytes().all(fits) {
                return Some("is not in UPPER_SNAKE_CASE");
            }
            if !first.is_ascii_uppercase() {
                return Some("does not begin with a capital letter");
            }
            stray_underscore(name).then_some("has an underscore that is not between words")
        }
    }
}

/// At either end, doubled, or in front of what is not a letter.
fn stray_underscore(name: &str) -> bool {
    name.starts_with('_')
        || name.ends_with('_')
        || name.as_bytes().windows(2).any(|pair| match pair {
            [b'_', next] => !next.is_ascii_alphabetic(),
            _ => false,
        })
}

/// The name in its style, if that is easily said.
fn suggestion(name: &StyledName) -> Option<String> {
    let mut words: Vec<String> = Vec::new();
    for part in name.text.split('_').filter(|part| !part.is_empty()) {
        let mut word = String::new();
        let mut before_lower = false;
        for c in part.chars() {
            if c.is_ascii_uppercase() && before_lower {
                words.push(std::mem::take(&mut word));
            }
            before_lower = c.is_ascii_lowercase();
            word.push(c);
        }
        words.push(word);
    }
    let better = match name.style {
        NameStyle::LowerSnake => words.join("_").to_ascii_lowercase(),
        NameStyle::UpperSnake => words.join("_").to_ascii_uppercase(),
        NameStyle::Title => words.iter().map(|word| capitalized(word)).collect(),
    };
    (better != name.text && problem(name.style, &better).is_none()).then_some(better)
}

fn capitalized(word: &str) -> String {
    let mut characters = word.chars();
    match characters.next() {
        Some(first) => first.to_ascii_uppercase().to_string() + characters.as_str(),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn styles_are_told_apart() {
        for (style, good, bad) in [
            (NameStyle::Title, "HttpRequest2", "http_request"),
            (NameStyle::LowerSnake, "a.b2.some_name", "someName"),
            (NameStyle::LowerSnake, "name2", "name_2"),
            (NameStyle::LowerSnake, "a_b", "a__b"),
            (NameStyle::UpperSnake, "SOME_VALUE", "Some_Value"),
            (NameStyle::UpperSnake, "V1", "V1_"),
        ] {
            assert_eq!(problem(style, good), None, "{good}");
            assert!(problem(style, bad).is_some(), "{bad}");
        }
    }

    #[test]
    fn the_name_in_its_style_is_suggested() {
        let better = |style, text: &str| {
            let span = crate::source::Span::default();
            suggestion(&StyledName { file: 0, what: "field", style, text: text.into(), span })
        };
        assert_eq!(better(NameStyle::LowerSnake, "someName").as_deref(), Some("some_name"));
        assert_eq!(better(NameStyle::Title, "http_request").as_deref(), Some("HttpRequest"));
        assert_eq!(better(NameStyle::UpperSnake, "value").as_deref(), Some("VALUE"));
        assert_eq!(better(NameStyle::LowerSnake, "a_1"), None);
    }
}
