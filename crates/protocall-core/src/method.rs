//! What is known of a method at build time: names, path and shape.
//!
//! Generated code makes one constant a method; clients name it when they call, servers when they
//! register a handler. State of a single call is not here.

/// The shape of a method: which side sends a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MethodKind {
    /// One message each way.
    Unary,
    /// One request, a stream of responses.
    ServerStreaming,
    /// A stream of requests, one response.
    ClientStreaming,
    /// A stream each way, independent of each other.
    BidiStreaming,
}

impl MethodKind {
    /// Whether the client sends a stream of messages.
    #[must_use]
    pub const fn client_streams(self) -> bool {
        matches!(self, Self::ClientStreaming | Self::BidiStreaming)
    }

    /// Whether the server sends a stream of messages.
    #[must_use]
    pub const fn server_streams(self) -> bool {
        matches!(self, Self::ServerStreaming | Self::BidiStreaming)
    }
}

/// A method of a service, as its `.proto` file declares it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Method {
    service: &'static str,
    name: &'static str,
    path: &'static str,
    kind: MethodKind,
}

impl Method {
    /// Describes a method. `path` is `/{service}/{name}`, given whole so that it needs no
    /// allocation.
    #[must_use]
    pub const fn new(
        service: &'static str,
        name: &'static str,
        path: &'static str,
        kind: MethodKind,
    ) -> Self {
        Self { service, name, path, kind }
    }

    /// The full name of the service, such as `example.HelloService`.
    #[must_use]
    pub const fn service(&self) -> &'static str {
        self.service
    }

    /// The method's name in the `.proto` file, such as `SendMessage`.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// The value of `:path`, such as `/example.HelloService/SendMessage`.
    #[must_use]
    pub const fn path(&self) -> &'static str {
        self.path
    }

    /// Which side sends a stream.
    #[must_use]
    pub const fn kind(&self) -> MethodKind {
        self.kind
    }
}
