//! `cargo xtask licences`: what ships may be used by everyone who may use us, and comes from a
//! registry or from this tree. Judges licence expressions (SPDX) of every package in the resolved
//! graph, tests' helpers included; it reads no licence text.

use serde_json::Value;

use crate::error::Error;
use crate::workspace::Workspace;

/// Licences that ask for nothing but their own text and name to be kept.
const ALLOWED: &[&str] = &[
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "ISC",
    "MIT",
    "MIT-0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

pub(crate) fn run(workspace: &Workspace, _: &[String]) -> Result<(), Error> {
    let metadata = workspace.metadata()?;
    let packages = metadata.get("packages").and_then(Value::as_array);
    let packages = packages.ok_or_else(|| Error::new("cargo metadata has no packages"))?;
    let findings: Vec<String> = packages.iter().filter_map(judge).collect();
    for finding in &findings {
        println!("{finding}");
    }
    println!("licences: {} packages, {} findings", packages.len(), findings.len());
    if findings.is_empty() { Ok(()) } else { Err(Error::new("a dependency cannot ship")) }
}

/// What is wrong with a package of `cargo metadata`, in a sentence.
fn judge(package: &Value) -> Option<String> {
    let text = |key: &str| package.get(key).and_then(Value::as_str);
    let name = format!("{} {}", text("name").unwrap_or("?"), text("version").unwrap_or("?"));
    if let Some(source) = text("source")
        && !source.starts_with("registry+")
    {
        return Some(format!("{name}: comes from {source}, which nobody can publish against"));
    }
    match text("license") {
        None => Some(format!("{name}: has no licence expression")),
        Some(expression) if permits(expression) => None,
        Some(expression) => Some(format!("{name}: `{expression}` is not on the list")),
    }
}

/// Whether some choice of an expression's alternatives needs allowed licences only.
/// Anything that is not an expression permits nothing.
fn permits(expression: &str) -> bool {
    // before SPDX expressions, `/` stood for `OR`
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let mut words = spaced.split_whitespace().peekable();
    let permitted = any(&mut words);
    permitted == Some(true) && words.next().is_none()
}

type Words<'a> = std::iter::Peekable<std::str::SplitWhitespace<'a>>;

fn any(words: &mut Words<'_>) -> Option<bool> {
    let mut permitted = all(words)?;
    while words.next_if_eq(&"OR").is_some() {
        permitted |= all(words)?;
    }
    Some(permitted)
}

fn all(words: &mut Words<'_>) -> Option<bool> {
    let mut permitted = one(words)?;
    while words.next_if_eq(&"AND").is_some() {
        permitted &= one(words)?;
    }
    Some(permitted)
}

fn one(words: &mut Words<'_>) -> Option<bool> {
    let word = words.next()?;
    if word == "(" {
        let permitted = any(words)?;
        return (words.next()? == ")").then_some(permitted);
    }
    if words.next_if_eq(&"WITH").is_some() {
        let exception = words.next()?;
        return Some(ALLOWED.contains(&format!("{word} WITH {exception}").as_str()));
    }
    Some(ALLOWED.contains(&word))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn one_good_alternative_is_enough() {
        for good in [
            "MIT",
            "MIT OR Apache-2.0",
            "MIT/Apache-2.0",
            "GPL-3.0 OR MIT",
            "(MIT OR Apache-2.0) AND Unicode-3.0",
            "Apache-2.0 WITH LLVM-exception OR GPL-3.0",
        ] {
            assert!(permits(good), "{good}");
        }
    }

    #[test]
    fn everything_else_is_refused() {
        for bad in [
            "",
            "GPL-3.0",
            "MIT AND GPL-3.0",
            "MIT OR",
            "(MIT",
            "MIT)",
            "MIT MIT",
            "GPL-2.0 WITH Classpath-exception-2.0",
            "(MIT OR GPL-3.0) AND AGPL-3.0",
        ] {
            assert!(!permits(bad), "{bad}");
        }
    }

    #[test]
    fn a_package_needs_a_licence_and_a_registry() {
        let package = |license: Option<&str>, source: Option<&str>| {
            json!({ "name": "a", "version": "1.0.0", "license": license, "source": source })
        };
        assert_eq!(judge(&package(Some("MIT"), Some("registry+https://example.com"))), None);
        assert_eq!(judge(&package(Some("MIT"), None)), None);
        assert!(judge(&package(None, None)).is_some());
        assert!(judge(&package(Some("MIT"), Some("git+https://example.com/a"))).is_some());
        assert!(judge(&package(Some("GPL-3.0"), None)).is_some());
    }
}
