//! protoc's command line, to the letter: flags may be `--name=value`, `--name value` or `-Xvalue`,
//! any `--NAME_out` is an output, and what excludes what is protoc's as well.
//! Nothing is read here but `@FILE`s; what the flags ask for is done by the modules beside.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use protocall_build::CompilerVersion;

use crate::failure::Failure;

/// What a command line asks for.
pub(super) enum Action {
    Run(Box<Arguments>),
    Help,
    Version,
}

/// What to do with the files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Mode {
    #[default]
    Compile,
    /// Text of this message type from standard input, to bytes.
    Encode(String),
    /// Bytes of this message type from standard input, to text.
    Decode(String),
    DecodeRaw,
    FreeFieldNumbers,
}

/// How diagnostics are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ErrorFormat {
    /// Source lines with marks under them.
    Drawn,
    Gcc,
    Msvs,
    /// An object a line.
    Json,
}

/// One `--NAME_out`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Output {
    pub(super) name: String,
    /// As it was written; which part of it are options depends on the generator.
    pub(super) value: String,
}

#[derive(Debug)]
pub(super) struct Arguments {
    pub(super) mode: Mode,
    /// What imports begin with, and the folder or file that this is.
    pub(super) proto_path: Vec<(String, PathBuf)>,
    pub(super) files: Vec<String>,
    pub(super) outputs: Vec<Output>,
    /// Programs by the names of plugins, which begin with `protoc-gen-`.
    pub(super) plugins: BTreeMap<String, PathBuf>,
    /// `--NAME_opt`, joined by commas.
    pub(super) options: BTreeMap<String, String>,
    /// `--NAME_prefix`: the program, and its arguments, that run a plugin.
    pub(super) prefixes: BTreeMap<String, Vec<String>>,
    pub(super) descriptor_set_in: Vec<PathBuf>,
    pub(super) descriptor_set_out: Option<PathBuf>,
    pub(super) include_imports: bool,
    pub(super) include_source_info: bool,
    pub(super) retain_options: bool,
    pub(super) dependency_out: Option<PathBuf>,
    pub(super) error_format: Option<ErrorFormat>,
    pub(super) fatal_warnings: bool,
    pub(super) disallow_services: bool,
    pub(super) deterministic_output: bool,
    pub(super) allow_escape: bool,
    pub(super) codegen_trace: bool,
    pub(super) direct_dependencies: Option<BTreeSet<String>>,
    pub(super) direct_message: String,
    pub(super) option_dependencies: Option<BTreeSet<String>>,
    pub(super) option_message: String,
    pub(super) protoc_compat: CompilerVersion,
    pub(super) python_compat: Option<String>,
    /// Where to keep what was compiled, for the next time.
    pub(super) cache: Option<PathBuf>,
    /// Warnings about the command line itself.
    pub(super) warnings: Vec<String>,
}

impl Default for Arguments {
    fn default() -> Self {
        Self {
            mode: Mode::Compile,
            proto_path: Vec::new(),
            files: Vec::new(),
            outputs: Vec::new(),
            plugins: BTreeMap::new(),
            options: BTreeMap::new(),
            prefixes: BTreeMap::new(),
            descriptor_set_in: Vec::new(),
            descriptor_set_out: None,
            include_imports: false,
            include_source_info: false,
            retain_options: false,
            dependency_out: None,
            error_format: None,
            fatal_warnings: false,
            disallow_services: false,
            deterministic_output: false,
            allow_escape: false,
            codegen_trace: false,
            direct_dependencies: None,
            direct_message: "File is imported but not declared in --direct_dependencies: %s"
                .to_owned(),
            option_dependencies: None,
            option_message: "File is imported as an option but not declared in \
                             --option_dependencies: %s"
                .to_owned(),
            protoc_compat: CompilerVersion::default(),
            python_compat: None,
            cache: None,
            warnings: Vec::new(),
        }
    }
}

