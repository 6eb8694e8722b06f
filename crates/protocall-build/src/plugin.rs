//! The plugin protocol of protoc and buf: a request with descriptors in, a response with files out.
//!
//! Here the caller has compiled the `.proto` files; reading the request from standard input and
//! writing the response to standard output is the program's work. One request must name all files,
//! since the tree of modules is written as a whole (buf: `strategy: all`).

use buffa::{DecodeOptions, Message};
use buffa_descriptor::generated::compiler::code_generator_response::{Feature, File};
use buffa_descriptor::generated::compiler::{CodeGeneratorRequest, CodeGeneratorResponse};
use buffa_descriptor::generated::descriptor::{Edition, FileDescriptorSet};

use crate::error::Error;
use crate::load::generate;
use crate::parameter::options_from_parameter;

/// Bytes of decoded elements that a request may take. The library's own limit is for strangers;
/// this request comes from the compiler that the user started. The largest corpora need half of it.
const REQUEST_MEMORY: usize = 1 << 30;

/// Answers one serialized `CodeGeneratorRequest` with a serialized `CodeGeneratorResponse`.
///
/// What is wrong with the schema or the options travels inside of the response, as the protocol
/// wants; the caller prints it.
///
/// # Errors
///
/// A request that does not decode.
pub fn respond(request: &[u8]) -> Result<Vec<u8>, Error> {
    let request = DecodeOptions::new()
        .with_element_memory_limit(REQUEST_MEMORY)
        .decode_from_slice::<CodeGeneratorRequest>(request)
        .map_err(|error| Error::PluginRequest { reason: error.to_string() })?;
    let mut response = CodeGeneratorResponse {
        supported_features: Some(
            Feature::FEATURE_PROTO3_OPTIONAL as u64 | Feature::FEATURE_SUPPORTS_EDITIONS as u64,
        ),
        minimum_edition: Some(Edition::EDITION_PROTO2 as i32),
        maximum_edition: Some(Edition::EDITION_2024 as i32),
        ..CodeGeneratorResponse::default()
    };
    match files(request) {
        Ok(files) => response.file = files,
        Err(error) => response.error = Some(error.to_string()),
    }
    Ok(response.encode_to_vec())
}

/// What a plugin answered, for the compiler that asked it.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Response {
    /// What is wrong with the files or the options; then no file counts.
    pub error: Option<String>,
    /// Whether it knows `optional` in proto3.
    pub proto3_optional: bool,
    /// Whether it knows editions, and which (their numbers in `descriptor.proto`).
    pub editions: bool,
    /// The first edition that it knows.
    pub minimum_edition: i32,
    /// The last edition that it knows.
    pub maximum_edition: i32,
    /// The generated files.
    pub files: Vec<ResponseFile>,
}

/// A file, or a piece of one, in a plugin's answer.
#[derive(Debug, Default)]
pub struct ResponseFile {
    /// Its path; empty for more of the file before it.
    pub name: String,
    /// Where in a file of that name the content belongs; empty for a file of its own.
    pub insertion_point: String,
    /// Its text.
    pub content: String,
}

impl Response {
    /// Reads a serialized `CodeGeneratorResponse`; `None` if it is none.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let response = DecodeOptions::new()
            .with_element_memory_limit(REQUEST_MEMORY)
            .decode_from_slice::<CodeGeneratorResponse>(bytes)
            .ok()?;
        let features = response.supported_features.unwrap_or_default();
        let file = |file: File| ResponseFile {
            name: file.name.unwrap_or_default(),
            insertion_point: file.insertion_point.unwrap_or_default(),
            content: file.content.unwrap_or_default(),
        };
        Some(Self {
            error: response.error,
            proto3_optional: features & Feature::FEATURE_PROTO3_OPTIONAL as u64 != 0,
            editions: features & Feature::FEATURE_SUPPORTS_EDITIONS as u64 != 0,
            minimum_edition: response.minimum_edition.unwrap_or_default(),
            maximum_edition: response.maximum_edition.unwrap_or_default(),
            files: response.file.into_iter().map(file).collect(),
        })
    }
}

fn files(request: CodeGeneratorRequest) -> Result<Vec<File>, Error> {
    let options = options_from_parameter(request.parameter.as_deref().unwrap_or_default())?;
    let set = FileDescriptorSet { file: request.proto_file, ..FileDescriptorSet::default() };
    let generated = generate(&set, &request.file_to_generate, &options)?;
    let files = generated.into_iter().map(|file| File {
        name: Some(file.path),
        content: Some(file.content),
        ..File::default()
    });
    Ok(files.collect())
}
