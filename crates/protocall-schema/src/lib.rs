//! The compiler's front end: `.proto` text to linked, validated descriptors, as an ordered list of
//! passes, a file each. No file access: text comes in through a [`SourceTree`].
//! What is made of the descriptors is the code generator's; where files lie is the build crate's.
//!
//! | pass | module | from | to |
//! |--:|---|---|---|
//! | 1 | `lex` | text | tokens |
//! | 2 | `parse` | tokens | syntax tree with spans (`syntax`); never fails, reports and recovers |
//! | 3 | `symbols`, `scope` | trees | the table of names, and what a name means where it is used |
//! | 4 | `build` | trees, names | descriptors without options; the model of all types (`model`) |
//! | 5 | `options` | option settings, model | options in the descriptors |
//! | 6 | `check` | model | rules that no other pass needs |
//! | 7 | `source_info` | trees | places and comments in the descriptors |
//!
//! `text` is beside the passes: messages of a schema's types as text and back.
//! `load` runs passes 1 and 2 file by file along the imports; [`compile`] runs the others.
//! Features (what editions, and before them the syntax, decide) are resolved on the way down in
//! pass 4, by `features`; `support` knows in which editions an option may be used.
//!
//! ```
//! use protocall_schema::{MemorySources, compile};
//!
//! let sources = MemorySources::new().with(
//!     "hello.proto",
//!     "syntax = \"proto3\";\npackage example;\nmessage Hello { string name = 1; }\n",
//! );
//! let compilation = compile(&sources, &["hello.proto"]);
//! let schema = compilation.into_result().expect("a valid file");
//! assert_eq!(schema.descriptor_set().file[0].package.as_deref(), Some("example"));
//! ```

mod build;
mod check;
mod code;
mod comments;
mod diagnostic;
mod features;
mod lex;
mod limits;
mod load;
mod model;
mod names;
mod number;
mod options;
mod parse;
mod schema;
mod scope;
mod source;
mod source_info;
mod suggest;
mod support;
mod symbols;
mod syntax;
pub mod text;
mod wellknown;

pub use code::{Code, codes};
pub use diagnostic::{Diagnostic, Diagnostics, Label, Location, Severity, Style};
pub use schema::{Compilation, Schema, compile, standard_options};
pub use source::{MemorySources, SourceError, SourceTree};
