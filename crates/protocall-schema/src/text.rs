//! Text format: messages of a schema's types as text and back, and any message's bytes as text,
//! byte for byte as `protoc --decode`, `--encode` and `--decode_raw` write them.
//! Options in `.proto` files are another dialect, and `options/aggregate`'s.
//! Specification: protobuf.dev/reference/protobuf/textformat-spec.

mod lex;
mod parse;
mod print;
mod raw;
mod tree;
mod types;

use std::fmt;

use buffa_descriptor::generated::descriptor::FileDescriptorSet;

use types::Types;

/// Deepest nesting of messages that is read from bytes, the same number as in `protoc`.
pub(crate) const MAX_DEPTH: usize = 100;

/// The types that messages are read and written by.
pub struct TextFormat<'s> {
    types: Types<'s>,
}

/// A message that was read, beside what is to be said about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transcoded<T> {
    /// The message in its other form.
    pub message: T,
    /// The paths of required fields that it lacks.
    pub missing: Vec<String>,
    /// What is doubtful in the text.
    pub warnings: Vec<TextError>,
}

/// Why a message could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TextError {
    /// There is no such message type.
    UnknownType,
    /// The bytes are no message of that type.
    Bytes,
    /// The text is wrong at a place; line and column count from one, columns as protoc does.
    Text {
        /// The line.
        line: usize,
        /// The column; a tab goes on to the next multiple of eight.
        column: usize,
        /// What is wrong.
        message: String,
    },
}

impl fmt::Display for TextError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownType => f.write_str("there is no such message type"),
            Self::Bytes => f.write_str("the bytes are no message of this type"),
            Self::Text { line, column, message } => write!(f, "{line}:{column}: {message}"),
        }
    }
}

impl std::error::Error for TextError {}

impl<'s> TextFormat<'s> {
    /// Takes in all types of a linked descriptor set.
    pub fn new(files: &'s FileDescriptorSet) -> Self {
        Self { types: Types::new(files) }
    }

    /// A message's bytes as text: fields by number, then what the type does not know. Bytes of an
    /// `Any` stay bytes, as with protoc.
    ///
    /// # Errors
    /// A type that is not in the set, and bytes that are no such message.
    pub fn decode(&self, type_name: &str, bytes: &[u8]) -> Result<Transcoded<String>, TextError> {
        let message = self.types.message(type_name).ok_or(TextError::UnknownType)?;
        let tree = tree::read(&self.types, message, bytes).ok_or(TextError::Bytes)?;
        let text = print::print(&self.types, message, &tree);
        let missing = tree::missing(&self.types, message, &tree);
        Ok(Transcoded { message: text, missing, warnings: Vec::new() })
    }

    /// A message's text as bytes: fields by number, entries of maps in the order of the text or,
    /// if wanted, of their keys.
    ///
    /// # Errors
    /// A type that is not in the set, and the first mistake in the text.
    pub fn encode(
        &self,
        type_name: &str,
        text: &[u8],
        sort_maps: bool,
    ) -> Result<Transcoded<Vec<u8>>, TextError> {
        let message = self.types.message(type_name).ok_or(TextError::UnknownType)?;
        let (tree, warnings) = parse::parse(&self.types, message, text)?;
        let mut bytes = Vec::new();
        tree::write(&self.types, message, &tree, sort_maps, &mut bytes);
        let missing = tree::missing(&self.types, message, &tree);
        Ok(Transcoded { message: bytes, missing, warnings })
    }
}

/// Any message's bytes as text, by numbers; `None` if they are no message at all.
pub fn decode_raw(bytes: &[u8]) -> Option<String> {
    raw::decode(bytes)
}

#[cfg(test)]
mod tests;
