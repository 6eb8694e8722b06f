//! A compilation kept in a file: of each source its text as it was and what was made of it.
//! Only the file's form is here; what may be used of it is `incremental`'s to decide.
//!
//! The form is private to one program on one machine: the head names the program, the include paths
//! and the roots, and a file with another head, or one that is damaged, counts as none.

use std::collections::BTreeSet;
use std::fs;
use std::ops::{Deref, Range};
use std::path::Path;
use std::sync::Arc;

use buffa_descriptor::generated::descriptor::{
    DescriptorProto, EnumDescriptorProto, FieldDescriptorProto, FileDescriptorProto,
};

/// Bytes inside of larger ones that others hold too: reading a cache copies nothing.
#[derive(Clone, Debug)]
pub(crate) struct Blob {
    all: Arc<Vec<u8>>,
    range: Range<usize>,
}

impl From<Vec<u8>> for Blob {
    fn from(bytes: Vec<u8>) -> Self {
        Self { range: 0..bytes.len(), all: Arc::new(bytes) }
    }
}

impl Deref for Blob {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        self.all.get(self.range.clone()).unwrap_or_default()
    }
}

/// One source file.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) name: String,
    /// What it imports, what it imports for options last.
    pub(crate) imports: Vec<String>,
    /// Its text; `None` for one that comes with the compiler.
    pub(crate) text: Option<Blob>,
    /// Its descriptor with source info.
    pub(crate) descriptor: Blob,
    /// The same with all options as they are written, where that differs.
    pub(crate) as_written: Option<Blob>,
    /// What it adds to the names that all files share, a line each.
    pub(crate) names: Blob,
    /// Whether the compiler had something to say of it.
    pub(crate) has_warnings: bool,
}

impl Entry {
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        std::str::from_utf8(&self.names).unwrap_or_default().lines()
    }
}

/// What cannot be another file's as well: `s` and a full name, `x` and an extension's number; and
/// `p` with a package, which may be another file's but not its name.
pub(crate) fn names(file: &FileDescriptorProto) -> String {
    let mut names = Names::default();
    let package = file.package.as_deref().unwrap_or_default();
    let mut around = package;
    while !around.is_empty() {
        names.add('p', around);
        around = around.rsplit_once('.').map_or("", |(around, _)| around);
    }
    file.message_type.iter().for_each(|message| names.message(package, message));
    file.enum_type.iter().for_each(|item| names.enumeration(package, item));
    names.extensions(package, &file.extension);
    for service in &file.service {
        let scope = names.symbol(package, service.name.as_deref());
        for method in &service.method {
            names.symbol(&scope, method.name.as_deref());
        }
    }
    names.lines.into_iter().collect()
}

#[derive(Default)]
struct Names {
    lines: BTreeSet<String>,
}

impl Names {
    fn add(&mut self, kind: char, name: &str) {
        self.lines.insert(format!("{kind} {name}\n"));
    }

    fn symbol(&mut self, scope: &str, name: Option<&str>) -> String {
        let dot = if scope.is_empty() { "" } else { "." };
        let full_name = format!("{scope}{dot}{}", name.unwrap_or_default());
        self.add('s', &full_name);
        full_name
    }

    fn message(&mut self, scope: &str, message: &DescriptorProto) {
        let scope = self.symbol(scope, message.name.as_deref());
        for field in &message.field {
            self.symbol(&scope, field.name.as_deref());
        }
        for oneof in &message.oneof_decl {
            self.symbol(&scope, oneof.name.as_deref());
        }
        message.nested_type.iter().for_each(|nested| self.message(&scope, nested));
        message.enum_type.iter().for_each(|item| self.enumeration(&scope, item));
        self.extensions(&scope, &message.extension);
    }

    /// The values of an enum lie beside it.
    fn enumeration(&mut self, scope: &str, item: &EnumDescriptorProto) {
        self.symbol(scope, item.name.as_deref());
        for value in &item.value {
            self.symbol(scope, value.name.as_deref());
        }
    }

    fn extensions(&mut self, scope: &str, extensions: &[FieldDescriptorProto]) {
        for field in extensions {
            self.symbol(scope, field.name.as_deref());
            let extendee = field.extendee.as_deref().unwrap_or_default();
            self.add('x', &format!("{extendee} {}", field.number.unwrap_or_default()));
        }
    }
}

const MAGIC: &[u8] = b"protocall cache 1\n";

