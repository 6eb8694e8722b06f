//! Refuses options that name nothing, that are not well formed, or that the chosen message types
//! do not have: a setting that silently does nothing is a mistake found late.

use super::{Attribute, Messages, Options, Target, Views, covers, near};
use crate::error::CodegenError;
use crate::index::Index;

/// One option with a path, and all the names that the path may cover.
struct Expected<'n> {
    option: &'static str,
    what: &'static str,
    names: Vec<&'n str>,
}

impl Expected<'_> {
    fn check(&self, path: &str) -> Result<(), CodegenError> {
        // all is all, of nothing too
        if path == "." || self.names.iter().any(|name| covers(path, name)) {
            return Ok(());
        }
        Err(CodegenError::OptionMatchesNothing {
            option: self.option,
            path: path.to_owned(),
            expected: self.what,
            near: near::names(path, self.names.iter().copied()),
        })
    }

    fn check_all(&self, paths: &[String]) -> Result<(), CodegenError> {
        paths.iter().try_for_each(|path| self.check(path))
    }
}

impl Options {
    /// Refuses every option that names nothing among the `selected` files.
    pub(crate) fn check(&self, index: &Index<'_>, selected: &[String]) -> Result<(), CodegenError> {
        self.check_message_types()?;
        let members = index.members(selected);
        let with_members = |mut names: Vec<String>| {
            let there = members.iter().filter(|member| names.contains(&member.name));
            let there: Vec<String> = there.map(|member| member.in_oneof.clone()).collect();
            names.extend(there);
            names
        };
        let bytes = with_members(index.bytes_fields(selected));
        let maps = index.map_fields(selected);
        let messages = with_members(index.message_fields(selected));
        let is_member =
            |name: &String| members.iter().any(|m| m.name == *name || m.in_oneof == *name);
        // what the generator looks at: members of oneofs, or all others
        let (in_oneofs, outside): (Vec<String>, Vec<String>) =
            messages.iter().cloned().partition(is_member);
        let boxable = if self.messages == Messages::Buffa { &outside } else { &messages };
        for (option, what, names, paths) in [
            ("bytes", "field of type `bytes`", &bytes, &self.bytes),
            ("btree_map", "`map` field", &maps, &self.btree_maps),
            ("boxed", "field whose type is a message", boxable, &self.boxed),
            ("unboxed", "member of a oneof whose type is a message", &in_oneofs, &self.unboxed),
        ] {
            Expected { option, what, names: borrowed(names) }.check_all(paths)?;
        }
        let services = index.services(selected);
        for (option, paths) in
            [("without_client", &self.without_client), ("without_server", &self.without_server)]
        {
            Expected { option, what: "service", names: borrowed(&services) }.check_all(paths)?;
        }
        if let Views::Under(paths) = &self.views {
            let methods = index.methods(selected);
            let mut names: Vec<&str> = index.messages(selected).collect();
            names.extend(methods.iter().map(|(name, _)| name.as_str()));
            let what = "message, service or method";
            Expected { option: "views", what, names }.check_all(paths)?;
        }
        let types = Expected {
            option: "extern_path",
            what: "package or type",
            names: index.types().collect(),
        };
        for (path, rust) in &self.extern_paths {
            types.check(path)?;
            check_rust_path("extern_path", rust)?;
        }
        self.check_attributes(index, selected, &services)?;
        check_rust_path("codec", self.codec_path())
    }

    fn check_message_types(&self) -> Result<(), CodegenError> {
        let asked = match self.messages {
            Messages::Buffa => return Ok(()),
            Messages::Prost => [
                ("views", self.views != Views::None, "has no views"),
                ("json", self.json, "has no JSON of its own (pbjson-build makes it)"),
                ("text", self.text, "has no text format"),
                ("reflection", self.reflection, "has no reflection (prost-reflect adds it)"),
                ("wire_codec", self.wire_codec, "has a codec of its own"),
                ("unboxed", !self.unboxed.is_empty(), "holds messages inline already"),
            ],
        };
        let messages = "prost";
        match asked.into_iter().find(|(_, set, _)| *set) {
            Some((option, _, reason)) => {
                Err(CodegenError::NotForTheseMessages { option, messages, reason })
            }
            None => Ok(()),
        }
    }

    fn check_attributes(
        &self,
        index: &Index<'_>,
        selected: &[String],
        services: &[String],
    ) -> Result<(), CodegenError> {
        let oneofs = index.oneofs(selected);
        let mut fields = index.fields(selected);
        fields.extend(index.members(selected).into_iter().map(|member| member.in_oneof));
        for Attribute { target, path, text } in &self.attributes {
            let types = || index.types_in(selected);
            let (option, what, names) = match target {
                Target::Type => {
                    let names = types().chain(oneofs.iter().map(String::as_str)).collect();
                    ("type_attribute", "message, enum or oneof", names)
                }
                Target::Message => {
                    ("message_attribute", "message", index.messages(selected).collect())
                }
                Target::Enum => {
                    let names = types().filter(|name| index.message(name).is_none()).collect();
                    ("enum_attribute", "enum", names)
                }
                Target::Oneof => ("oneof_attribute", "oneof", borrowed(&oneofs)),
                Target::Field => ("field_attribute", "field", borrowed(&fields)),
                Target::Client => ("client_attribute", "service", borrowed(services)),
                Target::Server => ("server_attribute", "service", borrowed(services)),
                Target::Handler => ("trait_attribute", "service", borrowed(services)),
            };
            Expected { option, what, names }.check(path)?;
            check_attribute(option, text)?;
        }
        Ok(())
    }
}

fn borrowed(names: &[String]) -> Vec<&str> {
    names.iter().map(String::as_str).collect()
}

fn check_rust_path(option: &'static str, path: &str) -> Result<(), CodegenError> {
    let absolute = path.starts_with("::") || path.starts_with("crate::");
    if absolute && syn::parse_str::<syn::Path>(path).is_ok() {
        return Ok(());
    }
    Err(CodegenError::InvalidOption {
        option,
        value: path.to_owned(),
        expected: "an absolute Rust path (`::some_crate::module` or `crate::module`)",
    })
}

fn check_attribute(option: &'static str, attribute: &str) -> Result<(), CodegenError> {
    use syn::parse::Parser;
    match syn::Attribute::parse_outer.parse_str(attribute) {
        Ok(attributes) if !attributes.is_empty() => Ok(()),
        _ => Err(CodegenError::InvalidOption {
            option,
            value: attribute.to_owned(),
            expected: "an attribute of Rust (`#[derive(Hash)]`)",
        }),
    }
}
