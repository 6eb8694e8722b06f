//! Python source: `_pb2.py`, `_pb2.pyi` and `_pb2_grpc.py` of linked descriptors, with the bytes
//! that a release of grpcio-tools writes (protobuf's Python generator and gRPC's).
//!
//! Each kind of file has a printer of its own; what differs between releases is data in `release`.
//! The bytes of a descriptor decide most of `_pb2.py`: they are the compiler's, not made here.

mod descriptor_proto;
mod escape;
mod features;
mod grpc;
mod json_names;
mod linked;
mod module;
mod named;
mod pb2;
mod pyi;
mod pyi_imports;
mod release;
mod source;
mod spans;

use buffa_descriptor::generated::descriptor::FileDescriptorSet;

pub use crate::python::release::Release;

use crate::error::CodegenError;
use crate::output::GeneratedFile;
use crate::python::linked::Linked;

/// A kind of generated file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Output {
    /// `_pb2.py`: messages and enums (protoc's `--python_out`).
    Messages,
    /// `_pb2.pyi`: their types for type checkers and editors (protoc's `--pyi_out`).
    Types,
    /// `_pb2_grpc.py`: clients and servers of services (grpcio-tools' `--grpc_python_out`).
    Services,
}

/// What to generate, and like which release. The default is nothing, like [`Release::default`].
#[derive(Clone, Debug, Default)]
pub struct Options {
    outputs: Vec<Output>,
    release: Release,
}

impl Options {
    /// The default options: no output yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Also generates this kind of file. Asking twice is as asking once.
    #[must_use]
    pub fn output(mut self, output: Output) -> Self {
        if !self.outputs.contains(&output) {
            self.outputs.push(output);
        }
        self
    }

    /// The release of grpcio-tools whose bytes are wanted. The installed `protobuf` and `grpcio`
    /// packages must not be older than what that release belongs to.
    #[must_use]
    pub fn release(mut self, release: Release) -> Self {
        self.release = release;
        self
    }
}

/// Generates Python source for the files named in `roots`, in their order; not for their imports.
///
/// `files` holds the roots and all that they import, imports before importers, with linked names:
/// what `protocall-schema` makes, what `protoc --include_imports --include_source_info
/// --descriptor_set_out` writes, and what a plugin request carries. Options with source retention
/// must be stripped already, as they are in all three. Without source info, services have no
/// comments, and a `json_name` that was written out although it is the default one goes missing.
///
/// The path of a generated file follows from the import path of its `.proto` file, with `/`
/// between its parts.
///
/// # Errors
///
/// A root or an import that the set does not hold, a descriptor that is not linked or not
/// complete, and names that Python's generators do not take either.
pub fn generate(
    files: &FileDescriptorSet,
    roots: &[String],
    options: &Options,
) -> Result<Vec<GeneratedFile>, CodegenError> {
    let linked = Linked::new(&files.file)?;
    let rules = options.release.rules();
    let mut out = Vec::with_capacity(roots.len() * options.outputs.len());
    for root in roots {
        let file = linked.file(root);
        let file = file.ok_or_else(|| CodegenError::FileNotFound { file: root.clone() })?;
        if root.split('/').any(|part| matches!(part, "" | "." | "..")) {
            return Err(linked::invalid(format!("`{root}` is no path below an import path")));
        }
        for output in &options.outputs {
            out.push(match output {
                Output::Messages => pb2::generate(file, &linked, rules)?,
                Output::Types => pyi::generate(file, &linked, rules)?,
                Output::Services => grpc::generate(file, &linked, rules)?,
            });
        }
    }
    Ok(out)
}
