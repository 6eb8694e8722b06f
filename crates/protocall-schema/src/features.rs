//! Features: what decides under editions where the syntax decided before. The rules of proto2 and
//! proto3 are the features of two old editions, so that the passes ask for features alone.
//! Reads settings off the syntax tree; that they are valid options is checked by `options`.
//! Specification: protobuf.dev/editions/features and `FeatureSet` in `descriptor.proto`.

use crate::source::Span;
use crate::syntax::{Level, OptionSetting, ValueKind};

/// The features of `google.protobuf.FeatureSet`, in its order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Feature {
    FieldPresence,
    EnumType,
    RepeatedFieldEncoding,
    Utf8Validation,
    MessageEncoding,
    JsonFormat,
    EnforceNamingStyle,
    DefaultSymbolVisibility,
}

const COUNT: usize = 8;

/// Name, and the names of the values by number; an empty name is a number without a value.
const NAMES: [(Feature, &str, &[&str]); COUNT] = {
    use Feature::*;
    [
        (
            FieldPresence,
            "field_presence",
            &["FIELD_PRESENCE_UNKNOWN", "EXPLICIT", "IMPLICIT", "LEGACY_REQUIRED"],
        ),
        (EnumType, "enum_type", &["ENUM_TYPE_UNKNOWN", "OPEN", "CLOSED"]),
        (
            RepeatedFieldEncoding,
            "repeated_field_encoding",
            &["REPEATED_FIELD_ENCODING_UNKNOWN", "PACKED", "EXPANDED"],
        ),
        (Utf8Validation, "utf8_validation", &["UTF8_VALIDATION_UNKNOWN", "", "VERIFY", "NONE"]),
        (
            MessageEncoding,
            "message_encoding",
            &["MESSAGE_ENCODING_UNKNOWN", "LENGTH_PREFIXED", "DELIMITED"],
        ),
        (JsonFormat, "json_format", &["JSON_FORMAT_UNKNOWN", "ALLOW", "LEGACY_BEST_EFFORT"]),
        (
            EnforceNamingStyle,
            "enforce_naming_style",
            &["ENFORCE_NAMING_STYLE_UNKNOWN", "STYLE2024", "STYLE_LEGACY", "STYLE2026"],
        ),
        (
            DefaultSymbolVisibility,
            "default_symbol_visibility",
            &[
                "DEFAULT_SYMBOL_VISIBILITY_UNKNOWN",
                "EXPORT_ALL",
                "EXPORT_TOP_LEVEL",
                "LOCAL_ALL",
                "STRICT",
            ],
        ),
    ]
};

// Numbers of the values that rules ask for.
const IMPLICIT: u8 = 2;
const LEGACY_REQUIRED: u8 = 3;
const CLOSED: u8 = 2;
const PACKED: u8 = 1;
const EXPANDED: u8 = 2;
const DELIMITED: u8 = 2;
const LEGACY_BEST_EFFORT: u8 = 2;
const STYLE_LEGACY: u8 = 2;
const EXPORT_ALL: u8 = 1;
const EXPORT_TOP_LEVEL: u8 = 2;
const STRICT: u8 = 4;

/// One feature as it was set on an element.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Explicit {
    pub(crate) feature: Feature,
    value: u8,
    pub(crate) span: Span,
}

impl Explicit {
    /// Whether it is the zero value, which no feature can have.
    pub(crate) fn is_unknown(self) -> bool {
        self.value == 0
    }

    pub(crate) fn is_packed(self) -> bool {
        self.feature == Feature::RepeatedFieldEncoding && self.value == PACKED
    }

    pub(crate) fn is_implicit(self) -> bool {
        self.feature == Feature::FieldPresence && self.value == IMPLICIT
    }

    pub(crate) fn is_required(self) -> bool {
        self.feature == Feature::FieldPresence && self.value == LEGACY_REQUIRED
    }

    /// As it is written.
    pub(crate) fn name(self) -> &'static str {
        NAMES.iter().find(|(feature, ..)| *feature == self.feature).map_or("", |(_, name, _)| name)
    }
}

/// The features that a list of settings sets, in its order.
pub(crate) fn explicit<'s>(settings: impl Iterator<Item = &'s OptionSetting>) -> Vec<Explicit> {
    let mut found = Vec::new();
    for setting in settings.filter(|setting| is_feature(setting)) {
        match (setting.name.as_slice(), &setting.value.kind) {
            ([_, part], value) if !part.extension => {
                found.extend(read(&part.name.text, value, setting.span));
            }
            ([_], ValueKind::Message(fields)) => found.extend(
                fields
                    .iter()
                    .filter_map(|field| read(&field.name.text, &field.value.kind, field.name.span)),
            ),
            _ => {}
        }
    }
    found
}

