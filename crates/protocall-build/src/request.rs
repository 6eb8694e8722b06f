//! What a compiler asks a plugin for: a `CodeGeneratorRequest` with protoc's bytes.
//! The answering side is `plugin`'s.

use std::collections::HashSet;

use buffa::Message;
use buffa_descriptor::generated::compiler::Version;

use crate::load::Loaded;
use crate::wire::write_bytes;

/// The protoc whose requests ours are like. Plugins print it into the code that they write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CompilerVersion {
    /// The number of the C++ library's major version: 7 for protoc 35.
    pub major: i32,
    /// protoc's own number.
    pub minor: i32,
    /// The number after it.
    pub patch: i32,
}

impl CompilerVersion {
    /// The protoc of grpcio-tools 1.71.0.
    pub const V29_0: Self = Self { major: 5, minor: 29, patch: 0 };
    /// The newest one whose requests ours were compared with.
    pub const V35_1: Self = Self { major: 7, minor: 35, patch: 1 };
    /// All that there are, oldest first.
    pub const ALL: [Self; 2] = [Self::V29_0, Self::V35_1];
}

impl Default for CompilerVersion {
    fn default() -> Self {
        Self::V35_1
    }
}

impl std::fmt::Display for CompilerVersion {
    /// As protoc calls itself: `35.1`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.minor, self.patch)
    }
}

impl Loaded {
    /// A serialized `CodeGeneratorRequest` for the files asked for, with all that they import.
    #[must_use]
    pub fn plugin_request(&self, parameter: &str, version: CompilerVersion) -> Vec<u8> {
        const FILE_TO_GENERATE: u32 = 1;
        const PARAMETER: u32 = 2;
        const COMPILER_VERSION: u32 = 3;
        const PROTO_FILE: u32 = 15;
        const SOURCE_FILE_DESCRIPTORS: u32 = 17;
        let roots = self.roots();
        let mut out = Vec::new();
        for root in roots {
            write_bytes(FILE_TO_GENERATE, root.as_bytes(), &mut out);
        }
        if !parameter.is_empty() {
            write_bytes(PARAMETER, parameter.as_bytes(), &mut out);
        }
        let version = Version {
            major: Some(version.major),
            minor: Some(version.minor),
            patch: Some(version.patch),
            suffix: Some(String::new()),
            ..Version::default()
        };
        write_bytes(COMPILER_VERSION, &version.encode_to_vec(), &mut out);

        let asked: HashSet<&str> = roots.iter().map(String::as_str).collect();
        let mut sources = Vec::new();
        for place in self.order().with_imports(roots) {
            let (Some((name, file)), Some((_, source))) =
                (self.file(place, false), self.file(place, true))
            else {
                continue;
            };
            if asked.contains(name) {
                write_bytes(PROTO_FILE, &file, &mut out);
                write_bytes(SOURCE_FILE_DESCRIPTORS, &source, &mut sources);
            } else {
                write_bytes(PROTO_FILE, &source, &mut out);
            }
        }
        out.extend(sources);
        out
    }
}
