//! The releases of grpcio-tools whose output is matched, and what is particular to each, as data.

/// A release of grpcio-tools, with the protobuf release that is inside of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Release {
    /// grpcio-tools 1.71.0, with protobuf 5.29.0.
    #[default]
    GrpcioTools1_71,
}

impl Release {
    /// All releases, oldest first.
    pub const ALL: &[Self] = &[Self::GrpcioTools1_71];

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
        }
    }
}

/// What generated code says and does differently from release to release.
pub(super) struct Rules {
    /// The version that services are checked against at run time.
    pub(super) grpc: &'static str,
    /// The version that messages are checked against at run time.
    pub(super) protobuf: Version,
}

/// A version of protobuf's Python package.
pub(super) struct Version {
    pub(super) major: u32,
    pub(super) minor: u32,
    pub(super) patch: u32,
    /// What follows the numbers of a release candidate; else empty.
    pub(super) suffix: &'static str,
}

const GRPCIO_TOOLS_1_71: Rules =
    Rules { grpc: "1.71.0", protobuf: Version { major: 5, minor: 29, patch: 0, suffix: "" } };