/// Flags that have no value.
const SWITCHES: &[&str] = &[
    "-h",
    "--help",
    "--version",
    "--disallow_services",
    "--include_imports",
    "--include_source_info",
    "--retain_options",
    "--decode_raw",
    "--notices",
    "--experimental_editions",
    "--print_free_field_numbers",
    "--experimental_allow_proto3_optional",
    "--deterministic_output",
    "--unsafe_allow_out_dir_escape",
    "--fatal_warnings",
    "--enable_codegen_trace",
];

/// Flags that have one, beside `--NAME_out`, `--NAME_opt` and `--NAME_prefix`.
const WITH_VALUE: &[&str] = &[
    "--proto_path",
    "--encode",
    "--decode",
    "--descriptor_set_in",
    "--descriptor_set_out",
    "--dependency_out",
    "--error_format",
    "--direct_dependencies",
    "--direct_dependencies_violation_msg",
    "--option_dependencies",
    "--option_dependencies_violation_msg",
    "--plugin",
    "--protoc_compat",
    "--python_compat",
    "--cache",
    "--edition_defaults_out",
    "--edition_defaults_minimum",
    "--edition_defaults_maximum",
];

fn usage<T>(text: impl Into<String>) -> Result<T, Failure> {
    Err(Failure::Usage(text.into()))
}

/// Reads a command line, without the program's name.
pub(super) fn parse(words: impl IntoIterator<Item = String>) -> Result<Action, Failure> {
    let words = expand(words)?;
    if words.is_empty() {
        return Ok(Action::Help);
    }
    let mut arguments = Arguments::default();
    let mut words = words.into_iter().peekable();
    while let Some(word) = words.next() {
        let (name, value) = split(&word);
        let value = match value {
            Some(value) => value.to_owned(),
            None if SWITCHES.contains(&name) => String::new(),
            None => match words.next_if(|next| !next.starts_with('-')) {
                Some(next) => next,
                None if name == "--decode" => {
                    return usage(
                        "--decode wants a message type; for bytes of an unknown type \
                                  there is --decode_raw",
                    );
                }
                None if is_known(name) => return usage(format!("{name} wants a value")),
                None => return unknown(name),
            },
        };
        match name {
            "-h" | "--help" => return Ok(Action::Help),
            "--version" => return Ok(Action::Version),
            "--notices" => return Ok(Action::Version),
            _ => arguments.take(name, value)?,
        }
    }
    arguments.finish()?;
    Ok(Action::Run(Box::new(arguments)))
}

/// Puts the lines of `@FILE`s in their places.
fn expand(words: impl IntoIterator<Item = String>) -> Result<Vec<String>, Failure> {
    let mut expanded = Vec::new();
    for word in words {
        let Some(file) = word.strip_prefix('@') else {
            expanded.push(word);
            continue;
        };
        match std::fs::read_to_string(file) {
            Ok(text) => expanded.extend(text.lines().map(str::to_owned)),
            Err(error) => {
                return usage(format!("the file of arguments `{file}` cannot be read: {error}"));
            }
        }
    }
    Ok(expanded)
}

/// A flag's name and value; the name is empty for what is no flag.
fn split(word: &str) -> (&str, Option<&str>) {
    if word.starts_with("--") {
        return match word.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (word, None),
        };
    }
    match word.strip_prefix('-').and_then(|rest| rest.chars().next()) {
        Some(letter) => {
            let (name, value) = word.split_at(1 + letter.len_utf8());
            (name, Some(value).filter(|value| !value.is_empty()))
        }
        None => ("", Some(word)),
    }
}

fn is_known(name: &str) -> bool {
    matches!(name, "-I" | "-o")
        || SWITCHES.contains(&name)
        || WITH_VALUE.contains(&name)
        || ["_out", "_opt", "_prefix"].iter().any(|ending| name.ends_with(ending))
}

