//! The options of a run, as users set them; `check` sees to it that each of them names something.
//!
//! A path is a fully qualified proto name (`.example.v1.Payload.data`; the leading dot may be left
//! out) and covers everything beneath it; `.` covers all. Members of oneofs go by their own names
//! and by those with the oneof's in them, as prost's users know them (`.a.Message.oneof.field`).

mod check;
mod near;

use crate::index::Member;

/// Whose message types are generated, or used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Messages {
    /// buffa's: unknown fields are kept, editions, views, JSON, text, reflection.
    #[default]
    Buffa,
    /// prost's, for programs that have such types. Their generator is not part of this crate:
    /// `protocall-build` brings it with its feature `prost`.
    Prost,
}

/// The codec for every message of buffa's, and the one for those with an implementation of ours.
pub(crate) const BUFFA: &str = "::protocall::codec::Buffa";
pub(crate) const WIRE: &str = "::protocall::codec::Wire";

/// Which messages get view types: borrowed forms that are read without copying.
///
/// Views multiply the amount of generated code, so they are made on request only.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Views {
    /// No message.
    #[default]
    None,
    /// The messages under these paths, and every message that those contain; a service stands for
    /// the messages that it is asked with.
    Under(Vec<String>),
    /// Every generated message.
    All,
}

/// What an attribute is put on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    Type,
    Message,
    Enum,
    Oneof,
    Field,
    Client,
    Server,
    Handler,
}

/// A Rust attribute for all that stands under a path and is of the target's kind.
#[derive(Clone, Debug)]
pub(crate) struct Attribute {
    pub(crate) target: Target,
    pub(crate) path: String,
    pub(crate) text: String,
}

/// How to generate. `Default` is what production wants: clients and servers, no views, `Vec<u8>`.
///
/// Where several settings meet, all of them hold: attributes add up, in the order they were given.
#[derive(Clone, Debug)]
pub struct Options {
    pub(crate) messages: Messages,
    pub(crate) views: Views,
    pub(crate) json: bool,
    pub(crate) text: bool,
    pub(crate) reflection: bool,
    pub(crate) bytes: Vec<String>,
    pub(crate) btree_maps: Vec<String>,
    pub(crate) boxed: Vec<String>,
    pub(crate) unboxed: Vec<String>,
    pub(crate) extern_paths: Vec<(String, String)>,
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) client: bool,
    pub(crate) server: bool,
    pub(crate) without_client: Vec<String>,
    pub(crate) without_server: Vec<String>,
    pub(crate) imports: bool,
    pub(crate) file_descriptor_set: bool,
    pub(crate) codec: Option<String>,
    pub(crate) wire_codec: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            messages: Messages::Buffa,
            views: Views::None,
            json: false,
            text: false,
            reflection: false,
            bytes: Vec::new(),
            btree_maps: Vec::new(),
            boxed: Vec::new(),
            unboxed: Vec::new(),
            extern_paths: Vec::new(),
            attributes: Vec::new(),
            client: true,
            server: true,
            without_client: Vec::new(),
            without_server: Vec::new(),
            imports: true,
            file_descriptor_set: true,
            codec: None,
            wire_codec: false,
        }
    }
}

/// Messages: whose they are, and what they can do.
impl Options {
    /// The default options.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Whose message types to generate. [`Messages::Buffa`] by default.
    #[must_use]
    pub fn messages(mut self, messages: Messages) -> Self {
        self.messages = messages;
        self
    }

    /// Whose message types are generated.
    #[must_use]
    pub fn message_types(&self) -> Messages {
        self.messages
    }

    /// Adds view types for every message.
    #[must_use]
    pub fn all_views(mut self) -> Self {
        self.views = Views::All;
        self
    }

    /// Adds view types for the messages under `path` and all that they contain. A path to a
    /// service, or to one of its methods, stands for the messages that it is asked with.
    #[must_use]
    pub fn views(mut self, path: impl Into<String>) -> Self {
        match &mut self.views {
            Views::Under(paths) => paths.push(dotted(path)),
            Views::None => self.views = Views::Under(vec![dotted(path)]),
            Views::All => {}
        }
        self
    }

    /// Whether messages and enums are `serde::Serialize` and `Deserialize`, in protobuf's JSON
    /// mapping. Off by default. The application needs `protocall` with its feature `json`, and a
    /// format such as `serde_json`.
    #[must_use]
    pub fn json(mut self, on: bool) -> Self {
        self.json = on;
        self
    }

    /// Whether messages read and write protobuf's text format (`buffa::text`). Off by default. The
    /// application needs `protocall` with its feature `text`.
    #[must_use]
    pub fn text(mut self, on: bool) -> Self {
        self.text = on;
        self
    }

    /// Whether messages can be looked into by field names and numbers
    /// (`buffa_descriptor::reflect`). Off by default. The application needs `protocall` with its
    /// feature `reflect`. Server reflection does not need this: see
    /// [`Options::file_descriptor_set`].
    #[must_use]
    pub fn reflection(mut self, on: bool) -> Self {
        self.reflection = on;
        self
    }

