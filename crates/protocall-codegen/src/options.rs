//! The options of a run, and the check that each of them names something.
//!
//! A path is a fully qualified proto name (`.example.v1.Payload.data`; the leading dot may be left
//! out) and covers everything beneath it; `.` covers all.

use crate::error::CodegenError;
use crate::index::Index;

/// Which messages get view types: borrowed forms that are read without copying.
///
/// Views multiply the amount of generated code, so they are made on request only.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Views {
    /// No message.
    #[default]
    None,
    /// The messages under these paths, and every message that those contain.
    Under(Vec<String>),
    /// Every generated message.
    All,
}

/// How to generate. `Default` is what production wants: clients and servers, no views, `Vec<u8>`.
#[derive(Clone, Debug)]
pub struct Options {
    pub(crate) views: Views,
    pub(crate) bytes: Vec<String>,
    pub(crate) extern_paths: Vec<(String, String)>,
    pub(crate) type_attributes: Vec<(String, String)>,
    pub(crate) field_attributes: Vec<(String, String)>,
    pub(crate) client: bool,
    pub(crate) server: bool,
    pub(crate) imports: bool,
    pub(crate) file_descriptor_set: bool,
    pub(crate) codec: String,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            views: Views::None,
            bytes: Vec::new(),
            extern_paths: Vec::new(),
            type_attributes: Vec::new(),
            field_attributes: Vec::new(),
            client: true,
            server: true,
            imports: true,
            file_descriptor_set: true,
            codec: "::protocall::codec::Buffa".to_owned(),
        }
    }
}

impl Options {
    /// The default options.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds view types for every message.
    #[must_use]
    pub fn all_views(mut self) -> Self {
        self.views = Views::All;
        self
    }

    /// Adds view types for the messages under `path` and all that they contain.
    #[must_use]
    pub fn views(mut self, path: impl Into<String>) -> Self {
        match &mut self.views {
            Views::Under(paths) => paths.push(dotted(path)),
            Views::None => self.views = Views::Under(vec![dotted(path)]),
            Views::All => {}
        }
        self
    }

    /// Makes the `bytes` fields under `path` `bytes::Bytes`, which share their memory with the
    /// received message instead of copying out of it.
    #[must_use]
    pub fn bytes(mut self, path: impl Into<String>) -> Self {
        self.bytes.push(dotted(path));
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

    /// Puts a Rust attribute (`#[derive(Hash)]`) on the messages, enums and oneofs under `path`.
    #[must_use]
    pub fn type_attribute(mut self, path: impl Into<String>, attribute: impl Into<String>) -> Self {
        self.type_attributes.push((dotted(path), attribute.into()));
        self
    }

    /// Puts a Rust attribute (`#[serde(skip)]`) on the fields under `path`.
    #[must_use]
    pub fn field_attribute(
        mut self,
        path: impl Into<String>,
        attribute: impl Into<String>,
    ) -> Self {
        self.field_attributes.push((dotted(path), attribute.into()));
        self
    }

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

    /// The Rust path of the codec that services encode and decode their messages with.
    /// `::protocall::codec::Buffa` by default.
    #[must_use]
    pub fn codec(mut self, rust_path: impl Into<String>) -> Self {
        self.codec = rust_path.into();
        self
    }

    /// Refuses every option that names nothing among the `selected` files.
    pub(crate) fn check(&self, index: &Index<'_>, selected: &[String]) -> Result<(), CodegenError> {
        let bytes_fields = index.bytes_fields(selected);
        for path in &self.bytes {
            if !bytes_fields.iter().any(|field| covers(path, field)) {
                return Err(matches_nothing("bytes", path, "field of type `bytes`"));
            }
        }
        if let Views::Under(paths) = &self.views {
            for path in paths {
                if !index.messages(selected).any(|message| covers(path, message)) {
                    return Err(matches_nothing("views", path, "message"));
                }
            }
        }
        for (path, rust) in &self.extern_paths {
            if !index.types().any(|name| covers(path, name)) {
                return Err(matches_nothing("extern_path", path, "package or type"));
            }
            check_rust_path("extern_path", rust)?;
        }
        self.check_attributes(index, selected)?;
        check_rust_path("codec", &self.codec)
    }

    fn check_attributes(&self, index: &Index<'_>, selected: &[String]) -> Result<(), CodegenError> {
        let oneofs = index.oneofs(selected);
        for (path, attribute) in &self.type_attributes {
            let mut types = index.types_in(selected);
            if !types.any(|name| covers(path, name)) && !oneofs.iter().any(|o| covers(path, o)) {
                return Err(matches_nothing("type_attribute", path, "message, enum or oneof"));
            }
            check_attribute("type_attribute", attribute)?;
        }
        let fields = index.fields(selected);
        for (path, attribute) in &self.field_attributes {
            if !fields.iter().any(|field| covers(path, field)) {
                return Err(matches_nothing("field_attribute", path, "field"));
            }
            check_attribute("field_attribute", attribute)?;
        }
        Ok(())
    }

    /// Whether `name` (a type's full name, with its leading dot) is taken from elsewhere.
    pub(crate) fn is_extern(&self, name: &str) -> bool {
        self.extern_paths.iter().any(|(path, _)| covers(path, name))
    }
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

fn check_rust_path(option: &'static str, path: &str) -> Result<(), CodegenError> {
    let absolute = path.starts_with("::") || path.starts_with("crate::");
    if absolute && syn::parse_str::<syn::Path>(path).is_ok() {
        return Ok(());
    }
    Err(CodegenError::InvalidOption {
        option,
        value: path.to_owned(),
        expected: "an absolute Rust path (`::some_crate::module` or `crate::module`)",
    })
}

fn check_attribute(option: &'static str, attribute: &str) -> Result<(), CodegenError> {
    use syn::parse::Parser;
    match syn::Attribute::parse_outer.parse_str(attribute) {
        Ok(attributes) if !attributes.is_empty() => Ok(()),
        _ => Err(CodegenError::InvalidOption {
            option,
            value: attribute.to_owned(),
            expected: "an attribute of Rust (`#[derive(Hash)]`)",
        }),
    }
}

fn matches_nothing(option: &'static str, path: &str, expected: &'static str) -> CodegenError {
    CodegenError::OptionMatchesNothing { option, path: path.to_owned(), expected }
}
