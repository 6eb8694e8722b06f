//! What `--help` and `--version` print.

use protocall_build::CompilerVersion;

/// As protoc says it, for those who ask whether it is new enough; or with our own version first.
pub(super) fn version(as_protoc: bool) -> String {
    let like = CompilerVersion::default();
    if as_protoc {
        return format!("libprotoc {like}\n");
    }
    format!("protocall {} (as protoc {like})\n", env!("CARGO_PKG_VERSION"))
}

pub(super) const TEXT: &str = "\
Usage: protocall compile [FLAGS] PROTO_FILES

Compile .proto files. The flags are protoc's; protoc itself is not needed. Called `protoc` (by a
link of that name), the program does this without the word `compile`.

Files
  -I DIR, --proto_path=DIR     A folder that imports start from, as often as needed; the first that
                               has a file wins. Several in one flag are parted as in PATH.
                               `-I NAME=DIR`: imports that begin with NAME. Default: this folder
  --descriptor_set_in=FILES    Descriptor sets, parted as in PATH: for files that no folder has
  --cache=FILE                 Keep what was compiled here; next time only what changed is compiled
  @FILE                        More arguments, one a line

Code (DIR may be a .zip, .jar or .srcjar file; OPTIONS are parted by commas)
  --rust_out=[OPTIONS:]DIR     Rust; options as in build scripts: views=.a.B,client=false
  --python_out=[OPTIONS:]DIR   Python messages; with the option `pyi_out` their types as well
  --pyi_out=DIR                Types of Python messages
  --grpc_python_out=DIR        Python clients and servers
  --NAME_out=[OPTIONS:]DIR     What the plugin protoc-gen-NAME writes, a program on the PATH;
                               C++, C#, Java, Kotlin, Objective-C, PHP, Ruby by an installed protoc
                               ($PROTOC, or on the PATH)
  --NAME_opt=OPTIONS           More options for --NAME_out
  --plugin=[NAME=]FILE         The program of a plugin
  --NAME_prefix=PROGRAM        A program that runs the plugin, for instance an interpreter
  --unsafe_allow_out_dir_escape  Lets plugins write outside of DIR
  --enable_codegen_trace       Asks plugins to say which part of them wrote what
  --python_compat=VERSION      The grpcio-tools whose bytes Python files have: 1.71.0, 1.85.1
  --protoc_compat=VERSION      The protoc that plugins are told of: 29.0, 35.1

Descriptors
  -o FILE, --descriptor_set_out=FILE  Write a FileDescriptorSet
  --include_imports            ... with what the files import
  --include_source_info        ... with comments and positions
  --retain_options             ... with options that are for the source only
  --dependency_out=FILE        What was written and what from, for make and ninja

Messages
  --encode=MESSAGE_TYPE        Text format on standard input to bytes on standard output
  --deterministic_output       ... with maps in the order of their keys
  --decode=MESSAGE_TYPE        Bytes on standard input to text format on standard output
  --decode_raw                 Bytes of an unknown type to text; takes no files
  --print_free_field_numbers   Which numbers the files' messages have left

Checks and messages
  --error_format=FORMAT        drawn (source lines with marks), gcc and msvs (protoc's, a line
                               each), json (an object a line)
  --fatal_warnings             Exit with 1 after a warning
  --direct_dependencies=FILES  The only files that may be imported, parted by colons
  --option_dependencies=FILES  The only files that may be imported for options
  --disallow_services          No services in the files
  --version, -h, --help

Exit code 0 after success, 1 after any error.
";
