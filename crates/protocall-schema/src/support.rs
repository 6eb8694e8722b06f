//! In which editions a feature or option may be used, as its declaration says: what
//! `feature_support` of a field or enum value holds. Reads it off the syntax tree.
//! Specification: `FieldOptions.FeatureSupport` in `google/protobuf/descriptor.proto`.

use crate::source::Span;
use crate::syntax::{Level, OptionSetting, ValueKind};

/// The lifetime of a feature or option, in numbers of `google.protobuf.Edition`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Support {
    pub(crate) introduced: Option<i32>,
    pub(crate) deprecated: Option<i32>,
    pub(crate) removed: Option<i32>,
    pub(crate) deprecation_warning: Option<String>,
    pub(crate) removal_error: Option<String>,
    pub(crate) span: Span,
}

/// What use in a file comes to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Fine,
    Deprecated,
    TooEarly,
    Removed,
}

impl Support {
    pub(crate) fn verdict(&self, level: Level) -> Verdict {
        let edition = number(level);
        if edition < self.introduced.unwrap_or_default() {
            Verdict::TooEarly
        } else if self.removed.is_some_and(|removed| edition >= removed) {
            Verdict::Removed
        } else if self.deprecated.is_some_and(|deprecated| edition >= deprecated) {
            Verdict::Deprecated
        } else {
            Verdict::Fine
        }
    }

    /// What is wrong with the declaration itself.
    pub(crate) fn problem(&self) -> Option<&'static str> {
        let introduced = self.introduced.unwrap_or_default();
        let deprecated = self.deprecated.unwrap_or_default();
        if self.deprecated.is_some() {
            if deprecated < introduced {
                return Some("deprecated before it is introduced");
            }
            if self.deprecation_warning.is_none() {
                return Some("deprecated without a `deprecation_warning`");
            }
        } else if self.deprecation_warning.is_some() {
            return Some("a `deprecation_warning` without `edition_deprecated`");
        }
        let Some(removed) = self.removed else {
            let stray = self.removal_error.is_some();
            return stray.then_some("a `removal_error` without `edition_removed`");
        };
        if deprecated >= removed {
            return Some("deprecated after it is removed");
        }
        if removed < introduced {
            return Some("removed before it is introduced");
        }
        (introduced != removed && self.removal_error.is_none())
            .then_some("removed without a `removal_error`")
    }

    /// The lifetime of an enum's value: its own, and for the rest its field's.
    pub(crate) fn inside(&self, field: &Self) -> Self {
        Self {
            introduced: self.introduced.or(field.introduced),
            deprecated: self.deprecated.or(field.deprecated),
            removed: self.removed.or(field.removed),
            deprecation_warning: self
                .deprecation_warning
                .clone()
                .or_else(|| field.deprecation_warning.clone()),
            removal_error: self.removal_error.clone().or_else(|| field.removal_error.clone()),
            span: self.span,
        }
    }

    /// What is wrong with an enum value's lifetime (this one) beside its field's.
    pub(crate) fn problem_inside(&self, field: &Self) -> Option<&'static str> {
        let merged = self.inside(field);
        if let Some(problem) = merged.problem() {
            return Some(problem);
        }
        let beyond = |value: Option<i32>, field: Option<i32>| {
            field.is_some_and(|field| value.unwrap_or_default() > field)
        };
        if merged.introduced.unwrap_or_default() < field.introduced.unwrap_or_default() {
            Some("introduced before the field")
        } else if beyond(merged.removed, field.removed) {
            Some("removed after the field")
        } else if beyond(merged.deprecated, field.deprecated) {
            Some("deprecated after the field")
        } else {
            None
        }
    }
}

/// The declared lifetime, if there is one.
pub(crate) fn support<'s>(settings: impl Iterator<Item = &'s OptionSetting>) -> Option<Support> {
    let mut found: Option<Support> = None;
    for setting in settings {
        let [first, rest @ ..] = setting.name.as_slice() else { continue };
        if first.extension || first.name.text != "feature_support" {
            continue;
        }
        let support =
            found.get_or_insert_with(|| Support { span: setting.span, ..Support::default() });
        match (rest, &setting.value.kind) {
            ([part], value) => read(&part.name.text, value, support),
            ([], ValueKind::Message(fields)) => {
                for field in fields {
                    read(&field.name.text, &field.value.kind, support);
                }
            }
            _ => {}
        }
    }
    found
}

fn read(name: &str, value: &ValueKind, support: &mut Support) {
    match (name, value) {
        ("edition_introduced", value) => support.introduced = edition(value),
        ("edition_deprecated", value) => support.deprecated = edition(value),
        ("edition_removed", value) => support.removed = edition(value),
        ("deprecation_warning", ValueKind::String(text)) => {
            support.deprecation_warning = Some(String::from_utf8_lossy(text).into_owned());
        }
        ("removal_error", ValueKind::String(text)) => {
            support.removal_error = Some(String::from_utf8_lossy(text).into_owned());
        }
        _ => {}
    }
}

/// The numbers of `google.protobuf.Edition`.
const EDITIONS: [(&str, i32); 14] = [
    ("EDITION_UNKNOWN", 0),
    ("EDITION_1_TEST_ONLY", 1),
    ("EDITION_2_TEST_ONLY", 2),
    ("EDITION_LEGACY", 900),
    ("EDITION_PROTO2", 998),
    ("EDITION_PROTO3", 999),
    ("EDITION_2023", 1000),
    ("EDITION_2024", 1001),
    ("EDITION_2026", 1002),
    ("EDITION_UNSTABLE", 9999),
    ("EDITION_99997_TEST_ONLY", 99_997),
    ("EDITION_99998_TEST_ONLY", 99_998),
    ("EDITION_99999_TEST_ONLY", 99_999),
    ("EDITION_MAX", i32::MAX),
];

fn edition(value: &ValueKind) -> Option<i32> {
    match value {
        ValueKind::Identifier(name) => {
            EDITIONS.iter().find(|(known, _)| known == name).map(|(_, number)| *number)
        }
        ValueKind::Integer { negative: false, magnitude } => i32::try_from((*magnitude)?).ok(),
        _ => None,
    }
}

/// A file's edition, as `google.protobuf.Edition` numbers it.
fn number(level: Level) -> i32 {
    match level {
        Level::Proto2 => 998,
        Level::Proto3 => 999,
        Level::Edition2023 => 1000,
        Level::Edition2024 => 1001,
    }
}

/// An edition's number as people write it.
pub(crate) fn edition_name(number: i32) -> String {
    match EDITIONS.iter().find(|(_, known)| *known == number) {
        Some((name, _)) => name.trim_start_matches("EDITION_").to_ascii_lowercase(),
        None => number.to_string(),
    }
}
