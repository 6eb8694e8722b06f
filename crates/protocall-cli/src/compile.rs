//! `protocall compile`: `.proto` files to Rust and Python source and descriptor sets, with protoc's
//! flags.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::Args;
use protocall_build::{DescriptorSet, load, options_from_parameter, write_if_changed};

use crate::failure::Failure;
use crate::python;
use crate::{report, stderr_takes_color};

/// Compile .proto files. The flags are protoc's; protoc itself is not needed.
#[derive(Args)]
pub(crate) struct Arguments {
    /// A folder that imports start from; may be given more than once, the first that has a file
    /// wins. Several in one argument are parted as in PATH. The current folder if there is none.
    #[arg(short = 'I', long = "proto_path", value_name = "DIR")]
    proto_path: Vec<OsString>,

    /// Write Rust code into DIR, which must exist. Options are those of the build API:
    /// `views=.a.B,bytes=.a.B.c,client=false`.
    #[arg(long = "rust_out", value_name = "[OPTIONS:]DIR")]
    rust_out: Option<String>,

    /// More options for --rust_out; may be given more than once.
    #[arg(long = "rust_opt", value_name = "OPTIONS", requires = "rust_out")]
    rust_opt: Vec<String>,

    #[command(flatten)]
    python: python::Arguments,

    /// Write a serialized FileDescriptorSet of the files to FILE.
    #[arg(short = 'o', long = "descriptor_set_out", value_name = "FILE")]
    descriptor_set_out: Option<PathBuf>,

    /// Put imported files into the descriptor set, too.
    #[arg(long = "include_imports", requires = "descriptor_set_out")]
    include_imports: bool,

    /// Keep comments and positions in the descriptor set.
    #[arg(long = "include_source_info", requires = "descriptor_set_out")]
    include_source_info: bool,

    /// The files to compile.
    #[arg(required = true, value_name = "PROTO")]
    protos: Vec<PathBuf>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    // Everything about the command line is settled before anything is read or written.
    let rust = arguments.rust_out.as_deref().map(|out| rust_output(out, &arguments.rust_opt));
    let rust = rust.transpose()?;
    let python = arguments.python.jobs()?;
    if rust.is_none() && python.is_empty() && arguments.descriptor_set_out.is_none() {
        return Err(Failure::Usage(
            "nothing to write: give --rust_out=DIR, --python_out=DIR or --descriptor_set_out=FILE"
                .to_owned(),
        ));
    }
    let given = arguments.proto_path.iter().flat_map(std::env::split_paths);
    let mut includes: Vec<PathBuf> = given.collect();
    if includes.is_empty() {
        includes.push(PathBuf::from("."));
    }

    let loaded = load(&arguments.protos, &includes)?;
    let warnings = loaded.warnings();
    if !warnings.is_empty() {
        report(if stderr_takes_color() { warnings.color() } else { warnings.plain() });
    }
    if let Some((options, folder)) = rust {
        for file in loaded.generate(&options)? {
            write_if_changed(&folder.join(&file.path), file.content.as_bytes())?;
        }
    }
    for (options, folder) in python {
        for file in loaded.generate_python(&options)? {
            write_if_changed(&folder.join(&file.path), file.content.as_bytes())?;
        }
    }
    if let Some(file) = &arguments.descriptor_set_out {
        let parts = DescriptorSet {
            imports: arguments.include_imports,
            source_info: arguments.include_source_info,
        };
        write_if_changed(file, &loaded.descriptor_set(parts))?;
    }
    Ok(())
}

fn rust_output(out: &str, more: &[String]) -> Result<(protocall_build::Options, PathBuf), Failure> {
    let (parameter, folder) = output_folder("--rust_out", out)?;
    let parameter = [&[parameter.to_owned()], more].concat().join(",");
    Ok((options_from_parameter(&parameter)?, folder))
}

/// Parts the value of an output flag into its options and its folder, which must be there.
pub(crate) fn output_folder<'o>(flag: &str, out: &'o str) -> Result<(&'o str, PathBuf), Failure> {
    let (parameter, folder) = split_output(out);
    let folder = Path::new(folder);
    if folder.is_dir() {
        return Ok((parameter, folder.to_owned()));
    }
    Err(Failure::Usage(format!("{flag}: `{}` is not a folder; make it first", folder.display())))
}

/// Parts `[options:]dir`. The last colon parts them, since Rust paths in options hold colons; and
/// the colon of a Windows drive is part of the folder.
fn split_output(out: &str) -> (&str, &str) {
    let Some((left, folder)) = out.rsplit_once(':') else { return ("", out) };
    let is_drive = |text: &str| text.len() == 1 && text.starts_with(|c: char| c.is_alphabetic());
    if !folder.starts_with(['/', '\\']) || !is_drive(left.rsplit(':').next().unwrap_or(left)) {
        return (left, folder);
    }
    match left.rsplit_once(':') {
        Some((parameter, drive)) => (parameter, &out[out.len() - folder.len() - 1 - drive.len()..]),
        None => ("", out),
    }
}

#[cfg(test)]
mod tests {
    //! Where an output argument is parted.

    use super::split_output;

    #[test]
    fn options_come_before_the_last_colon_that_is_no_drive() {
        for (out, expected) in [
            ("gen", ("", "gen")),
            ("views=.a:gen", ("views=.a", "gen")),
            ("extern_path=.a=::b::c:gen", ("extern_path=.a=::b::c", "gen")),
            ("C:\\gen", ("", "C:\\gen")),
            ("views=.a:C:/gen", ("views=.a", "C:/gen")),
            ("views=.a:/gen", ("views=.a", "/gen")),
        ] {
            assert_eq!(split_output(out), expected, "{out}");
        }
    }
}