/// Whether a setting is `features` or something inside it.
pub(crate) fn is_feature(setting: &OptionSetting) -> bool {
    setting.name.first().is_some_and(|part| !part.extension && part.name.text == "features")
}

fn read(name: &str, value: &ValueKind, span: Span) -> Option<Explicit> {
    let (feature, _, values) = NAMES.iter().find(|(_, known, _)| *known == name)?;
    let value = match value {
        ValueKind::Identifier(text) => values.iter().position(|value| value == text)?,
        ValueKind::Integer { negative: false, magnitude } => usize::try_from((*magnitude)?).ok()?,
        _ => return None,
    };
    let value = u8::try_from(value).ok().filter(|value| usize::from(*value) < values.len())?;
    Some(Explicit { feature: *feature, value, span })
}

/// What is in force at an element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Features([u8; COUNT]);

impl Features {
    /// What is in force in a file that sets nothing.
    pub(crate) fn defaults(level: Level) -> Self {
        Self(match level {
            Level::Proto2 => {
                [1, CLOSED, EXPANDED, 3, 1, LEGACY_BEST_EFFORT, STYLE_LEGACY, EXPORT_ALL]
            }
            Level::Proto3 => [IMPLICIT, 1, PACKED, 2, 1, 1, STYLE_LEGACY, EXPORT_ALL],
            Level::Edition2023 => [1, 1, PACKED, 2, 1, 1, STYLE_LEGACY, EXPORT_ALL],
            Level::Edition2024 => [1, 1, PACKED, 2, 1, 1, 1, EXPORT_TOP_LEVEL],
        })
    }

    /// What is in force inside an element that sets these.
    pub(crate) fn with(mut self, explicit: &[Explicit]) -> Self {
        for setting in explicit {
            self.set(setting.feature, setting.value);
        }
        self
    }

    /// The old `packed` option.
    pub(crate) fn with_packed(mut self, packed: bool) -> Self {
        self.set(Feature::RepeatedFieldEncoding, if packed { PACKED } else { EXPANDED });
        self
    }

    fn set(&mut self, feature: Feature, value: u8) {
        if let Some(place) = self.0.get_mut(feature as usize) {
            *place = value;
        }
    }

    fn is(self, feature: Feature, value: u8) -> bool {
        self.0.get(feature as usize) == Some(&value)
    }

    pub(crate) fn is_implicit(self) -> bool {
        self.is(Feature::FieldPresence, IMPLICIT)
    }

    pub(crate) fn is_required(self) -> bool {
        self.is(Feature::FieldPresence, LEGACY_REQUIRED)
    }

    pub(crate) fn is_closed(self) -> bool {
        self.is(Feature::EnumType, CLOSED)
    }

    pub(crate) fn is_packed(self) -> bool {
        self.is(Feature::RepeatedFieldEncoding, PACKED)
    }

    pub(crate) fn is_delimited(self) -> bool {
        self.is(Feature::MessageEncoding, DELIMITED)
    }

    /// Whether JSON came later than the message, so that some clashes are borne.
    pub(crate) fn is_json_best_effort(self) -> bool {
        self.is(Feature::JsonFormat, LEGACY_BEST_EFFORT)
    }

    pub(crate) fn enforces_style(self) -> bool {
        !self.is(Feature::EnforceNamingStyle, STYLE_LEGACY)
    }

    /// Whether names have to stay clear of those that generated code makes from their neighbours.
    pub(crate) fn enforces_collisions(self) -> bool {
        self.is(Feature::EnforceNamingStyle, 3)
    }

    pub(crate) fn is_strict(self) -> bool {
        self.is(Feature::DefaultSymbolVisibility, STRICT)
    }

    /// Whether a message or enum that says nothing itself can be used in other files.
    pub(crate) fn exports(self, nested: bool) -> bool {
        self.is(Feature::DefaultSymbolVisibility, EXPORT_ALL)
            || (self.is(Feature::DefaultSymbolVisibility, EXPORT_TOP_LEVEL) && !nested)
    }
}

/// The features that a file sets for all that it holds.
pub(crate) fn of_file(file: &crate::syntax::File) -> Features {
    let defaults = Features::defaults(file.level());
    if !file.level().is_edition() {
        return defaults; // that it sets features is an error of its own
    }
    defaults.with(&explicit(file.options()))
}

#[cfg(test)]
mod tests;
