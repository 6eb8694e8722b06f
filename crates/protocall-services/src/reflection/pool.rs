//! The descriptors that reflection tells of, and where each name is declared.
//!
//! Files are kept as the bytes that they came in, so that what is told is what the compiler made.

mod set;

use buffa::{DecodeError, Message};
use buffa_descriptor::generated::descriptor::{
    DescriptorProto, EnumDescriptorProto, FieldDescriptorProto, FileDescriptorProto,
    FileDescriptorSet,
};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fmt;

/// Why descriptors cannot be told of.
#[derive(Debug)]
#[non_exhaustive]
pub enum InvalidDescriptors {
    /// The bytes are no `google.protobuf.FileDescriptorSet`.
    Malformed(DecodeError),
    /// A file has no name.
    Unnamed,
    /// A file imports another that no set contained.
    MissingImport {
        /// The file.
        file: String,
        /// What it imports.
        import: String,
    },
}

impl fmt::Display for InvalidDescriptors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed(_) => f.write_str("the bytes are no FileDescriptorSet"),
            Self::Unnamed => f.write_str("a file of the FileDescriptorSet has no name"),
            Self::MissingImport { file, import } => write!(
                f,
                "{file} imports {import}, which no FileDescriptorSet contains: make the sets with \
                 their imports"
            ),
        }
    }
}

impl std::error::Error for InvalidDescriptors {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Malformed(source) => Some(source),
            Self::Unnamed | Self::MissingImport { .. } => None,
        }
    }
}

impl From<DecodeError> for InvalidDescriptors {
    fn from(error: DecodeError) -> Self {
        Self::Malformed(error)
    }
}

/// All files that are known.
#[derive(Default)]
pub(super) struct Pool {
    files: Vec<File>,
    by_name: HashMap<String, usize>,
    /// Every name that a file declares: messages, fields, enums, their values, services, methods,
    /// extensions.
    by_symbol: HashMap<String, usize>,
    messages: HashSet<String>,
    /// The extensions of a message by their number.
    extensions: HashMap<String, BTreeMap<i32, usize>>,
}

struct File {
    name: String,
    bytes: Vec<u8>,
    imports: Vec<String>,
}

/// The files that a client was told of already.
#[derive(Debug, Default)]
pub(super) struct Visit(BTreeSet<usize>);

impl Pool {
    pub(super) fn add(&mut self, descriptor_set: &[u8]) -> Result<(), InvalidDescriptors> {
        // what `set` walks over is sound once this has read it
        FileDescriptorSet::decode_from_slice(descriptor_set)?;
        for bytes in set::files(descriptor_set) {
            let file = FileDescriptorProto::decode_from_slice(bytes)?;
            let name = file.name.clone().ok_or(InvalidDescriptors::Unnamed)?;
            if self.by_name.contains_key(&name) {
                continue;
            }
            let index = self.files.len();
            self.index(index, &file);
            self.by_name.insert(name.clone(), index);
            self.files.push(File { name, bytes: bytes.to_vec(), imports: file.dependency });
        }
        Ok(())
    }

    /// Whether all imports are there.
    pub(super) fn check(&self) -> Result<(), InvalidDescriptors> {
        for file in &self.files {
            let missing = file.imports.iter().find(|import| !self.by_name.contains_key(*import));
            if let Some(import) = missing {
                let (file, import) = (file.name.clone(), import.clone());
                return Err(InvalidDescriptors::MissingImport { file, import });
            }
        }
        Ok(())
    }

    pub(super) fn file(&self, name: &str) -> Option<usize> {
        self.by_name.get(name).copied()
    }

    pub(super) fn symbol(&self, name: &str) -> Option<usize> {
        self.by_symbol.get(name).copied()
    }

    pub(super) fn extension(&self, message: &str, number: i32) -> Option<usize> {
        self.extensions.get(message)?.get(&number).copied()
    }

    /// The numbers of a message's extensions in order; `None` when there is no such message.
    pub(super) fn extensions(&self, message: &str) -> Option<Vec<i32>> {
        match self.extensions.get(message) {
            Some(extensions) => Some(extensions.keys().copied().collect()),
            None => self.messages.contains(message).then(Vec::new),
        }
    }

    /// A file and everything that it imports, itself first, without what was told before. The file
    /// itself is always there.
    pub(super) fn with_imports(&self, file: usize, visit: &mut Visit) -> Vec<Vec<u8>> {
        let mut told = Vec::new();
        visit.0.remove(&file);
        let mut next = vec![file];
        while let Some(index) = next.pop() {
            let Some(file) = self.files.get(index).filter(|_| visit.0.insert(index)) else {
                continue;
            };
            told.push(file.bytes.clone());
            next.extend(file.imports.iter().filter_map(|import| self.file(import)));
        }
        told
    }

    fn index(&mut self, index: usize, file: &FileDescriptorProto) {
        let scope = file.package.as_deref().unwrap_or_default();
        for message in &file.message_type {
            self.message(index, scope, message);
        }
        for of in &file.enum_type {
            self.enumeration(index, scope, of);
        }
        for service in &file.service {
            let name = self.declare(index, scope, service.name.as_deref());
            for method in &service.method {
                self.declare(index, &name, method.name.as_deref());
            }
        }
        self.extend(index, scope, &file.extension);
    }

    fn message(&mut self, index: usize, scope: &str, message: &DescriptorProto) {
        let name = self.declare(index, scope, message.name.as_deref());
        for field in &message.field {
            self.declare(index, &name, field.name.as_deref());
        }
        for oneof in &message.oneof_decl {
            self.declare(index, &name, oneof.name.as_deref());
        }
        for nested in &message.nested_type {
            self.message(index, &name, nested);
        }
        for of in &message.enum_type {
            self.enumeration(index, &name, of);
        }
        self.extend(index, &name, &message.extension);
        self.messages.insert(name);
    }

    fn enumeration(&mut self, index: usize, scope: &str, of: &EnumDescriptorProto) {
        self.declare(index, scope, of.name.as_deref());
        for value in &of.value {
            // beside the enum, not in it, as in C++
            self.declare(index, scope, value.name.as_deref());
        }
    }

    fn extend(&mut self, index: usize, scope: &str, extensions: &[FieldDescriptorProto]) {
        for extension in extensions {
            self.declare(index, scope, extension.name.as_deref());
            let message = extension.extendee.as_deref().unwrap_or_default();
            let message = message.strip_prefix('.').unwrap_or(message).to_owned();
            let number = extension.number.unwrap_or_default();
            self.extensions.entry(message).or_default().entry(number).or_insert(index);
        }
    }

    /// Notes where a name is declared; returns it in full.
    fn declare(&mut self, index: usize, scope: &str, name: Option<&str>) -> String {
        let name = name.unwrap_or_default();
        let full = if scope.is_empty() { name.to_owned() } else { format!("{scope}.{name}") };
        self.by_symbol.entry(full.clone()).or_insert(index);
        full
    }
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let files = self.files.iter().map(|file| &file.name);
        f.debug_list().entries(files).finish()
    }
}
