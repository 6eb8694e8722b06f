//! The build-time API: reads `.proto` files, writes generated code. No `protoc` needed.
//!
//! This is the one build-time crate that touches files: `protocall-schema` compiles what it reads,
//! `protocall-codegen` makes the text that it writes. In `build.rs`:
//!
//! ```no_run
//! fn main() -> Result<(), protocall_build::Error> {
//!     protocall_build::compile(&["proto/hello.proto"], &["proto"])
//! }
//! ```

mod config;
mod decompile;
mod error;
mod json_names;
mod load;
mod order;
mod parameter;
pub mod plugin;
#[cfg(feature = "prost")]
mod prost;
mod request;
mod sources;
mod wire;
mod write;

use std::path::Path;

pub use crate::config::Config;
pub use crate::error::{Error, Report};
pub use crate::load::{DescriptorSet, Loaded, load, load_from};
pub use crate::order::Order;
pub use crate::parameter::options_from_parameter;
pub use crate::request::CompilerVersion;
pub use crate::sources::Includes;
pub use crate::write::write_if_changed;
pub use protocall_codegen::{GeneratedFile, Messages, Options, python};

/// The compiler's messages, one by one.
pub mod diagnostics {
    pub use protocall_schema::{Code, Diagnostic, Diagnostics, Label, Location, Severity};
}

/// The parts of descriptors that a program around the compiler looks at.
pub mod descriptor {
    pub use buffa_descriptor::generated::descriptor::{
        DescriptorProto, Edition, FileDescriptorProto, FileDescriptorSet,
    };
}

/// Text format of a schema's messages.
pub mod text {
    pub use protocall_schema::text::{TextError, TextFormat, Transcoded, decode_raw};
}

/// Compiles `protos`, found beneath the `includes`, into Cargo's `OUT_DIR`, with default options.
///
/// The application then takes all of it in with `protocall::include_proto!();`. Cargo learns of
/// each file that was read, imports included, and runs the build script again when one changes.
///
/// All files belong into one call: the tree of modules is written as a whole, so a second call into
/// the same folder replaces the first one's.
///
/// # Errors
///
/// Everything that is wrong with the `.proto` files, in one error; files that cannot be read or
/// written; and being called outside of a build script.
pub fn compile(protos: &[impl AsRef<Path>], includes: &[impl AsRef<Path>]) -> Result<(), Error> {
    Config::new().compile(protos, includes)
}
