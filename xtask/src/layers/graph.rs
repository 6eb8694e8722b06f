//! The dependency graph as cargo resolves it, in the few words that the rules need.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::error::Error;

/// What a dependency is for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Use {
    Normal,
    Build,
    Dev,
}

/// A crate of the workspace.
#[derive(Debug, Clone)]
pub(super) struct Member {
    pub(super) name: String,
    /// Its folder relative to the workspace's root.
    pub(super) folder: String,
}

/// Packages are known by cargo's ids; members by name and folder too.
#[derive(Debug, Default)]
pub(super) struct Graph {
    /// Members of the workspace by id.
    pub(super) members: BTreeMap<String, Member>,
    /// Names of all packages by id.
    pub(super) names: BTreeMap<String, String>,
    /// Who uses whom, and for what.
    pub(super) uses: BTreeMap<String, BTreeSet<(Use, String)>>,
}

impl Graph {
    /// Reads the answer of `cargo metadata --format-version 1`.
    pub(super) fn read(metadata: &Value) -> Result<Self, Error> {
        let root = text(metadata, "workspace_root")?;
        let ids: BTreeSet<&str> =
            list(metadata, "workspace_members")?.iter().filter_map(Value::as_str).collect();
        let mut graph = Self::default();
        for package in list(metadata, "packages")? {
            let (id, name) = (text(package, "id")?, text(package, "name")?);
            graph.names.insert(id.to_owned(), name.to_owned());
            if ids.contains(id) {
                let folder = text(package, "manifest_path")?
                    .strip_prefix(root)
                    .and_then(|path| path.strip_suffix("Cargo.toml"))
                    .unwrap_or_default()
                    .replace('\\', "/");
                let folder = folder.trim_matches('/').to_owned();
                graph.members.insert(id.to_owned(), Member { name: name.to_owned(), folder });
            }
        }
        let resolve = metadata.get("resolve").ok_or_else(|| missing("resolve"))?;
        for node in list(resolve, "nodes")? {
            let uses = graph.uses.entry(text(node, "id")?.to_owned()).or_default();
            for dependency in list(node, "deps")? {
                for kind in list(dependency, "dep_kinds")? {
                    let use_ = match kind.get("kind").and_then(Value::as_str) {
                        Some("dev") => Use::Dev,
                        Some("build") => Use::Build,
                        _ => Use::Normal,
                    };
                    uses.insert((use_, text(dependency, "pkg")?.to_owned()));
                }
            }
        }
        if graph.members.is_empty() {
            return Err(missing("workspace_members"));
        }
        Ok(graph)
    }

    /// The edges between members.
    pub(super) fn edges(&self) -> impl Iterator<Item = (&Member, Use, &Member)> {
        self.members.iter().flat_map(move |(id, from)| {
            self.uses
                .get(id)
                .into_iter()
                .flatten()
                .filter_map(move |(use_, to)| self.members.get(to).map(|to| (from, *use_, to)))
        })
    }

    /// The shortest way from a member to a package of one of these names, development apart:
    /// the names on it, from the member to the package.
    pub(super) fn way_to(&self, from: &str, wanted: &[&str]) -> Option<Vec<&str>> {
        let mut queue = std::collections::VecDeque::from([vec![from]]);
        let mut seen = BTreeSet::from([from]);
        while let Some(way) = queue.pop_front() {
            let last = way.last()?;
            if self.names.get(*last).is_some_and(|name| wanted.contains(&name.as_str())) {
                return way.iter().map(|id| self.names.get(*id).map(String::as_str)).collect();
            }
            for (use_, to) in self.uses.get(*last).into_iter().flatten() {
                if *use_ != Use::Dev && seen.insert(to) {
                    let mut longer = way.clone();
                    longer.push(to);
                    queue.push_back(longer);
                }
            }
        }
        None
    }
}

fn missing(key: &str) -> Error {
    Error::new(format!("cargo metadata has no `{key}`"))
}

fn text<'a>(value: &'a Value, key: &str) -> Result<&'a str, Error> {
    value.get(key).and_then(Value::as_str).ok_or_else(|| missing(key))
}

fn list<'a>(value: &'a Value, key: &str) -> Result<&'a [Value], Error> {
    value.get(key).and_then(Value::as_array).map(Vec::as_slice).ok_or_else(|| missing(key))
}
