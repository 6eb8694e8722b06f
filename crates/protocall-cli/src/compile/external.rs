//! Other programs that generate: plugins, which get a request on standard input, and an installed
//! protoc, for the languages that are part of it. What they answer becomes files in `outputs`.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, fs, thread};

use protocall_build::descriptor::{Edition, FileDescriptorProto};
use protocall_build::plugin::Response;
use protocall_build::{DescriptorSet, Loaded};

use super::arguments::{Arguments, Output, plugin_name};
use super::outputs::Generated;

/// The languages that protoc itself writes.
const PROTOCS: &[(&str, &str)] = &[
    ("cpp", "C++"),
    ("csharp", "C#"),
    ("java", "Java"),
    ("kotlin", "Kotlin"),
    ("objc", "Objective-C"),
    ("php", "PHP"),
    ("ruby", "Ruby"),
];

/// How the best known plugins are installed.
const INSTALL: &[(&str, &str)] = &[
    ("go", "go install google.golang.org/protobuf/cmd/protoc-gen-go@latest"),
    ("go-grpc", "go install google.golang.org/grpc/cmd/protoc-gen-go-grpc@latest"),
    ("connect-go", "go install connectrpc.com/connect/cmd/protoc-gen-connect-go@latest"),
    (
        "grpc-gateway",
        "go install github.com/grpc-ecosystem/grpc-gateway/v2/protoc-gen-grpc-gateway@latest",
    ),
    (
        "openapiv2",
        "go install github.com/grpc-ecosystem/grpc-gateway/v2/protoc-gen-openapiv2@latest",
    ),
    ("doc", "go install github.com/pseudomuto/protoc-gen-doc/cmd/protoc-gen-doc@latest"),
    ("es", "npm install -g @bufbuild/protoc-gen-es"),
    ("ts", "npm install -g @protobuf-ts/plugin"),
    ("ts_proto", "npm install -g ts-proto"),
    ("js", "npm install -g protoc-gen-js"),
    ("dart", "dart pub global activate protoc_plugin"),
    ("mypy", "pip install mypy-protobuf"),
    ("prost", "cargo install protoc-gen-prost"),
    ("tonic", "cargo install protoc-gen-tonic"),
    (
        "grpc-java",
        "download io.grpc:protoc-gen-grpc-java (an .exe for every system) from Maven, and \
                   give --plugin=protoc-gen-grpc-java=FILE",
    ),
    ("grpckt", "download io.grpc:protoc-gen-grpc-kotlin from Maven"),
    ("swift", "brew install swift-protobuf"),
    ("grpc-swift", "brew install protoc-gen-grpc-swift"),
    (
        "grpc",
        "that is grpc_cpp_plugin's, grpc_csharp_plugin's or another's work: give \
              --plugin=protoc-gen-grpc=FILE",
    ),
];

/// A program that generates code.
pub(super) enum External {
    Plugin { name: String, command: Vec<PathBuf> },
    Protoc { program: PathBuf },
}

impl External {
    /// What an output asks for, if it is there; a sentence that says what to install if not.
    pub(super) fn find(output: &Output, arguments: &Arguments) -> Result<Self, String> {
        let name = plugin_name(&output.name);
        let given = arguments.plugins.get(&name);
        let program = match given {
            Some(path) => exact(path),
            None => PathBuf::from(&name),
        };
        if let Some(prefix) = arguments.prefixes.get(&output.name) {
            let command = prefix.iter().map(PathBuf::from).chain([program]).collect();
            return Ok(Self::Plugin { name, command });
        }
        if let Some(path) = given {
            if !path.is_file() {
                return Err(format!("the plugin `{}` does not exist", path.display()));
            }
            return Ok(Self::Plugin { name, command: vec![program] });
        }
        if let Some(program) = on_path(&name) {
            return Ok(Self::Plugin { name, command: vec![program] });
        }
        if let Some((_, language)) = PROTOCS.iter().find(|(known, _)| *known == output.name) {
            return match protoc() {
                Some(program) => Ok(Self::Protoc { program }),
                None => Err(format!(
                    "{language} is written by protoc itself, and there is none on the PATH: install \
                     it (Debian, Ubuntu: apt install protobuf-compiler; macOS: brew install \
                     protobuf), or name it in the environment variable PROTOC"
                )),
            };
        }
        let install = INSTALL.iter().find(|(known, _)| *known == output.name);
        let hint = install.map_or_else(String::new, |(_, how)| format!(": {how}"));
        Err(format!(
            "`{name}` is not on the PATH; install it{hint}, or say where it is with \
             --plugin={name}=FILE"
        ))
    }

