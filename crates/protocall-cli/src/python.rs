//! The flags for Python, which are those of grpcio-tools, and what they ask of the generator.

use std::path::PathBuf;

use clap::Args;
use protocall_build::python::{Options, Output, Release};

use crate::compile::output_folder;
use crate::failure::Failure;

#[derive(Args)]
#[group(skip)] // a group would have the name of the one around it
pub(crate) struct Arguments {
    /// Write Python messages (`_pb2.py`) into DIR, which must exist. With the option `pyi_out`,
    /// their types as well.
    #[arg(long = "python_out", value_name = "[OPTIONS:]DIR")]
    python_out: Option<String>,

    /// Write types of Python messages (`_pb2.pyi`) into DIR, which must exist.
    #[arg(long = "pyi_out", value_name = "DIR")]
    pyi_out: Option<String>,

    /// Write Python clients and servers (`_pb2_grpc.py`) into DIR, which must exist.
    #[arg(long = "grpc_python_out", value_name = "[OPTIONS:]DIR")]
    grpc_python_out: Option<String>,

    /// The version of grpcio-tools whose output Python files are like, to the byte.
    #[arg(long = "python_compat", value_name = "VERSION", default_value = Release::default().version())]
    python_compat: String,
}

/// What to generate, and the folder to write it into.
type Job = (Options, PathBuf);

impl Arguments {
    /// What the flags ask for: at most one job each.
    pub(crate) fn jobs(&self) -> Result<Vec<Job>, Failure> {
        let release = Release::from_version(&self.python_compat).ok_or_else(|| {
            let known: Vec<_> = Release::ALL.iter().map(|release| release.version()).collect();
            Failure::Usage(format!(
                "--python_compat: `{}` is not a version whose output is known; there are: {}",
                self.python_compat,
                known.join(", ")
            ))
        })?;
        let flags = [
            ("--python_out", &self.python_out, Output::Messages),
            ("--pyi_out", &self.pyi_out, Output::Types),
            ("--grpc_python_out", &self.grpc_python_out, Output::Services),
        ];
        let mut jobs = Vec::new();
        for (flag, value, output) in flags {
            let Some(value) = value else { continue };
            let (parameter, folder) = output_folder(flag, value)?;
            let mut options = Options::new().release(release).output(output);
            for option in parameter.split(',').filter(|option| !option.is_empty()) {
                options = match (output, option) {
                    (Output::Messages, "pyi_out") => options.output(Output::Types),
                    // What is written is what this says.
                    (Output::Services, "grpc_2_0") => options,
                    _ => {
                        return Err(Failure::Usage(format!("{flag}: unknown option `{option}`")));
                    }
                };
            }
            jobs.push((options, folder));
        }
        Ok(jobs)
    }
}
