//! The stable codes of diagnostics. A code keeps its meaning for ever; wording may improve.
//! `docs/diagnostics.md` lists them.
//! P01 text and syntax, P02 names, P03 imports, P04 numbers, fields and enums, P05 options,
//! P06 syntax-level rules (proto3 and editions), P09 limits.

use std::fmt;

/// A diagnostic's stable code, for instance `P0203`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Code(&'static str);

/// Every code, in the order of their numbers.
pub fn codes() -> impl Iterator<Item = Code> {
    let mut all: Vec<Code> = ALL.iter().map(|(code, _)| *code).collect();
    all.sort();
    all.into_iter()
}

impl Code {
    /// The code as text, for instance `"P0203"`.
    pub fn as_str(self) -> &'static str {
        self.0
    }

    /// What it stands for, in a few words.
    pub fn meaning(self) -> &'static str {
        ALL.iter().find(|(code, _)| *code == self).map_or("", |(_, meaning)| *meaning)
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

macro_rules! codes {
    ($($name:ident = $text:literal: $meaning:literal;)*) => {
        $(pub(crate) const $name: Code = Code($text);)*

        const ALL: &[(Code, &str)] = &[$(($name, $meaning)),*];
    };
}

codes! {
    // text and syntax
    UNEXPECTED_CHARACTER = "P0101": "a character that the language does not have outside strings and comments";
    UNTERMINATED_STRING = "P0102": "a string without its closing quote on the same line";
    BAD_ESCAPE = "P0103": "an escape in a string that does not exist, or text that is not UTF-8";
    BAD_NUMBER = "P0104": "a number with digits that its base does not have, or run into a name";
    BAD_COMMENT = "P0105": "a block comment that is not closed, or begins inside another one";
    UNEXPECTED_TOKEN = "P0106": "something else was expected here";
    MISSING_SEMICOLON = "P0107": "a statement without its semicolon";
    UNCLOSED_BLOCK = "P0108": "a brace that is opened and never closed";
    MISSING_FIELD_NUMBER = "P0109": "a field without its number";
    MISSING_SYNTAX = "P0110": "a file that says neither its syntax nor its edition; it is read as proto2";
    UNKNOWN_SYNTAX = "P0111": "a syntax that is neither proto2 nor proto3";
    UNKNOWN_EDITION = "P0112": "an edition that is not known here";
    REPEATED_STATEMENT = "P0113": "a statement that may stand in a file once";
    MISSING_LABEL = "P0114": "a proto2 field without optional, required or repeated";
    MISPLACED_LABEL = "P0115": "a label where none may stand: in a oneof, before a map";
    BAD_GROUP = "P0116": "a group whose name does not begin with a capital, or that is not allowed here";
    EDITION_LABEL = "P0117": "optional, required or group, which editions write as features";
    // names
    UNKNOWN_NAME = "P0201": "a name that nothing visible has";
    NOT_A_TYPE = "P0202": "the name of something that is no type";
    NOT_A_MESSAGE = "P0203": "a type that is no message where one is needed";
    DUPLICATE_NAME = "P0204": "a name that is taken in the same scope";
    NOT_IMPORTED = "P0205": "a name of a file that this one does not import";
    SHADOWED_NAME = "P0206": "a name that an inner scope gives another meaning";
    PACKAGE_CLASH = "P0207": "a name that is a package as well";
    NOT_VISIBLE = "P0208": "a symbol that its file keeps to itself (local)";
    NAMING_STYLE = "P0209": "a name against the style that the edition asks for";
    // imports
    IMPORT_NOT_FOUND = "P0301": "a file that no include path has";
    IMPORT_CYCLE = "P0302": "files that import each other";
    UNUSED_IMPORT = "P0303": "an import that nothing uses";
    DUPLICATE_IMPORT = "P0304": "a file that is imported twice";
    UNREADABLE = "P0305": "a file that is there and cannot be read";
    BAD_IMPORT_PATH = "P0306": "a path that is absolute, climbs, or has backslashes";
    LITE_IMPORT = "P0307": "a file for the full runtime that imports one for the lite runtime";
    LITE_RUNTIME = "P0309": "an extension that the lite runtime cannot have";
    BAD_IMPORT_KIND = "P0308": "an import of a kind that its edition does not have";
    // numbers, fields and enums
    NUMBER_OUT_OF_RANGE = "P0401": "a number that fields, enum values or ranges cannot have";
    NUMBER_IMPLEMENTATION = "P0402": "a number from 19000 to 19999, which implementations keep for themselves";
    DUPLICATE_NUMBER = "P0403": "a number that another field has";
    NUMBER_RESERVED = "P0404": "a number that is reserved";
    NAME_RESERVED = "P0405": "a name that is reserved";
    BAD_RANGE = "P0406": "a range that ends before it begins";
    OVERLAPPING_RANGE = "P0407": "a range that shares numbers with another one";
    NUMBER_NOT_EXTENDABLE = "P0408": "an extension whose number its message does not offer";
    BAD_MAP_KEY = "P0409": "a key of a type that maps cannot have";
    BAD_MAP_VALUE = "P0410": "a value of a type that maps cannot have";
    JSON_NAME_CLASH = "P0411": "two fields with one name in JSON";
    BAD_JSON_NAME = "P0412": "a json_name where there can be none, or one in brackets";
    EMPTY_ONEOF = "P0413": "a oneof without a field";
    EMPTY_ENUM = "P0414": "an enum without a value";
    FIRST_ENUM_VALUE = "P0415": "an open enum whose first value is not 0";
    DUPLICATE_ENUM_NUMBER = "P0416": "an enum number that another value has, without allow_alias";
    NEEDLESS_ALIAS = "P0417": "allow_alias without need, or switched off by hand";
    BAD_DEFAULT = "P0418": "a default that its field cannot have";
    DUPLICATE_RESERVED = "P0419": "a name that is reserved twice";
    ENUM_PREFIX_CLASH = "P0420": "values that differ only in what generators cut off or ignore";
    BAD_MESSAGE_SET = "P0421": "a message set with what those cannot have";
    BAD_DECLARATION = "P0422": "an extension declaration that contradicts itself or another";
    UNDECLARED_EXTENSION = "P0423": "an extension that its range does not declare, or declares otherwise";
    // options
    UNKNOWN_OPTION = "P0501": "an option that does not exist, or not for this element";
    OPTION_TYPE = "P0502": "a value of another type than the option has";
    OPTION_REPEATED = "P0503": "an option that is set twice";
    OPTION_VALUE_RANGE = "P0504": "a number that the option's type cannot hold";
    UNKNOWN_OPTION_FIELD = "P0505": "a field that the option's message does not have";
    OPTION_NOT_FOR_FIELD = "P0506": "an option that fields of this type cannot have";
    OPTION_FORBIDDEN = "P0507": "an option that may not stand here";
    OPTION_MISSING_REQUIRED = "P0508": "a required field that the option's message lacks";
    OPTION_LIFETIME = "P0509": "an option or a value that this edition does not have yet, or no more";
    OPTION_DEPRECATED = "P0510": "an option or a value that this edition advises against";
    BAD_FEATURE_SUPPORT = "P0511": "feature_support that contradicts itself";
    // rules of the syntax level
    PROTO3_REQUIRED = "P0601": "required in proto3";
    PROTO3_DEFAULT = "P0602": "a default in proto3";
    PROTO3_GROUP = "P0603": "a group in proto3";
    PROTO3_EXTENSION = "P0604": "an extension in proto3 of something else than options";
    PROTO3_EXTENSION_RANGE = "P0605": "an extension range in proto3";
    PROTO3_CLOSED_ENUM = "P0606": "a closed enum as the type of a proto3 field";
    BAD_FEATURE = "P0607": "a feature that this element cannot have, or a value that it cannot take";
    EDITION_OPTION = "P0608": "an option that editions write as a feature";
    IMPLICIT_PRESENCE = "P0609": "implicit presence where a field has to know whether it is set";
    BAD_EXPORT = "P0610": "export or local where it may not stand";
    // limits
    FILE_TOO_LARGE = "P0901": "a file beyond the compiler's limit";
    TOO_MANY_FILES = "P0902": "more files than the compiler's limit";
    NESTED_TOO_DEEPLY = "P0903": "imports, messages or values inside each other beyond the limit";
    DESCRIPTOR_INVALID = "P0904": "options that do not form a message";
    NAME_TOO_LONG = "P0905": "a name beyond the limit";
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn codes_are_unique_and_well_formed() {
        let mut seen = std::collections::BTreeSet::new();
        for (code, meaning) in ALL {
            assert!(seen.insert(code.as_str()), "{code} is given twice");
            let digits = code.as_str().strip_prefix('P').unwrap();
            assert!(digits.len() == 4 && digits.bytes().all(|b| b.is_ascii_digit()));
            assert!(!meaning.is_empty() && !meaning.ends_with('.'), "{code}");
        }
    }
}
