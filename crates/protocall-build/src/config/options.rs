//! The generator's options as methods of [`Config`](crate::Config), so that build scripts need one
//! builder. Each does what the method of the same name of [`Options`] does; the meaning is there.

use protocall_codegen::{Messages, Options};

use crate::config::Config;

/// Messages: whose they are, and what they can do.
impl Config {
    /// See [`Options::messages`].
    #[must_use]
    pub fn messages(self, messages: Messages) -> Self {
        self.set(|options| options.messages(messages))
    }

    /// See [`Options::all_views`].
    #[must_use]
    pub fn all_views(self) -> Self {
        self.set(Options::all_views)
    }

    /// See [`Options::views`].
    #[must_use]
    pub fn views(self, path: impl Into<String>) -> Self {
        self.set(|options| options.views(path))
    }

    /// See [`Options::json`].
    #[must_use]
    pub fn json(self, on: bool) -> Self {
        self.set(|options| options.json(on))
    }

    /// See [`Options::text`].
    #[must_use]
    pub fn text(self, on: bool) -> Self {
        self.set(|options| options.text(on))
    }

    /// See [`Options::reflection`].
    #[must_use]
    pub fn reflection(self, on: bool) -> Self {
        self.set(|options| options.reflection(on))
    }

    /// See [`Options::bytes`].
    #[must_use]
    pub fn bytes(self, path: impl Into<String>) -> Self {
        self.set(|options| options.bytes(path))
    }

    /// See [`Options::btree_map`].
    #[must_use]
    pub fn btree_map(self, path: impl Into<String>) -> Self {
        self.set(|options| options.btree_map(path))
    }

    /// See [`Options::boxed`].
    #[must_use]
    pub fn boxed(self, path: impl Into<String>) -> Self {
        self.set(|options| options.boxed(path))
    }

    /// See [`Options::unboxed`].
    #[must_use]
    pub fn unboxed(self, path: impl Into<String>) -> Self {
        self.set(|options| options.unboxed(path))
    }

    /// See [`Options::extern_path`].
    #[must_use]
    pub fn extern_path(self, proto_path: impl Into<String>, rust_path: impl Into<String>) -> Self {
        self.set(|options| options.extern_path(proto_path, rust_path))
    }
}

/// Attributes: what derives and other attributes the generated items get.
impl Config {
    /// See [`Options::derive`].
    #[must_use]
    pub fn derive(self, path: impl Into<String>, traits: impl Into<String>) -> Self {
        self.set(|options| options.derive(path, traits))
    }

    /// See [`Options::type_attribute`].
    #[must_use]
    pub fn type_attribute(self, path: impl Into<String>, attribute: impl Into<String>) -> Self {
        self.set(|options| options.type_attribute(path, attribute))
    }

    /// See [`Options::message_attribute`].
    #[must_use]
    pub fn message_attribute(self, path: impl Into<String>, attribute: impl Into<String>) -> Self {
        self.set(|options| options.message_attribute(path, attribute))
    }

    /// See [`Options::enum_attribute`].
    #[must_use]
    pub fn enum_attribute(self, path: impl Into<String>, attribute: impl Into<String>) -> Self {
        self.set(|options| options.enum_attribute(path, attribute))
    }

    /// See [`Options::oneof_attribute`].
    #[must_use]
    pub fn oneof_attribute(self, path: impl Into<String>, attribute: impl Into<String>) -> Self {
        self.set(|options| options.oneof_attribute(path, attribute))
    }

    /// See [`Options::field_attribute`].
    #[must_use]
    pub fn field_attribute(self, path: impl Into<String>, attribute: impl Into<String>) -> Self {
        self.set(|options| options.field_attribute(path, attribute))
    }

    /// See [`Options::client_attribute`].
    #[must_use]
    pub fn client_attribute(self, path: impl Into<String>, attribute: impl Into<String>) -> Self {
        self.set(|options| options.client_attribute(path, attribute))
    }

    /// See [`Options::server_attribute`].
    #[must_use]
    pub fn server_attribute(self, path: impl Into<String>, attribute: impl Into<String>) -> Self {
        self.set(|options| options.server_attribute(path, attribute))
    }

    /// See [`Options::trait_attribute`].
    #[must_use]
    pub fn trait_attribute(self, path: impl Into<String>, attribute: impl Into<String>) -> Self {
        self.set(|options| options.trait_attribute(path, attribute))
    }
}

/// Services, and what is generated at all.
impl Config {
    /// See [`Options::client`].
    #[must_use]
    pub fn client(self, on: bool) -> Self {
        self.set(|options| options.client(on))
    }

    /// See [`Options::server`].
    #[must_use]
    pub fn server(self, on: bool) -> Self {
        self.set(|options| options.server(on))
    }

    /// See [`Options::without_client`].
    #[must_use]
    pub fn without_client(self, path: impl Into<String>) -> Self {
        self.set(|options| options.without_client(path))
    }

    /// See [`Options::without_server`].
    #[must_use]
    pub fn without_server(self, path: impl Into<String>) -> Self {
        self.set(|options| options.without_server(path))
    }

    /// See [`Options::imports`].
    #[must_use]
    pub fn imports(self, on: bool) -> Self {
        self.set(|options| options.imports(on))
    }

    /// See [`Options::file_descriptor_set`].
    #[must_use]
    pub fn file_descriptor_set(self, on: bool) -> Self {
        self.set(|options| options.file_descriptor_set(on))
    }

    /// See [`Options::wire_codec`].
    #[must_use]
    pub fn wire_codec(self, on: bool) -> Self {
        self.set(|options| options.wire_codec(on))
    }

    /// See [`Options::codec`].
    #[must_use]
    pub fn codec(self, rust_path: impl Into<String>) -> Self {
        self.set(|options| options.codec(rust_path))
    }
}