    /// Runs it over the files; messages for people go to standard error as they come.
    pub(super) fn run(
        &self,
        loaded: &Loaded,
        parameter: &str,
        arguments: &Arguments,
        output: &Output,
    ) -> Result<Vec<Generated>, String> {
        match self {
            Self::Plugin { name, command } => {
                let request = loaded.plugin_request(parameter, arguments.protoc_compat);
                let answer = exchange(name, command, request, arguments.codegen_trace)?;
                let response = Response::read(&answer)
                    .ok_or_else(|| format!("{name}: what the plugin answered is no response"))?;
                check_support(name, &response, loaded)?;
                if let Some(error) = response.error.filter(|error| !error.is_empty()) {
                    return Err(error);
                }
                let file = |file: protocall_build::plugin::ResponseFile| Generated {
                    name: file.name,
                    insertion_point: file.insertion_point,
                    content: file.content,
                };
                Ok(response.files.into_iter().map(file).collect())
            }
            Self::Protoc { program } => hand_over(program, loaded, parameter, output),
        }
    }
}

/// A path without a folder is one in the current folder, not on the PATH.
fn exact(path: &Path) -> PathBuf {
    match path.parent() {
        Some(folder) if folder.as_os_str().is_empty() => Path::new(".").join(path),
        _ => path.to_owned(),
    }
}

fn on_path(name: &str) -> Option<PathBuf> {
    let name = format!("{name}{}", env::consts::EXE_SUFFIX);
    let folders = env::var_os("PATH")?;
    env::split_paths(&folders).map(|folder| folder.join(&name)).find(|path| is_executable(path))
}