fn unknown<T>(name: &str) -> Result<T, Failure> {
    let all = || SWITCHES.iter().chain(WITH_VALUE);
    let near = |known: &&&str| {
        let (known, name) = (known.trim_start_matches('-'), name.trim_start_matches('-'));
        known.replace('_', "") == name.replace(['-', '_'], "").to_ascii_lowercase()
    };
    match all().find(near) {
        Some(known) => usage(format!("there is no flag `{name}`: write {known}")),
        None => usage(format!("there is no flag `{name}`; `--help` lists all")),
    }
}

impl Arguments {
    fn take(&mut self, name: &str, value: String) -> Result<(), Failure> {
        match name {
            "" if value.is_empty() => return usage("an argument is empty"),
            "" => self.files.push(value),
            "-I" | "--proto_path" => return self.proto_path(&value),
            "--encode" | "--decode" | "--decode_raw" | "--print_free_field_numbers" => {
                return self.mode(name, value);
            }
            "--descriptor_set_in" => {
                once(name, self.descriptor_set_in.is_empty())?;
                self.descriptor_set_in = std::env::split_paths(&filled(name, value)?).collect();
                self.descriptor_set_in.retain(|path| !path.as_os_str().is_empty());
            }
            "-o" | "--descriptor_set_out" => {
                once(name, self.descriptor_set_out.is_none())?;
                self.must_compile(name)?;
                self.descriptor_set_out = Some(filled(name, value)?.into());
            }
            "--dependency_out" => {
                once(name, self.dependency_out.is_none())?;
                self.dependency_out = Some(filled(name, value)?.into());
            }
            "--include_imports" => set(name, &mut self.include_imports)?,
            "--include_source_info" => set(name, &mut self.include_source_info)?,
            "--retain_options" => set(name, &mut self.retain_options)?,
            "--fatal_warnings" => set(name, &mut self.fatal_warnings)?,
            "--disallow_services" => self.disallow_services = true,
            "--deterministic_output" => self.deterministic_output = true,
            "--unsafe_allow_out_dir_escape" => self.allow_escape = true,
            "--enable_codegen_trace" => self.codegen_trace = true,
            // what they allowed is allowed
            "--experimental_allow_proto3_optional" | "--experimental_editions" => {}
            "--direct_dependencies" => dependencies(name, &value, &mut self.direct_dependencies)?,
            "--direct_dependencies_violation_msg" => self.direct_message = value,
            "--option_dependencies" => dependencies(name, &value, &mut self.option_dependencies)?,
            "--option_dependencies_violation_msg" => self.option_message = value,
            "--error_format" => self.error_format = Some(error_format(&value)?),
            "--protoc_compat" => self.protoc_compat = compiler_version(&value)?,
            "--python_compat" => self.python_compat = Some(value),
            "--edition_defaults_out"
            | "--edition_defaults_minimum"
            | "--edition_defaults_maximum" => {
                return usage(format!(
                    "{name} is not here: the table is for those who write a runtime of protobuf; \
                     have protoc itself write it"
                ));
            }
            "--cache" => {
                once(name, self.cache.is_none())?;
                self.cache = Some(filled(name, value)?.into());
            }
            "--plugin" => {
                let (name, path) = match value.split_once('=') {
                    Some((name, path)) => (name, path),
                    None => (value.rsplit('/').next().unwrap_or(&value), value.as_str()),
                };
                self.plugins.insert(name.to_owned(), path.into());
            }
            _ => return self.generator(name, value),
        }
        Ok(())
    }

