//! Options as one line of text, the way protoc hands them to plugins: `views=.a.B,client=false`.

use protocall_codegen::{Messages, Options};

use crate::error::Error;

/// Reads options out of `parameter`: `name` or `name=value`, with commas between them; empty is
/// fine. Commas inside of brackets are part of a value.
///
/// The names are those of the methods of [`Options`], with what they take:
///
/// - `messages=buffa` or `prost`, `codec=RUST_PATH`;
/// - switches, `NAME=true` or `false`, and the name alone for `true`: `json`, `text`, `reflection`,
///   `client`, `server`, `imports`, `file_descriptor_set`, `wire_codec`, `all_views`;
/// - `NAME=PATH`: `views`, `bytes`, `btree_map`, `boxed`, `unboxed`, `without_client`,
///   `without_server`;
/// - `NAME=PATH=TEXT`: `extern_path`, `derive`, `type_attribute`, `message_attribute`,
///   `enum_attribute`, `oneof_attribute`, `field_attribute`, `client_attribute`,
///   `server_attribute`, `trait_attribute`.
///
/// # Errors
///
/// An option that does not exist, or one whose value is missing or is not what it takes.
pub fn options_from_parameter(parameter: &str) -> Result<Options, Error> {
    entries(parameter).into_iter().try_fold(Options::new(), apply)
}

/// The options of a table, each with what it sets.
type Table<T> = &'static [(&'static str, T)];
type Switch = fn(Options, bool) -> Options;
type WithPath = fn(Options, String) -> Options;
type WithPair = fn(Options, String, String) -> Options;

const SWITCHES: Table<Switch> = &[
    ("json", Options::json),
    ("text", Options::text),
    ("reflection", Options::reflection),
    ("client", Options::client),
    ("server", Options::server),
    ("imports", Options::imports),
    ("file_descriptor_set", Options::file_descriptor_set),
    ("wire_codec", Options::wire_codec),
    ("all_views", |options, on| if on { options.all_views() } else { options }),
];

const PATHS: Table<WithPath> = &[
    ("views", Options::views),
    ("bytes", Options::bytes),
    ("btree_map", Options::btree_map),
    ("boxed", Options::boxed),
    ("unboxed", Options::unboxed),
    ("without_client", Options::without_client),
    ("without_server", Options::without_server),
    ("codec", Options::codec),
];

const PAIRS: Table<WithPair> = &[
    ("extern_path", Options::extern_path),
    ("derive", Options::derive),
    ("type_attribute", Options::type_attribute),
    ("message_attribute", Options::message_attribute),
    ("enum_attribute", Options::enum_attribute),
    ("oneof_attribute", Options::oneof_attribute),
    ("field_attribute", Options::field_attribute),
    ("client_attribute", Options::client_attribute),
    ("server_attribute", Options::server_attribute),
    ("trait_attribute", Options::trait_attribute),
];

/// What stands between the commas that are in no brackets.
fn entries(parameter: &str) -> Vec<&str> {
    let mut depth = 0_usize;
    let parted = parameter.split(|c: char| {
        match c {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        c == ',' && depth == 0
    });
    parted.map(str::trim).filter(|entry| !entry.is_empty()).collect()
}

fn find<T: Copy>(table: Table<T>, wanted: &str) -> Option<T> {
    table.iter().find(|(name, _)| *name == wanted).map(|(_, set)| *set)
}

fn apply(options: Options, entry: &str) -> Result<Options, Error> {
    let (name, value) = match entry.split_once('=') {
        Some((name, value)) => (name, Some(value)),
        None => (entry, None),
    };
    let wrong = |reason: String| Error::Parameter { option: entry.into(), reason };
    if let Some(set) = find(SWITCHES, name) {
        return match value {
            None | Some("true") => Ok(set(options, true)),
            Some("false") => Ok(set(options, false)),
            Some(_) => Err(wrong("its value is `true` or `false`".into())),
        };
    }
    let text = value.filter(|text| !text.is_empty());
    let text = text.ok_or_else(|| wrong("a value is missing".into()));
    if let Some(set) = find(PATHS, name) {
        return Ok(set(options, text?.to_owned()));
    }
    if let Some(set) = find(PAIRS, name) {
        let pair =
            text?.split_once('=').filter(|(path, second)| !path.is_empty() && !second.is_empty());
        let (path, second) =
            pair.ok_or_else(|| wrong(format!("write `{name}=.proto.path=TEXT`")))?;
        return Ok(set(options, path.to_owned(), second.to_owned()));
    }
    match (name, value) {
        ("messages", Some("buffa")) => Ok(options.messages(Messages::Buffa)),
        ("messages", Some("prost")) => Ok(options.messages(Messages::Prost)),
        ("messages", _) => Err(wrong("its value is `buffa` or `prost`".into())),
        _ => Err(wrong(format!("there is no such option; there are {}", known()))),
    }
}

/// The names of all options.
fn known() -> String {
    let mut names = vec!["messages"];
    names.extend(SWITCHES.iter().map(|(name, _)| *name));
    names.extend(PATHS.iter().map(|(name, _)| *name));
    names.extend(PAIRS.iter().map(|(name, _)| *name));
    names.join(", ")
}

#[cfg(test)]
mod tests;
