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
//!
//! # What can be chosen
//!
//! [`Config`] has a method for each option. A path in it is a fully qualified proto name
//! (`.shop.v1.Order.lines`; the leading dot may be left out) and covers all that stands beneath it;
//! `.` covers everything. A path that names nothing is an error that says which names are like it,
//! so that a setting cannot be lost by a misspelling or a change of the schema.
//!
//! | to have | say |
//! |---|---|
//! | prost's message types instead of buffa's | [`Config::messages`], with the feature `prost` |
//! | types from another crate or module | [`Config::extern_path`] |
//! | `Bytes` that share the received message's memory | [`Config::bytes`] |
//! | maps in order: the same bytes in each run | [`Config::btree_map`] |
//! | messages in a box, or oneofs without | [`Config::boxed`], [`Config::unboxed`] |
//! | messages read without copying | [`Config::views`], [`Config::all_views`] |
//! | protobuf's JSON, its text format | [`Config::json`], [`Config::text`] |
//! | fields by their names | [`Config::reflection`] |
//! | derives and other attributes | [`Config::derive`], [`Config::type_attribute`] and the like |
//! | clients or servers alone | [`Config::client`], [`Config::without_server`] and the like |
//! | attributes on clients, servers, traits | [`Config::client_attribute`] and the like |
//! | what server reflection needs | nothing: `FILE_DESCRIPTOR_SET` is at the root of the modules |
//! | a descriptor set as a file | [`Config::file_descriptor_set_path`] |
//!
//! ```
//! use protocall_build::Config;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = tempfile::tempdir()?;
//! # let (proto, out) = (folder.path().to_owned(), folder.path().join("out"));
//! # std::fs::write(proto.join("shop.proto"), r#"
//! #     syntax = "proto3";
//! #     package shop.v1;
//! #     service Shop { rpc Buy(Order) returns (Receipt); }
//! #     service Stock { rpc Fill(Order) returns (Receipt); }
//! #     message Order { repeated Line lines = 1; map<string, string> notes = 2; }
//! #     message Line { string what = 1; bytes picture = 2; }
//! #     message Receipt { Payment payment = 1; }
//! #     enum Payment { PAYMENT_CASH = 0; PAYMENT_CARD = 1; }
//! # "#)?;
//! let config = Config::new()
//!     .out_dir(&out) // in a build script: Cargo's OUT_DIR, unless told otherwise
//!     .bytes(".shop.v1.Line.picture")
//!     .btree_map(".shop.v1.Order.notes")
//!     .views(".shop.v1.Shop.Buy") // of what the method is asked with
//!     .json(true)
//!     .enum_attribute(".shop.v1", "#[derive(PartialOrd)]")
//!     .without_server(".shop.v1.Stock")
//!     .client_attribute(".shop.v1.Shop", r#"#[cfg(feature = "client")]"#);
//! config.compile(&[proto.join("shop.proto")], &[&proto])?;
//!
//! let made = std::fs::read_to_string(out.join("shop.v1.rs"))?;
//! assert!(made.contains("pub struct OrderView") && !made.contains("pub trait Stock"));
//!
//! // what names nothing is not passed over
//! let wrong = Config::new().out_dir(&out).bytes(".shop.v1.Line.pictures");
//! let error = wrong.compile(&[proto.join("shop.proto")], &[&proto]).unwrap_err();
//! assert!(error.to_string().ends_with("is `.shop.v1.Line.picture` meant?"));
//! # Ok(())
//! # }
//! ```
//!
//! On the command line, and as a plugin of protoc or buf, the same options are one line of text:
//! see [`options_from_parameter`].

mod cache;
mod config;
mod decompile;
mod error;
mod incremental;
mod json_names;
mod load;
mod order;
mod outputs;
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
pub use crate::incremental::{Incremental, load_incremental};
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
/// each file that was read, imports included, and runs the build script again when one changes, and
/// when a new file in an earlier include path may hide one of them. A script that runs without a
/// change, in the files or the options, generates nothing; what it compares with is in `OUT_DIR`.
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
