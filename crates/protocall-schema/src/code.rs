//! The stable codes of diagnostics. A code keeps its meaning for ever; wording may improve.
//! P01 text and syntax, P02 names, P03 imports, P04 numbers, fields and enums, P05 options,
//! P06 syntax-level rules (proto3 and editions), P09 limits.

use std::fmt;

/// A diagnostic's stable code, for instance `P0203`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Code(&'static str);

impl Code {
    /// The code as text, for instance `"P0203"`.
    pub fn as_str(self) -> &'static str {
        self.0
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $text:literal;)*) => {
        $($(#[$doc])* pub(crate) const $name: Code = Code($text);)*

        #[cfg(test)]
        pub(crate) const ALL: &[Code] = &[$($name),*];
    };
}

codes! {
    // text and syntax
    UNEXPECTED_CHARACTER = "P0101";
    UNTERMINATED_STRING = "P0102";
    BAD_ESCAPE = "P0103";
    BAD_NUMBER = "P0104";
    BAD_COMMENT = "P0105";
    UNEXPECTED_TOKEN = "P0106";
    MISSING_SEMICOLON = "P0107";
    UNCLOSED_BLOCK = "P0108";
    MISSING_FIELD_NUMBER = "P0109";
    MISSING_SYNTAX = "P0110";
    UNKNOWN_SYNTAX = "P0111";
    UNKNOWN_EDITION = "P0112";
    REPEATED_STATEMENT = "P0113";
    MISSING_LABEL = "P0114";
    MISPLACED_LABEL = "P0115";
    BAD_GROUP = "P0116";
    EDITION_LABEL = "P0117";
    // names
    UNKNOWN_NAME = "P0201";
    NOT_A_TYPE = "P0202";
    NOT_A_MESSAGE = "P0203";
    DUPLICATE_NAME = "P0204";
    NOT_IMPORTED = "P0205";
    SHADOWED_NAME = "P0206";
    PACKAGE_CLASH = "P0207";
    NOT_VISIBLE = "P0208";
    NAMING_STYLE = "P0209";
    // imports
    IMPORT_NOT_FOUND = "P0301";
    IMPORT_CYCLE = "P0302";
    UNUSED_IMPORT = "P0303";
    DUPLICATE_IMPORT = "P0304";
    UNREADABLE = "P0305";
    BAD_IMPORT_PATH = "P0306";
    LITE_IMPORT = "P0307";
    LITE_RUNTIME = "P0309";
    BAD_IMPORT_KIND = "P0308";
    // numbers, fields and enums
    NUMBER_OUT_OF_RANGE = "P0401";
    NUMBER_IMPLEMENTATION = "P0402";
    DUPLICATE_NUMBER = "P0403";
    NUMBER_RESERVED = "P0404";
    NAME_RESERVED = "P0405";
    BAD_RANGE = "P0406";
    OVERLAPPING_RANGE = "P0407";
    NUMBER_NOT_EXTENDABLE = "P0408";
    BAD_MAP_KEY = "P0409";
    BAD_MAP_VALUE = "P0410";
    JSON_NAME_CLASH = "P0411";
    BAD_JSON_NAME = "P0412";
    EMPTY_ONEOF = "P0413";
    EMPTY_ENUM = "P0414";
    FIRST_ENUM_VALUE = "P0415";
    DUPLICATE_ENUM_NUMBER = "P0416";
    NEEDLESS_ALIAS = "P0417";
    BAD_DEFAULT = "P0418";
    DUPLICATE_RESERVED = "P0419";
    ENUM_PREFIX_CLASH = "P0420";
    BAD_MESSAGE_SET = "P0421";
    BAD_DECLARATION = "P0422";
    UNDECLARED_EXTENSION = "P0423";
    // options
    UNKNOWN_OPTION = "P0501";
    OPTION_TYPE = "P0502";
    OPTION_REPEATED = "P0503";
    OPTION_VALUE_RANGE = "P0504";
    UNKNOWN_OPTION_FIELD = "P0505";
    OPTION_NOT_FOR_FIELD = "P0506";
    OPTION_FORBIDDEN = "P0507";
    OPTION_MISSING_REQUIRED = "P0508";
    OPTION_LIFETIME = "P0509";
    OPTION_DEPRECATED = "P0510";
    BAD_FEATURE_SUPPORT = "P0511";
    // rules of the syntax level
    PROTO3_REQUIRED = "P0601";
    PROTO3_DEFAULT = "P0602";
    PROTO3_GROUP = "P0603";
    PROTO3_EXTENSION = "P0604";
    PROTO3_EXTENSION_RANGE = "P0605";
    PROTO3_CLOSED_ENUM = "P0606";
    BAD_FEATURE = "P0607";
    EDITION_OPTION = "P0608";
    IMPLICIT_PRESENCE = "P0609";
    BAD_EXPORT = "P0610";
    // limits
    FILE_TOO_LARGE = "P0901";
    TOO_MANY_FILES = "P0902";
    NESTED_TOO_DEEPLY = "P0903";
    DESCRIPTOR_INVALID = "P0904";
    NAME_TOO_LONG = "P0905";
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn codes_are_unique_and_well_formed() {
        let mut seen = std::collections::BTreeSet::new();
        for code in ALL {
            assert!(seen.insert(code.as_str()), "{code} is given twice");
            let digits = code.as_str().strip_prefix('P').unwrap();
            assert!(digits.len() == 4 && digits.bytes().all(|b| b.is_ascii_digit()));
        }
    }
}