#[cfg(unix)]
fn is_executable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    path.metadata().is_ok_and(|data| data.is_file() && data.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_executable(path: &Path) -> bool {
    path.is_file()
}

/// A protoc that is not this program under that name.
fn protoc() -> Option<PathBuf> {
    if let Some(given) = env::var_os("PROTOC").filter(|given| !given.is_empty()) {
        return Some(given.into());
    }
    let own = env::current_exe().and_then(fs::canonicalize).ok();
    let name = format!("protoc{}", env::consts::EXE_SUFFIX);
    let folders = env::var_os("PATH")?;
    env::split_paths(&folders)
        .map(|folder| folder.join(&name))
        .find(|path| is_executable(path) && fs::canonicalize(path).ok() != own)
}

/// Writes to a program and reads from it at once, since either may wait for the other.
fn exchange(
    name: &str,
    command: &[PathBuf],
    request: Vec<u8>,
    trace: bool,
) -> Result<Vec<u8>, String> {
    let Some((program, first)) = command.split_first() else { return Ok(Vec::new()) };
    let mut command = Command::new(program);
    command.args(first).stdin(Stdio::piped()).stdout(Stdio::piped());
    if trace {
        command.env("PROTOC_CODEGEN_TRACE", "yes");
    }
    let mut child = command
        .spawn()
        .map_err(|error| format!("{name}: `{}` does not start: {error}", program.display()))?;
    let writer = child.stdin.take().map(|mut stdin| {
        // a plugin may stop reading; its exit code says whether that is bad
        thread::spawn(move || drop(stdin.write_all(&request)))
    });
    let mut answer = Vec::new();
    let read = child.stdout.take().map_or(Ok(0), |mut stdout| stdout.read_to_end(&mut answer));
    let status = child.wait().map_err(|error| format!("{name}: {error}"))?;
    if let Some(writer) = writer {
        let _ = writer.join();
    }
    read.map_err(|error| format!("{name}: {error}"))?;
    match status.code() {
        Some(0) => Ok(answer),
        Some(code) => Err(format!("{name}: Plugin failed with status code {code}.")),
        None => Err(format!("{name}: Plugin failed: {status}.")),
    }
}

/// A plugin must know what the files use: code for them would be wrong without a word.
fn check_support(name: &str, response: &Response, loaded: &Loaded) -> Result<(), String> {
    let schema = loaded.schema();
    let roots = schema.roots();
    let is_root =
        |file: &&FileDescriptorProto| file.name.as_ref().is_some_and(|n| roots.contains(n));
    for file in schema.descriptor_set().file.iter().filter(is_root) {
        let path = file.name.as_deref().unwrap_or_default();
        let is_proto3 = file.syntax.as_deref() == Some("proto3");
        if is_proto3 && !response.proto3_optional && has_proto3_optional(&file.message_type) {
            return Err(format!(
                "{path}: is a proto3 file that contains optional fields, but code generator {name} \
                 hasn't been updated to support optional fields in proto3. Please ask the owner of \
                 this code generator to support proto3 optional."
            ));
        }
        let edition = file.edition.unwrap_or(Edition::EDITION_UNKNOWN) as i32;
        let is_exempt = path.starts_with("google/protobuf/") || path.starts_with("upb/");
        if edition < Edition::EDITION_2023 as i32 || is_exempt {
            continue;
        }
        if !response.editions {
            return Err(format!(
                "{path}: is an editions file, but code generator {name} hasn't been updated to \
                 support editions yet.  Please ask the owner of this code generator to add support \
                 or switch back to proto2/proto3.\n\nSee https://protobuf.dev/editions/overview/ \
                 for more information."
            ));
        }
        let (least, most) = (response.minimum_edition, response.maximum_edition);
        if !(least..=most).contains(&edition) {
            return Err(format!(
                "{path}: is a file of an edition ({edition}) which isn't supported by code \
                 generator {name}, whose editions are {least} to {most}"
            ));
        }
    }
    Ok(())
}

fn has_proto3_optional(messages: &[protocall_build::descriptor::DescriptorProto]) -> bool {
    messages.iter().any(|message| {
        message.field.iter().chain(&message.extension).any(|f| f.proto3_optional == Some(true))
            || has_proto3_optional(&message.nested_type)
    })
}

/// Lets protoc write into a folder of its own, from our descriptors.
fn hand_over(
    program: &Path,
    loaded: &Loaded,
    parameter: &str,
    output: &Output,
) -> Result<Vec<Generated>, String> {
    let failed = |error: std::io::Error| format!("{}: {error}", program.display());
    let folder = tempfile::tempdir().map_err(failed)?;
    let (set, out) = (folder.path().join("set.binpb"), folder.path().join("out"));
    let parts = DescriptorSet {
        imports: true,
        source_info: true,
        all_options: true,
        written_json_names: true,
    };
    fs::write(&set, loaded.descriptor_set(parts)).map_err(failed)?;
    fs::create_dir(&out).map_err(failed)?;
    let mut command = Command::new(program);
    command.arg(format!("--descriptor_set_in={}", set.display()));
    command.arg(format!("--{}_out={}", output.name, out.display()));
    if !parameter.is_empty() {
        command.arg(format!("--{}_opt={parameter}", output.name));
    }
    let list = folder.path().join("files");
    fs::write(&list, loaded.schema().roots().join("\n")).map_err(failed)?;
    command.arg(format!("@{}", list.display()));
    let status = command.status().map_err(failed)?;
    if !status.success() {
        return Err(format!("{}: {status}", program.display()));
    }
    let mut files = Vec::new();
    collect(&out, &out, &mut files).map_err(failed)?;
    Ok(files)
}

fn collect(root: &Path, folder: &Path, files: &mut Vec<Generated>) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(root, &path, files)?;
            continue;
        }
        let relative = path.strip_prefix(root).unwrap_or(&path);
        let parts: Vec<_> = relative.iter().map(|part| part.to_string_lossy()).collect();
        let content = fs::read_to_string(&path)?;
        files.push(Generated { name: parts.join("/"), insertion_point: String::new(), content });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn missing(name: &str) -> String {
        let output = Output { name: name.to_owned(), value: ".".to_owned() };
        External::find(&output, &Arguments::default()).err().unwrap()
    }

    #[test]
    fn a_missing_plugin_says_how_to_install_it() {
        let text = missing("no-such-language");
        assert!(text.contains("`protoc-gen-no-such-language` is not on the PATH"), "{text}");
        assert!(text.contains("--plugin=protoc-gen-no-such-language=FILE"), "{text}");
        let known = INSTALL.iter().find(|(name, _)| *name == "openapiv2").unwrap();
        assert!(missing("openapiv2").contains(known.1));
    }

    #[test]
    fn a_path_without_a_folder_is_in_this_one() {
        assert_eq!(exact(Path::new("tool")), Path::new("./tool"));
        assert_eq!(exact(Path::new("bin/tool")), Path::new("bin/tool"));
    }
}
