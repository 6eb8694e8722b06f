//! The files that every compilation may import without having them: `google/protobuf/*.proto`.
//! Unchanged texts of the Protocol Buffers project under its own licence; see `proto/README.md`.

/// The text of a built-in file, or `None` if `path` is not one.
pub(crate) fn text(path: &str) -> Option<&'static str> {
    FILES.iter().find(|(name, _)| *name == path).map(|(_, text)| *text)
}

macro_rules! embedded {
    ($($path:literal),* $(,)?) => {
        &[$(($path, include_str!(concat!("../proto/", $path)))),*]
    };
}

const FILES: &[(&str, &str)] = embedded![
    "google/protobuf/any.proto",
    "google/protobuf/api.proto",
    "google/protobuf/compiler/plugin.proto",
    "google/protobuf/cpp_features.proto",
    "google/protobuf/descriptor.proto",
    "google/protobuf/duration.proto",
    "google/protobuf/empty.proto",
    "google/protobuf/field_mask.proto",
    "google/protobuf/go_features.proto",
    "google/protobuf/java_features.proto",
    "google/protobuf/source_context.proto",
    "google/protobuf/struct.proto",
    "google/protobuf/timestamp.proto",
    "google/protobuf/type.proto",
    "google/protobuf/wrappers.proto",
];

/// The paths of all built-in files.
pub(crate) fn paths() -> impl Iterator<Item = &'static str> {
    FILES.iter().map(|(path, _)| *path)
}

/// The built-in file that defines the message or enum `google.protobuf.{name}`.
pub(crate) fn defining(name: &str) -> Option<&'static str> {
    let definitions = [format!("\nmessage {name} {{"), format!("\nenum {name} {{")];
    FILES
        .iter()
        .filter(|(path, _)| !path.contains("/compiler/"))
        .find(|(_, text)| definitions.iter().any(|definition| text.contains(definition)))
        .map(|(path, _)| *path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn standard_types_are_found_in_their_files() {
        assert_eq!(defining("Timestamp"), Some("google/protobuf/timestamp.proto"));
        assert_eq!(defining("NullValue"), Some("google/protobuf/struct.proto"));
        assert_eq!(defining("Stamp"), None);
    }

    #[test]
    fn every_file_is_there_under_its_path() {
        for path in paths() {
            assert!(text(path).is_some_and(|text| text.contains("syntax = ")), "{path}");
        }
        assert_eq!(text("google/protobuf/none.proto"), None);
    }
}
