//! The releases of grpcio-tools whose output is matched, and what is particular to each, as data.

/// A release of grpcio-tools, with the protobuf release that is inside of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Release {
    /// grpcio-tools 1.71.0, with protobuf 5.29.0.
    #[default]
    GrpcioTools1_71,
    /// grpcio-tools 1.85.1, with protobuf 7.35.1.
    GrpcioTools1_85,
}

impl Release {
    /// All releases, oldest first.
    pub const ALL: &[Self] = &[Self::GrpcioTools1_71, Self::GrpcioTools1_85];

    /// The version of grpcio-tools, as package indexes write it.
    #[must_use]
    pub fn version(self) -> &'static str {
        self.rules().grpc
    }

    /// The release with this version of grpcio-tools.
    #[must_use]
    pub fn from_version(version: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|release| release.version() == version)
    }

    pub(super) fn rules(self) -> &'static Rules {
        match self {
            Self::GrpcioTools1_71 => &GRPCIO_TOOLS_1_71,
            Self::GrpcioTools1_85 => &GRPCIO_TOOLS_1_85,
        }
    }
}

/// What generated code says and does differently from release to release.
pub(super) struct Rules {
    /// The version that services are checked against at run time.
    pub(super) grpc: &'static str,
    /// The version that messages are checked against at run time.
    pub(super) protobuf: Version,
    /// What classes for services derive from, as it is written.
    pub(super) service_bases: &'static str,
    /// What stands before the sentence that names the generated file.
    pub(super) sentence_prefix: &'static str,
    /// Whether a dot in a file's name makes a folder for services too, as it does for messages.
    pub(super) service_folders: bool,
    /// Whether `Iterable` and `Mapping` come from `collections.abc`, not from `typing`.
    pub(super) abstract_collections: bool,
    /// Whether constructors take Python's own types for timestamps and durations.
    pub(super) datetimes: bool,
    /// Whether constructors take `None` for a bool as for everything else.
    pub(super) optional_bools: bool,
    /// Whether it is the object that yields its name to a field named `self`.
    pub(super) object_yields: bool,
}

/// A version of protobuf's Python package.
pub(super) struct Version {
    pub(super) major: u32,
    pub(super) minor: u32,
    pub(super) patch: u32,
    /// What follows the numbers of a release candidate; else empty.
    pub(super) suffix: &'static str,
}

const GRPCIO_TOOLS_1_71: Rules = Rules {
    grpc: "1.71.0",
    protobuf: Version { major: 5, minor: 29, patch: 0, suffix: "" },
    service_bases: "(object)",
    sentence_prefix: "f",
    service_folders: false,
    abstract_collections: false,
    datetimes: false,
    optional_bools: false,
    object_yields: false,
};

const GRPCIO_TOOLS_1_85: Rules = Rules {
    grpc: "1.85.1",
    protobuf: Version { major: 7, minor: 35, patch: 1, suffix: "" },
    service_bases: "",
    sentence_prefix: "",
    service_folders: true,
    abstract_collections: true,
    datetimes: true,
    optional_bools: true,
    object_yields: true,
};
