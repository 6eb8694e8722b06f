//! `protocall compile`: `.proto` files to code in any language and to descriptor sets, messages to
//! text and back, with protoc's flags. The same happens under the name `protoc`.
//! What the flags are is `arguments`'; each thing that they ask for is a module beside.

mod arguments;
mod depfile;
mod external;
mod generators;
mod help;
mod numbers;
mod outputs;
mod report;
mod transcode;

use std::path::Path;

use protocall_build::diagnostics::Severity;
use protocall_build::{
    DescriptorSet, Error, Includes, Loaded, Report, load_from, load_incremental,
};

use crate::failure::Failure;
use crate::{print, report as say};
use arguments::{Action, Arguments, ErrorFormat, Mode};
use outputs::Places;

/// Runs a command line without the program's name. Called `protoc`, the program speaks as protoc
/// does to those who read its output: editors, build systems.
pub(crate) fn run(words: Vec<String>, as_protoc: bool) -> Result<(), Failure> {
    let arguments = match arguments::parse(words)? {
        Action::Help => return print(help::TEXT.as_bytes()),
        Action::Version => return print(help::version(as_protoc).as_bytes()),
        Action::Run(arguments) => *arguments,
    };
    for warning in &arguments.warnings {
        say(warning);
    }
    if arguments.mode == Mode::DecodeRaw {
        return transcode::raw();
    }
    let default = if as_protoc { ErrorFormat::Gcc } else { ErrorFormat::Drawn };
    let format = arguments.error_format.unwrap_or(default);
    let mut run = Run { arguments, format, includes: Includes::new(), has_warnings: false };
    run.run()
}

struct Run {
    arguments: Arguments,
    format: ErrorFormat,
    includes: Includes,
    has_warnings: bool,
}

impl Run {
    fn run(&mut self) -> Result<(), Failure> {
        // everything about the command line is settled before anything is read or written
        let jobs = generators::jobs(&self.arguments)?;
        let loaded = self.load()?;
        self.check_files(&loaded)?;
        match &self.arguments.mode {
            Mode::Compile => self.compile(&loaded, &jobs)?,
            Mode::Encode(ty) => {
                let sorted = self.arguments.deterministic_output;
                self.has_warnings |= transcode::encode(&loaded, ty, sorted)?;
            }
            Mode::Decode(ty) => self.has_warnings |= transcode::decode(&loaded, ty)?,
            Mode::FreeFieldNumbers => free_field_numbers(&loaded)?,
            Mode::DecodeRaw => {}
        }
        if self.has_warnings && self.arguments.fatal_warnings {
            return Err(Failure::Reported);
        }
        Ok(())
    }

    fn load(&mut self) -> Result<Loaded, Failure> {
        let arguments = &self.arguments;
        let sets = &arguments.descriptor_set_in;
        if arguments.proto_path.is_empty() {
            return Ok(Loaded::from_descriptor_sets(sets, &arguments.files)?);
        }
        for (import, disk) in &arguments.proto_path {
            self.includes = std::mem::take(&mut self.includes).map(import.as_str(), disk.as_path());
        }
        if !sets.is_empty() {
            self.includes = std::mem::take(&mut self.includes).with_descriptor_sets(sets)?;
        }
        let roots = arguments
            .files
            .iter()
            .map(|file| self.includes.import_path(Path::new(file)))
            .collect::<Result<Vec<String>, Error>>()?;
        let loaded = match &arguments.cache {
            Some(cache) => {
                load_incremental(&self.includes, &roots, cache).map(|outcome| outcome.loaded)
            }
            None => load_from(&self.includes, &roots),
        };
        match loaded {
            Ok(loaded) => {
                self.show(loaded.warnings());
                Ok(loaded)
            }
            Err(Error::Diagnostics(report)) => {
                self.show(&report);
                Err(Failure::Reported)
            }
            Err(error) => Err(error.into()),
        }
    }

    fn show(&mut self, report: &Report) {
        let is_warning = |severity| severity == Severity::Warning;
        self.has_warnings |= report.diagnostics().iter().any(|item| is_warning(item.severity()));
        if !report.is_empty() {
            say(&report::text(report, self.format, Some(&self.includes)));
        }
    }

    /// `--disallow_services`, `--direct_dependencies` and `--option_dependencies`.
    fn check_files(&self, loaded: &Loaded) -> Result<(), Failure> {
        let arguments = &self.arguments;
        let is_asked = arguments.disallow_services
            || arguments.direct_dependencies.is_some()
            || arguments.option_dependencies.is_some();
        if !is_asked {
            return Ok(());
        }
        let roots = loaded.roots();
        let files = &loaded.schema().descriptor_set().file;
        let mut wrong = Vec::new();
        for file in files {
            let Some(name) = file.name.as_ref().filter(|name| roots.contains(name)) else {
                continue;
            };
            if arguments.disallow_services && !file.service.is_empty() {
                let flag = "--disallow_services was used";
                wrong.push(format!("{name}: This file contains services, but {flag}."));
            }
            for (imports, allowed, message) in [
                (&file.dependency, &arguments.direct_dependencies, &arguments.direct_message),
                (
                    &file.option_dependency,
                    &arguments.option_dependencies,
                    &arguments.option_message,
                ),
            ] {
                let Some(allowed) = allowed else { continue };
                let strange = imports.iter().filter(|import| !allowed.contains(*import));
                wrong.extend(
                    strange.map(|import| format!("{name}: {}", message.replace("%s", import))),
                );
            }
        }
        if wrong.is_empty() { Ok(()) } else { Err(Failure::Message(wrong.join("\n"))) }
    }

    fn compile(&self, loaded: &Loaded, jobs: &[generators::Job]) -> Result<(), Failure> {
        let arguments = &self.arguments;
        let mut places = Places::default();
        for job in jobs {
            let add = |generated| places.add(&job.place, generated);
            job.run(loaded, arguments)
                .and_then(add)
                .map_err(|error| Failure::Output(format!("--{}_out: {error}", job.output.name)))?;
        }
        let written = depfile::outputs(&places);
        places.write(arguments.allow_escape)?;
        if let Some(file) = &arguments.dependency_out {
            depfile::emit(file, arguments, loaded, &self.includes, &written)?;
        }
        if let Some(file) = &arguments.descriptor_set_out {
            let parts = DescriptorSet {
                imports: arguments.include_imports,
                source_info: arguments.include_source_info,
                all_options: arguments.retain_options,
                ..DescriptorSet::default()
            };
            outputs::write(file, &loaded.descriptor_set(parts))?;
        }
        Ok(())
    }
}

fn free_field_numbers(loaded: &Loaded) -> Result<(), Failure> {
    let mut out = String::new();
    let files = &loaded.schema().descriptor_set().file;
    for root in loaded.schema().roots() {
        let Some(file) = files.iter().find(|file| file.name.as_ref() == Some(root)) else {
            continue;
        };
        let package = file.package.as_deref().unwrap_or_default();
        for message in &file.message_type {
            numbers::list(message, package, &mut out);
        }
    }
    print(out.as_bytes())
}
