//! Which generator an output flag means: ours for Rust and Python unless a plugin was named for
//! them, else a program (`external`). Options are checked before anything is read.

use protocall_build::python::{Options as PythonOptions, Output as PythonOutput, Release};
use protocall_build::{Loaded, Options, options_from_parameter};

use super::arguments::{Arguments, Output, plugin_name};
use super::external::External;
use super::outputs::Generated;
use crate::failure::Failure;

/// One output that was asked for.
pub(super) struct Job {
    pub(super) output: Output,
    pub(super) place: String,
    parameter: String,
    generator: Generator,
}

enum Generator {
    Rust(Box<Options>),
    Python(PythonOptions),
    External(External),
}

/// All outputs in the order of the flags; each can be written, as far as that can be known.
pub(super) fn jobs(arguments: &Arguments) -> Result<Vec<Job>, Failure> {
    let release = python_release(arguments.python_compat.as_deref())?;
    let mut jobs = Vec::new();
    for output in &arguments.outputs {
        output.check_place()?;
        let (parameter, place) = output.parts();
        let more = arguments.options.get(&output.name).map(String::as_str);
        let parts = [Some(parameter), more].into_iter().flatten().filter(|part| !part.is_empty());
        let parameter = parts.collect::<Vec<_>>().join(",");
        let is_plugin = arguments.plugins.contains_key(&plugin_name(&output.name));
        let ours = if is_plugin { "" } else { output.name.as_str() };
        let python = |kind| python_options(&output.name, &parameter, release, kind);
        let generator = match ours {
            "rust" => Generator::Rust(Box::new(options_from_parameter(&parameter)?)),
            "python" => Generator::Python(python(PythonOutput::Messages)?),
            "pyi" => Generator::Python(python(PythonOutput::Types)?),
            "grpc_python" => Generator::Python(python(PythonOutput::Services)?),
            _ => Generator::External(
                External::find(output, arguments)
                    .map_err(|why| Failure::Usage(format!("--{}_out: {why}", output.name)))?,
            ),
        };
        jobs.push(Job { output: output.clone(), place: place.to_owned(), parameter, generator });
    }
    Ok(jobs)
}

impl Job {
    /// The generated files.
    pub(super) fn run(
        &self,
        loaded: &Loaded,
        arguments: &Arguments,
    ) -> Result<Vec<Generated>, String> {
        let files = match &self.generator {
            Generator::Rust(options) => loaded.generate(options),
            Generator::Python(options) => loaded.generate_python(options),
            Generator::External(external) => {
                return external.run(loaded, &self.parameter, arguments, &self.output);
            }
        };
        let own = |file: protocall_build::GeneratedFile| Generated {
            name: file.path,
            insertion_point: String::new(),
            content: file.content,
        };
        Ok(files.map_err(|error| error.to_string())?.into_iter().map(own).collect())
    }
}

fn python_release(version: Option<&str>) -> Result<Release, Failure> {
    let Some(version) = version else { return Ok(Release::default()) };
    Release::from_version(version).ok_or_else(|| {
        let known: Vec<_> = Release::ALL.iter().map(|release| release.version()).collect();
        Failure::Usage(format!(
            "--python_compat: `{version}` is not a version whose output is known; there are: {}",
            known.join(", ")
        ))
    })
}

fn python_options(
    name: &str,
    parameter: &str,
    release: Release,
    output: PythonOutput,
) -> Result<PythonOptions, Failure> {
    let mut options = PythonOptions::new().release(release).output(output);
    for option in parameter.split(',').filter(|option| !option.is_empty()) {
        options = match (output, option) {
            (PythonOutput::Messages, "pyi_out") => options.output(PythonOutput::Types),
            // what is written is what this says
            (PythonOutput::Services, "grpc_2_0") => options,
            _ => return Err(Failure::Usage(format!("--{name}_out: unknown option `{option}`"))),
        };
    }
    Ok(options)
}