/// The entries of a cache file with that head, unless there is none that is whole.
pub(crate) fn read(path: &Path, head: &str) -> Option<Vec<Entry>> {
    let all = Arc::new(fs::read(path).ok()?);
    let body = all.len().checked_sub(size_of::<u64>())?;
    let (content, sum) = all.split_at_checked(body)?;
    if sum != checksum(content).to_le_bytes() {
        return None;
    }
    let mut reader = Reader { all: &all, at: 0, end: body };
    if &*reader.blob()? != MAGIC || &*reader.blob()? != head.as_bytes() {
        return None;
    }
    let count = reader.number()?;
    let mut entries = Vec::new();
    for _ in 0..count {
        entries.push(reader.entry()?);
    }
    (reader.at == body).then_some(entries)
}

/// Puts a cache file in place of what was there. Others see the old one or the new one, whole.
pub(crate) fn write(path: &Path, head: &str, entries: &[Entry]) -> std::io::Result<()> {
    let mut out = Vec::new();
    put(MAGIC, &mut out);
    put(head.as_bytes(), &mut out);
    put_number(entries.len(), &mut out);
    for entry in entries {
        put(entry.name.as_bytes(), &mut out);
        put_number(entry.imports.len(), &mut out);
        entry.imports.iter().for_each(|import| put(import.as_bytes(), &mut out));
        for part in [&entry.text, &entry.as_written] {
            put_number(usize::from(part.is_some()), &mut out);
            if let Some(bytes) = part {
                put(bytes, &mut out);
            }
        }
        put(&entry.descriptor, &mut out);
        put(&entry.names, &mut out);
        put_number(usize::from(entry.has_warnings), &mut out);
    }
    let sum = checksum(&out);
    out.extend(sum.to_le_bytes());
    let beside = path.with_extension(format!("{}.new", std::process::id()));
    let written = fs::write(&beside, &out).and_then(|()| fs::rename(&beside, path));
    if written.is_err() {
        let _ = fs::remove_file(&beside); // it may never have been there
    }
    written
}

fn put(bytes: &[u8], out: &mut Vec<u8>) {
    put_number(bytes.len(), out);
    out.extend_from_slice(bytes);
}

fn put_number(number: usize, out: &mut Vec<u8>) {
    out.extend((number as u64).to_le_bytes());
}

/// Against damage, not against anybody's intent: whoever can write the file can write the outputs.
fn checksum(bytes: &[u8]) -> u64 {
    const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;
    let mix = |sum: u64, word: u64| (sum ^ word).wrapping_mul(FACTOR).rotate_left(29);
    let (words, rest) = bytes.as_chunks::<8>();
    let sum = words.iter().fold(FACTOR, |sum, word| mix(sum, u64::from_le_bytes(*word)));
    let sum = rest.iter().fold(sum, |sum, byte| mix(sum, u64::from(*byte)));
    mix(sum, bytes.len() as u64)
}

struct Reader<'a> {
    all: &'a Arc<Vec<u8>>,
    at: usize,
    end: usize,
}

impl Reader<'_> {
    fn number(&mut self) -> Option<usize> {
        let next = self.at.checked_add(size_of::<u64>()).filter(|next| *next <= self.end)?;
        let bytes = self.all.get(self.at..next)?.try_into().ok()?;
        self.at = next;
        usize::try_from(u64::from_le_bytes(bytes)).ok()
    }

    fn blob(&mut self) -> Option<Blob> {
        let length = self.number()?;
        let next = self.at.checked_add(length).filter(|next| *next <= self.end)?;
        let range = std::mem::replace(&mut self.at, next)..next;
        Some(Blob { all: Arc::clone(self.all), range })
    }

    fn optional(&mut self) -> Option<Option<Blob>> {
        match self.number()? {
            0 => Some(None),
            _ => self.blob().map(Some),
        }
    }

    fn text(&mut self) -> Option<String> {
        String::from_utf8(self.blob()?.to_vec()).ok()
    }

    fn entry(&mut self) -> Option<Entry> {
        let name = self.text()?;
        let count = self.number()?;
        let mut imports = Vec::new();
        for _ in 0..count {
            imports.push(self.text()?);
        }
        let (text, as_written) = (self.optional()?, self.optional()?);
        let (descriptor, names) = (self.blob()?, self.blob()?);
        let has_warnings = self.number()? != 0;
        Some(Entry { name, imports, text, descriptor, as_written, names, has_warnings })
    }
}