    fn generator(&mut self, flag: &str, value: String) -> Result<(), Failure> {
        let Some(name) = flag.strip_prefix("--") else { return unknown(flag) };
        if let Some(name) = name.strip_suffix("_out") {
            self.must_compile(flag)?;
            self.outputs.push(Output { name: name.to_owned(), value });
        } else if let Some(name) = name.strip_suffix("_opt") {
            let options = self.options.entry(name.to_owned()).or_default();
            if !options.is_empty() {
                options.push(',');
            }
            options.push_str(&value);
        } else if let Some(name) = name.strip_suffix("_prefix") {
            once(flag, !self.prefixes.contains_key(name))?;
            if value.contains(['"', '\'']) {
                return usage(format!("{flag}: quotes are not supported; write a small script"));
            }
            let words: Vec<String> = value.split_whitespace().map(str::to_owned).collect();
            filled(flag, words.concat())?;
            self.prefixes.insert(name.to_owned(), words);
        } else {
            return unknown(flag);
        }
        Ok(())
    }

    fn proto_path(&mut self, value: &str) -> Result<(), Failure> {
        for part in std::env::split_paths(value).filter(|part| !part.as_os_str().is_empty()) {
            let text = part.to_string_lossy();
            let (import, disk) = match text.split_once('=') {
                // a folder that has the sign in its name
                Some(_) if part.exists() => (String::new(), part.clone()),
                Some((import, disk)) => (import.to_owned(), PathBuf::from(disk)),
                None => (String::new(), part.clone()),
            };
            if disk.as_os_str().is_empty() {
                return usage("--proto_path: a folder's name is empty (the current one is `.`)");
            }
            if !disk.exists() {
                self.warnings
                    .push(format!("{}: warning: directory does not exist.", disk.display()));
            }
            self.proto_path.push((import, disk));
        }
        Ok(())
    }

    fn mode(&mut self, name: &str, value: String) -> Result<(), Failure> {
        if self.mode != Mode::Compile {
            return usage(format!("{name} cannot be given beside another such flag"));
        }
        if !self.outputs.is_empty() || self.descriptor_set_out.is_some() {
            return usage(format!("{name} and output flags exclude each other"));
        }
        self.mode = match name {
            "--decode_raw" if !value.is_empty() => return usage("--decode_raw takes no value"),
            "--decode_raw" => Mode::DecodeRaw,
            "--print_free_field_numbers" => Mode::FreeFieldNumbers,
            "--encode" => Mode::Encode(filled(name, value)?),
            _ => Mode::Decode(filled(name, value)?),
        };
        Ok(())
    }

    fn must_compile(&self, name: &str) -> Result<(), Failure> {
        if self.mode == Mode::Compile {
            return Ok(());
        }
        usage(format!("{name} cannot be given beside --encode, --decode and such"))
    }

    /// What can be said only of all flags together.
    fn finish(&mut self) -> Result<(), Failure> {
        for name in self.options.keys() {
            let is_used = self.outputs.iter().any(|output| output.name == *name)
                || self.plugins.contains_key(&plugin_name(name));
            if !is_used {
                return usage(format!("--{name}_opt without --{name}_out"));
            }
        }
        if self.proto_path.is_empty() && self.descriptor_set_in.is_empty() {
            self.proto_path.push((String::new(), PathBuf::from(".")));
        }
        let nothing_given = self.files.is_empty() && self.descriptor_set_in.is_empty();
        match self.mode {
            Mode::Compile if self.files.is_empty() => return usage("no .proto file is given"),
            Mode::DecodeRaw if !nothing_given => {
                return usage("--decode_raw takes no .proto files");
            }
            Mode::Encode(_) | Mode::Decode(_) | Mode::FreeFieldNumbers if nothing_given => {
                return usage("no .proto file is given");
            }
            Mode::Compile if self.outputs.is_empty() && self.descriptor_set_out.is_none() => {
                return usage(
                    "nothing to write: give --rust_out=DIR, --python_out=DIR, another --NAME_out \
                     or --descriptor_set_out=FILE",
                );
            }
            _ => {}
        }
        if self.dependency_out.is_some() {
            self.must_compile("--dependency_out")?;
            if self.files.len() > 1 {
                return usage("--dependency_out is for one .proto file at a time");
            }
            if !self.descriptor_set_in.is_empty() {
                return usage("--dependency_out cannot be given beside --descriptor_set_in");
            }
        }
        if self.deterministic_output && !matches!(self.mode, Mode::Encode(_)) {
            return usage("--deterministic_output is for --encode");
        }
        for (flag, is_given) in [
            ("--include_imports", self.include_imports),
            ("--include_source_info", self.include_source_info),
            ("--retain_options", self.retain_options),
        ] {
            if is_given && self.descriptor_set_out.is_none() {
                let text = format!("warning: {flag} is for --descriptor_set_out alone");
                self.warnings.push(text);
            }
        }
        Ok(())
    }
}

