//! What each crate's manifest must say. Reads manifests by lines, as cargo's own style writes
//! them; what crates may depend on is `layers`' matter.

use super::{File, Finding};

/// A crate of the tree, as its manifest names it.
pub(super) struct Crate<'a> {
    pub(super) manifest: &'a File,
    pub(super) name: String,
    /// The manifest's folder; empty at the root.
    pub(super) folder: &'a str,
}

impl Crate<'_> {
    /// A crate inside of another crate's folder: made for that one's tests, nobody's neighbour.
    pub(super) fn is_fixture(&self) -> bool {
        self.folder.starts_with("crates/") && self.folder.split('/').count() > 2
    }
}

pub(super) fn manifest(files: &[File]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for one in crates(files) {
        let manifest = one.manifest;
        let mut require = |present: bool, what: &str| {
            if !present {
                findings.push(Finding::new(manifest, 1, what));
            }
        };
        let package = |key: &str| value(&manifest.text, "package", key);
        let says = |text: Option<&str>| text.is_some_and(|text| text.trim_matches('"').len() > 1);
        require(says(package("description")), "no description");
        let license = package("license").or_else(|| package("license.workspace"));
        require(says(license), "no licence");
        // a manifest that is its own workspace (fuzz targets) has nobody to take lints from
        let own = manifest.text.lines().any(|line| line.trim() == "[workspace]");
        let lints = value(&manifest.text, "lints", "workspace") == Some("true");
        require(own || lints || one.is_fixture(), "no `[lints] workspace = true`");
    }
    findings
}

/// Every crate that has a manifest in the tree.
pub(super) fn crates(files: &[File]) -> impl Iterator<Item = Crate<'_>> {
    files.iter().filter_map(|manifest| {
        let folder = manifest.path.strip_suffix("Cargo.toml")?.trim_end_matches('/');
        let name = value(&manifest.text, "package", "name")?.trim_matches('"').to_owned();
        Some(Crate { manifest, name, folder })
    })
}

/// The value of `key` in `[section]`, as written.
fn value<'a>(text: &'a str, section: &str, key: &str) -> Option<&'a str> {
    let mut inside = false;
    for line in text.lines().map(str::trim) {
        if let Some(name) = line.strip_prefix('[') {
            inside = name.strip_suffix(']') == Some(section);
        } else if let Some((name, value)) = line.split_once('=')
            && inside
            && name.trim() == key
        {
            return Some(value.trim());
        }
    }
    None
}
