//! The published files that both compilers read, and how each package's own client fetches it.
//! Versions are pinned, so that a run means the same tomorrow; packages are kept between runs.

use std::path::{Path, PathBuf};

use crate::error::{Context, Error};
use crate::process;
use crate::workspace::Workspace;

/// A set of files that import each other.
pub(super) struct Corpus {
    pub(super) name: &'static str,
    source: Source,
    /// Import folders inside what was fetched; the files of the first are compiled.
    roots: &'static [&'static str],
    /// Folders of the first root that are left out: second copies of another corpus's files.
    without: &'static [&'static str],
}

enum Source {
    /// The files inside protoc's own package.
    Protoc,
    /// An include folder, whose `google` was installed by a system package; skipped without one.
    System(&'static str),
    /// A Python package by name and version.
    Python(&'static str),
    /// An npm package by name and version.
    Npm(&'static str),
    /// A Maven artifact, `group:artifact:version`.
    Maven(&'static str),
    /// Go modules, each with the path that its files are imported by (empty: the module's root).
    Go(&'static [(&'static str, &'static str)]),
}

pub(super) const CORPORA: &[Corpus] = &[
    Corpus { name: "grpcio-tools", source: Source::Protoc, roots: &["."], without: &[] },
    Corpus {
        name: "libprotobuf-dev",
        source: Source::System("/usr/include"),
        roots: &["."],
        without: &[],
    },
    Corpus {
        name: "googleapis-common-protos",
        source: Source::Python("googleapis-common-protos==1.72.0"),
        roots: &["."],
        without: &[],
    },
    Corpus {
        name: "protobuf-java",
        source: Source::Maven("com.google.protobuf:protobuf-java:4.33.0"),
        roots: &["."],
        without: &[],
    },
    Corpus {
        name: "opentelemetry",
        source: Source::Maven("io.opentelemetry.proto:opentelemetry-proto:1.3.2-alpha"),
        roots: &["."],
        without: &[],
    },
    Corpus {
        name: "envoy",
        source: Source::Maven("io.envoyproxy.controlplane:api:1.0.49"),
        roots: &["."],
        without: &[],
    },
    Corpus {
        name: "protobuf-go",
        source: Source::Go(&[("google.golang.org/protobuf@v1.36.12", "")]),
        // the second holds a standard file that older releases of protoc come without
        roots: &[".", "src"],
        without: &[],
    },
    Corpus {
        name: "protovalidate",
        source: Source::Go(&[("github.com/bufbuild/protovalidate@v1.2.2", "")]),
        roots: &["proto/protovalidate-testing", "proto/protovalidate"],
        without: &[],
    },
    Corpus {
        name: "kubernetes",
        source: Source::Go(&[
            ("k8s.io/api@v0.37.2", "k8s.io/api"),
            ("k8s.io/apimachinery@v0.37.2", "k8s.io/apimachinery"),
        ]),
        roots: &["."],
        without: &[],
    },
    Corpus {
        name: "gogo",
        source: Source::Go(&[("github.com/gogo/protobuf@v1.3.2", "github.com/gogo/protobuf")]),
        roots: &[".", "github.com/gogo/protobuf/protobuf"],
        without: &[],
    },
    Corpus {
        name: "containerd",
        source: Source::Go(&[(
            "github.com/containerd/containerd/api@v1.12.0",
            "github.com/containerd/containerd/api",
        )]),
        roots: &["github.com/containerd/containerd/api", "."],
        without: &[],
    },
    Corpus {
        name: "googleapis",
        source: Source::Npm("google-proto-files@5.0.3"),
        roots: &["package"],
        without: &["google/protobuf/"],
    },
];

/// A corpus on this machine.
pub(super) struct Files {
    pub(super) roots: Vec<PathBuf>,
    /// Relative to the first root, sorted.
    pub(super) paths: Vec<String>,
}

impl Files {
    /// All files below a folder.
    pub(super) fn below(folder: &Path, includes: &Path) -> Result<Self, Error> {
        let mut paths = Vec::new();
        list(folder, folder, &mut paths)?;
        paths.sort();
        Ok(Self { roots: vec![folder.to_owned(), includes.to_owned()], paths })
    }
}

impl Corpus {
    /// Fetches the corpus, unless it is here, and lists it.
    pub(super) fn files(&self, workspace: &Workspace, includes: &Path) -> Result<Files, Error> {
        let folder = match self.source {
            Source::Protoc => includes.to_owned(),
            Source::System(folder) => folder.into(),
            _ => self.fetched(workspace)?,
        };
        let mut roots: Vec<PathBuf> = self.roots.iter().map(|root| folder.join(root)).collect();
        let mut paths = Vec::new();
        if let Some(root) = roots.first().filter(|root| root.is_dir()) {
            let inside = match self.source {
                Source::System(_) => root.join("google"),
                _ => root.clone(),
            };
            if inside.is_dir() {
                list(root, &inside, &mut paths)?;
            }
        }
        paths.retain(|path| !self.without.iter().any(|prefix| path.starts_with(prefix)));
        paths.sort();
        if paths.is_empty() && !matches!(self.source, Source::System(_)) {
            return Err(Error::new(format!("{} holds no .proto files", folder.display())));
        }
        roots.push(includes.to_owned());
        Ok(Files { roots, paths })
    }

    fn fetched(&self, workspace: &Workspace) -> Result<PathBuf, Error> {
        let folder = workspace.cache("compat")?.join(self.name);
        if folder.join("done").is_file() {
            return Ok(folder.join("files"));
        }
        let files = folder.join("files");
        if folder.exists() {
            std::fs::remove_dir_all(&folder).context(folder.display())?;
        }
        std::fs::create_dir_all(&files).context(files.display())?;
        match self.source {
            Source::Python(package) => python(workspace, package, &files)?,
            Source::Npm(package) => npm(workspace, package, &folder, &files)?,
            Source::Maven(artifact) => maven(workspace, artifact, &folder, &files)?,
            Source::Go(modules) => {
                for (module, mount) in modules {
                    go(workspace, module, &files.join(mount), &files)?;
                }
            }
            Source::Protoc | Source::System(_) => {}
        }
        std::fs::write(folder.join("done"), "").context(folder.display())?;
        Ok(files)
    }
}

fn python(workspace: &Workspace, package: &str, files: &Path) -> Result<(), Error> {
    let mut pip = workspace.command("python3");
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]);
    process::show(pip.arg("--target").arg(files).arg(package))
}

fn npm(workspace: &Workspace, package: &str, folder: &Path, files: &Path) -> Result<(), Error> {
    let mut pack = workspace.command("npm");
    pack.args(["pack", "--silent", "--pack-destination"]).arg(folder).arg(package);
    process::show(&mut pack)?;
    let archive = one_with(folder, ".tgz")?;
    process::show(workspace.command("tar").arg("-xzf").arg(archive).arg("-C").arg(files))
}

fn maven(workspace: &Workspace, artifact: &str, folder: &Path, files: &Path) -> Result<(), Error> {
    maven_copy(workspace, artifact, folder)?;
    let archive = one_with(folder, ".jar")?;
    let mut unpack = workspace.command("python3");
    process::show(unpack.args(["-m", "zipfile", "-e"]).arg(archive).arg(files))
}

/// Puts an artifact's file into a folder.
pub(super) fn maven_copy(
    workspace: &Workspace,
    artifact: &str,
    folder: &Path,
) -> Result<(), Error> {
    // `get` before `copy`: the copy alone does not look outside the local repository
    let mut get = workspace.command("mvn");
    get.args(["-q", "-B", "dependency:get", "-Dtransitive=false"]);
    process::show(get.arg(format!("-Dartifact={artifact}")))?;
    let mut copy = workspace.command("mvn");
    copy.current_dir(folder).args(["-q", "-B", "dependency:copy"]);
    copy.arg(format!("-Dartifact={artifact}"));
    process::show(copy.arg(format!("-DoutputDirectory={}", folder.display())))
}

fn go(workspace: &Workspace, module: &str, mount: &Path, files: &Path) -> Result<(), Error> {
    let mut download = workspace.command("go");
    // outside any module: the version is in the name
    download.current_dir(files).args(["mod", "download", "-json", module]);
    let limit = std::time::Duration::from_secs(600);
    let answer = process::finish(download, limit)?.success()?.stdout;
    let answer: serde_json::Value = serde_json::from_str(&answer).context(module)?;
    let folder = answer.get("Dir").and_then(serde_json::Value::as_str);
    let folder = folder.ok_or_else(|| Error::new(format!("no folder of {module}")))?;
    copy_protos(Path::new(folder), Path::new(folder), mount)
}

fn copy_protos(root: &Path, folder: &Path, to: &Path) -> Result<(), Error> {
    let mut paths = Vec::new();
    list(root, folder, &mut paths)?;
    for path in paths {
        let target = to.join(&path);
        if let Some(parent) = target.parent() {
            std::fs::create_dir_all(parent).context(parent.display())?;
        }
        std::fs::copy(root.join(&path), &target).context(target.display())?;
    }
    Ok(())
}

/// The one file in a folder whose name ends so.
pub(super) fn one_with(folder: &Path, ending: &str) -> Result<PathBuf, Error> {
    for entry in std::fs::read_dir(folder).context(folder.display())? {
        let path = entry.context(folder.display())?.path();
        if path.to_string_lossy().ends_with(ending) {
            return Ok(path);
        }
    }
    Err(Error::new(format!("no {ending} in {}", folder.display())))
}

/// All `.proto` files below a folder, relative to the root, with `/` between parts.
fn list(root: &Path, folder: &Path, into: &mut Vec<String>) -> Result<(), Error> {
    for entry in std::fs::read_dir(folder).context(folder.display())? {
        let path = entry.context(folder.display())?.path();
        if path.is_dir() {
            list(root, &path, into)?;
        } else if path.extension().is_some_and(|ending| ending == "proto") {
            let relative = path.strip_prefix(root).unwrap_or(&path);
            let parts: Vec<_> = relative.iter().map(|part| part.to_string_lossy()).collect();
            into.push(parts.join("/"));
        }
    }
    Ok(())
}