    /// Makes the `bytes` fields under `path` `bytes::Bytes`, which share their memory with the
    /// received message instead of copying out of it.
    #[must_use]
    pub fn bytes(mut self, path: impl Into<String>) -> Self {
        self.bytes.push(dotted(path));
        self
    }

    /// Makes the `map` fields under `path` `BTreeMap`s, which are ordered: the same message is the
    /// same bytes in each run.
    #[must_use]
    pub fn btree_map(mut self, path: impl Into<String>) -> Self {
        self.btree_maps.push(dotted(path));
        self
    }

    /// Boxes the message fields under `path`, which are held inline unless they contain themselves:
    /// for large messages that are rarely set. The members of buffa's oneofs are boxes already.
    #[must_use]
    pub fn boxed(mut self, path: impl Into<String>) -> Self {
        self.boxed.push(dotted(path));
        self
    }

    /// Holds the messages in oneofs under `path` inline instead of in a box, where they do not
    /// contain themselves. For buffa's types; prost's are inline already.
    #[must_use]
    pub fn unboxed(mut self, path: impl Into<String>) -> Self {
        self.unboxed.push(dotted(path));
        self
    }

    /// Takes the types under `proto_path` (a package or one type) from `rust_path`, an absolute
    /// Rust path (`::other_crate::example` or `crate::proto::example`), and generates none for
    /// them.
    #[must_use]
    pub fn extern_path(
        mut self,
        proto_path: impl Into<String>,
        rust_path: impl Into<String>,
    ) -> Self {
        self.extern_paths.push((dotted(proto_path), rust_path.into()));
        self
    }
}

/// Attributes: what derives and other attributes the generated items get.
impl Options {
    /// Derives Rust traits (`"Eq, Hash"`) for the messages, enums and oneofs under `path`.
    #[must_use]
    pub fn derive(self, path: impl Into<String>, traits: impl Into<String>) -> Self {
        let attribute = format!("#[derive({})]", traits.into());
        self.type_attribute(path, attribute)
    }

    /// Puts a Rust attribute (`#[derive(Hash)]`) on the messages, enums and oneofs under `path`.
    #[must_use]
    pub fn type_attribute(self, path: impl Into<String>, attribute: impl Into<String>) -> Self {
        self.attribute(Target::Type, path, attribute)
    }

    /// Puts a Rust attribute on the messages under `path`, and not on enums or oneofs.
    #[must_use]
    pub fn message_attribute(self, path: impl Into<String>, attribute: impl Into<String>) -> Self {
        self.attribute(Target::Message, path, attribute)
    }

    /// Puts a Rust attribute on the enums under `path`, and not on messages or oneofs.
    #[must_use]
    pub fn enum_attribute(self, path: impl Into<String>, attribute: impl Into<String>) -> Self {
        self.attribute(Target::Enum, path, attribute)
    }

    /// Puts a Rust attribute on the oneofs under `path`, and not on messages or enums.
    #[must_use]
    pub fn oneof_attribute(self, path: impl Into<String>, attribute: impl Into<String>) -> Self {
        self.attribute(Target::Oneof, path, attribute)
    }

    /// Puts a Rust attribute (`#[serde(skip)]`) on the fields under `path`.
    #[must_use]
    pub fn field_attribute(self, path: impl Into<String>, attribute: impl Into<String>) -> Self {
        self.attribute(Target::Field, path, attribute)
    }

    /// Puts a Rust attribute (`#[cfg(feature = "client")]`) on the clients of the services under
    /// `path`. A `#[cfg]` goes on the type's implementations as well.
    #[must_use]
    pub fn client_attribute(self, path: impl Into<String>, attribute: impl Into<String>) -> Self {
        self.attribute(Target::Client, path, attribute)
    }

    /// Puts a Rust attribute (`#[cfg(feature = "server")]`) on the servers of the services under
    /// `path`. A `#[cfg]` goes on the type's implementations as well. Traits of handlers have
    /// [`Options::trait_attribute`].
    #[must_use]
    pub fn server_attribute(self, path: impl Into<String>, attribute: impl Into<String>) -> Self {
        self.attribute(Target::Server, path, attribute)
    }

    /// Puts a Rust attribute (`#[mockall::automock]`) on the traits that handlers of the services
    /// under `path` implement.
    #[must_use]
    pub fn trait_attribute(self, path: impl Into<String>, attribute: impl Into<String>) -> Self {
        self.attribute(Target::Handler, path, attribute)
    }

    fn attribute(
        mut self,
        target: Target,
        path: impl Into<String>,
        text: impl Into<String>,
    ) -> Self {
        self.attributes.push(Attribute { target, path: dotted(path), text: text.into() });
        self
    }
}

/// Services, and what is generated at all.
impl Options {
    /// Whether to generate clients. On by default.
    #[must_use]
    pub fn client(mut self, on: bool) -> Self {
        self.client = on;
        self
    }

    /// Whether to generate service traits and servers. On by default.
    #[must_use]
    pub fn server(mut self, on: bool) -> Self {
        self.server = on;
        self
    }