/// What a plugin's program is called.
pub(super) fn plugin_name(name: &str) -> String {
    format!("protoc-gen-{name}")
}

fn once(name: &str, is_first: bool) -> Result<(), Failure> {
    if is_first { Ok(()) } else { usage(format!("{name} may be given only once")) }
}

fn set(name: &str, switch: &mut bool) -> Result<(), Failure> {
    once(name, !std::mem::replace(switch, true))
}

fn filled(name: &str, value: String) -> Result<String, Failure> {
    if value.is_empty() { usage(format!("{name} wants a value")) } else { Ok(value) }
}

fn dependencies(
    name: &str,
    value: &str,
    into: &mut Option<BTreeSet<String>>,
) -> Result<(), Failure> {
    once(name, into.is_none())?;
    let parts = value.split(':').filter(|part| !part.is_empty());
    *into = Some(parts.map(str::to_owned).collect());
    Ok(())
}

fn error_format(value: &str) -> Result<ErrorFormat, Failure> {
    Ok(match value {
        "gcc" => ErrorFormat::Gcc,
        "msvs" => ErrorFormat::Msvs,
        "json" => ErrorFormat::Json,
        "drawn" => ErrorFormat::Drawn,
        _ => {
            return usage(format!(
                "--error_format: there is no format `{value}`; there are drawn, gcc, msvs, json"
            ));
        }
    })
}

fn compiler_version(value: &str) -> Result<CompilerVersion, Failure> {
    let known = CompilerVersion::ALL.iter().find(|version| version.to_string() == value);
    known.copied().ok_or_else(|| {
        let all: Vec<String> = CompilerVersion::ALL.iter().map(ToString::to_string).collect();
        Failure::Usage(format!(
            "--protoc_compat: `{value}` is not a version whose output is known; there are {}",
            all.join(", ")
        ))
    })
}

impl Output {
    /// `[options:]place`, parted at the first colon that is not a Windows drive's. (Rust's options
    /// hold colons, so there it is the last one.)
    pub(super) fn parts(&self) -> (&str, &str) {
        if self.name == "rust" {
            return split_at_last_colon(&self.value);
        }
        let is_drive = self.value.len() > 2
            && self.value.as_bytes().get(1) == Some(&b':')
            && self.value.starts_with(|c: char| c.is_ascii_alphabetic())
            && self.value.get(2..).is_some_and(|rest| rest.starts_with(['/', '\\']));
        match self.value.split_once(':') {
            Some(parts) if !is_drive => parts,
            _ => ("", self.value.as_str()),
        }
    }

    /// Whether its place is an archive, going by its name as protoc does.
    pub(super) fn is_archive(place: &str) -> bool {
        [".zip", ".jar", ".srcjar"].iter().any(|ending| place.ends_with(ending))
    }

    /// An error unless the place can be written to.
    pub(super) fn check_place(&self) -> Result<(), Failure> {
        let (_, place) = self.parts();
        if Self::is_archive(place) || Path::new(place).is_dir() {
            return Ok(());
        }
        usage(format!("--{}_out: `{place}` is not a folder; make it first", self.name))
    }
}

/// Rust paths in options hold colons; the colon of a Windows drive is part of the folder.
fn split_at_last_colon(out: &str) -> (&str, &str) {
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
mod tests;
