//! The differences to protoc that are meant to be, each with its reason.
//! A line goes when its reason does; nothing is listed to make a run pass.

/// Where a difference is known.
struct Known {
    /// Whose protoc; empty for all.
    release: &'static str,
    corpus: &'static str,
    /// The file, or the beginning of the files' paths.
    path: &'static str,
    reason: &'static str,
}

const EDITION_2024: &str = "protoc 29 does not know edition 2024";

const KNOWN: &[Known] = &[
    Known {
        release: "1.71.0",
        corpus: "protobuf-go",
        path: "cmd/protoc-gen-go/testdata/import_option",
        reason: EDITION_2024,
    },
    Known {
        release: "1.71.0",
        corpus: "protobuf-go",
        path: "cmd/protoc-gen-go/testdata/visibility/visibility.proto",
        reason: EDITION_2024,
    },
    Known {
        release: "1.71.0",
        corpus: "protobuf-go",
        path: "internal/testprotos/test/test_nopackage.proto",
        reason: EDITION_2024,
    },
    Known {
        release: "1.71.0",
        corpus: "protobuf-go",
        path: "cmd/protoc-gen-go/testdata/enumprefix/enumprefix.proto",
        reason: EDITION_2024,
    },
    Known {
        release: "1.71.0",
        corpus: "protobuf-go",
        path: "internal/testprotos/test/test_option.proto",
        reason: EDITION_2024,
    },
];

/// Why a file may differ.
pub(super) fn reason(corpus: &str, release: &str, file: &str) -> Option<&'static str> {
    KNOWN
        .iter()
        .find(|known| {
            (known.release.is_empty() || known.release == release)
                && known.corpus == corpus
                && file.starts_with(known.path)
        })
        .map(|known| known.reason)
}