    /// Generates no clients for the services under `path`.
    #[must_use]
    pub fn without_client(mut self, path: impl Into<String>) -> Self {
        self.without_client.push(dotted(path));
        self
    }

    /// Generates neither traits nor servers for the services under `path`.
    #[must_use]
    pub fn without_server(mut self, path: impl Into<String>) -> Self {
        self.without_server.push(dotted(path));
        self
    }

    /// Whether to generate the imported files that the roots need, too. On by default; switched
    /// off, types of imported files must come from [`Options::extern_path`].
    #[must_use]
    pub fn imports(mut self, on: bool) -> Self {
        self.imports = on;
        self
    }

    /// Whether the root of the generated modules has `pub const FILE_DESCRIPTOR_SET: &[u8]`: a
    /// serialized `google.protobuf.FileDescriptorSet` of the roots and all that they import,
    /// without comments. Server reflection is given it. On by default: a constant that nobody
    /// names takes no room in a program.
    #[must_use]
    pub fn file_descriptor_set(mut self, on: bool) -> Self {
        self.file_descriptor_set = on;
        self
    }

    /// The Rust path of the codec that services encode and decode their messages with. By default
    /// the one for the message types: `::protocall::codec::Buffa`, or `Prost`.
    #[must_use]
    pub fn codec(mut self, rust_path: impl Into<String>) -> Self {
        self.codec = Some(rust_path.into());
        self
    }

    /// Whether buffa's messages get a second implementation of reading and writing, which services
    /// then use (`::protocall::codec::Wire`), unless [`Options::codec`] names another. Off by
    /// default.
    ///
    /// The types, their bytes and what is refused stay the same; it is faster, and more code. A
    /// message that the second implementation cannot do, buffa's does, message by message.
    #[must_use]
    pub fn wire_codec(mut self, on: bool) -> Self {
        self.wire_codec = on;
        self
    }
}

/// What the generator asks.
impl Options {
    /// The path of the codec.
    pub(crate) fn codec_path(&self) -> &str {
        self.codec.as_deref().unwrap_or(match self.messages {
            Messages::Buffa if self.wire_codec => WIRE,
            Messages::Buffa => BUFFA,
            Messages::Prost => "::protocall::codec::Prost",
        })
    }

    /// Whether `name` (a type's full name, with its leading dot) is taken from elsewhere.
    pub(crate) fn is_extern(&self, name: &str) -> bool {
        self.extern_paths.iter().any(|(path, _)| covers(path, name))
    }

    /// Whether a service, by its full name with a leading dot, has a client.
    pub(crate) fn has_client(&self, service: &str) -> bool {
        self.client && !self.without_client.iter().any(|path| covers(path, service))
    }

    /// Whether a service, by its full name with a leading dot, has a server.
    pub(crate) fn has_server(&self, service: &str) -> bool {
        self.server && !self.without_server.iter().any(|path| covers(path, service))
    }

    /// Paths and texts of all attributes of one kind.
    pub(crate) fn attributes_for(&self, target: Target) -> Vec<(String, String)> {
        let of_target = self.attributes.iter().filter(|attribute| attribute.target == target);
        of_target.map(|attribute| (attribute.path.clone(), attribute.text.clone())).collect()
    }

    /// The attributes of one kind that a service, by its full name with a leading dot, gets.
    pub(crate) fn service_attributes(&self, target: Target, service: &str) -> Vec<syn::Attribute> {
        use syn::parse::Parser;
        let of_service = self
            .attributes
            .iter()
            .filter(|attribute| attribute.target == target && covers(&attribute.path, service));
        // `check` has refused what does not parse
        of_service
            .filter_map(|attribute| syn::Attribute::parse_outer.parse_str(&attribute.text).ok())
            .flatten()
            .collect()
    }
}

/// The settings for fields, with those for members of oneofs under both of their names: which one
/// a message generator looks for depends on the setting.
pub(crate) fn under_both_names<T: Clone>(
    settings: impl IntoIterator<Item = (String, T)>,
    members: &[Member],
) -> Vec<(String, T)> {
    let mut all = Vec::new();
    for (path, value) in settings {
        for member in members {
            let (name, in_oneof) = (covers(&path, &member.name), covers(&path, &member.in_oneof));
            let other = match (name, in_oneof) {
                (true, false) => &member.in_oneof,
                (false, true) => &member.name,
                _ => continue,
            };
            all.push((other.clone(), value.clone()));
        }
        all.push((path, value));
    }
    all
}

/// [`under_both_names`] for settings that are a path alone.
pub(crate) fn paths_under_both_names(paths: &[String], members: &[Member]) -> Vec<String> {
    let settings = paths.iter().map(|path| (path.clone(), ()));
    under_both_names(settings, members).into_iter().map(|(path, ())| path).collect()
}

/// Whether `path` is `name` or one of its parents.
pub(crate) fn covers(path: &str, name: &str) -> bool {
    path == "."
        || name.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

fn dotted(path: impl Into<String>) -> String {
    let path = path.into();
    if path.starts_with('.') { path } else { format!(".{path}") }
}
