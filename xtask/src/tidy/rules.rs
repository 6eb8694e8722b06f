//! The rules as data: a name, the reason that a reader is told, and the check.
//! Numbers and banned words live here too; how to look for them is in the files beside.

use super::{File, Finding, manifest, map, text};

/// One house rule.
pub(super) struct Rule {
    pub(super) name: &'static str,
    pub(super) reason: &'static str,
    pub(super) check: fn(&[File]) -> Vec<Finding>,
}

/// Columns of a line: two files side by side on a laptop.
pub(super) const COLUMNS: usize = 100;
/// Lines of a file without its tests: one sitting's reading.
pub(super) const FILE_LINES: usize = 600;
/// Lines of a function: one screen.
pub(super) const FUNCTION_LINES: usize = 70;
/// The header must begin within this many lines.
pub(super) const HEADER_WITHIN: usize = 5;

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "header",
        reason: "a file opens with `//!`: what it is, what it is not, which neighbour does the rest",
        check: text::header,
    },
    Rule {
        name: "columns",
        reason: "lines stay within 100 columns, strings and URLs apart, so two files fit abreast",
        check: text::columns,
    },
    Rule {
        name: "whitespace",
        reason: "trailing blanks, tabs in Rust and a missing last newline make noise in every diff",
        check: text::whitespace,
    },
    Rule {
        name: "file-length",
        reason: "a file over 600 lines without its tests is more than one thing: split it",
        check: text::file_length,
    },
    Rule {
        name: "function-length",
        reason: "a function over 70 lines does not fit on a screen: name its parts",
        check: text::function_length,
    },
    Rule {
        name: "banned",
        reason: "unfinished work and silent tests do not enter the tree: finish it or leave it out",
        check: text::banned,
    },
    Rule {
        name: "places",
        reason: "the tree builds anywhere: no path of one machine, no registry's host name",
        check: text::places,
    },
    Rule {
        name: "manifest",
        reason: "each crate says what it is, has a licence and obeys the workspace's lints",
        check: manifest::manifest,
    },
    Rule {
        name: "map",
        reason: "ARCHITECTURE.md names every crate and top-level module, and nothing that is gone",
        check: map::map,
    },
];

/// Where a banned word is looked for in Rust; other texts are searched as a whole.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Within {
    Code,
    Comments,
}

pub(super) struct Banned {
    pub(super) word: &'static str,
    pub(super) within: Within,
    pub(super) instead: &'static str,
}

const LATER: &str = "do it, or describe it in an issue";

pub(super) const BANNED: &[Banned] = &[
    Banned { word: "todo!", within: Within::Code, instead: "write the code" },
    Banned { word: "unimplemented!", within: Within::Code, instead: "return an error" },
    Banned { word: "dbg!", within: Within::Code, instead: "remove it" },
    Banned { word: "#[ignore", within: Within::Code, instead: "repair the test or delete it" },
    Banned { word: concat!("TO", "DO"), within: Within::Comments, instead: LATER },
    Banned { word: concat!("FIX", "ME"), within: Within::Comments, instead: LATER },
    Banned { word: concat!("XX", "X"), within: Within::Comments, instead: LATER },
];

/// Words that name a place instead of the project. Written in halves, so that this file is clean.
pub(super) const PLACES: &[&str] = &[
    concat!("/wo", "rk/"),
    concat!("/ro", "ot/"),
    concat!("/ho", "me/"),
    concat!("/Us", "ers/"),
    concat!("crates", ".io"),
    concat!("pypi", ".org"),
    concat!("pythonhosted", ".org"),
    concat!("proxy.golang", ".org"),
    concat!("sum.golang", ".org"),
    concat!("npmjs", ".org"),
    concat!("repo.maven", ".apache.org"),
];

/// Written by cargo, which must name where each crate comes from.
pub(super) const PLACES_ALLOWED_IN: &[&str] = &["Cargo.lock", "fuzz/Cargo.lock", "benches/peers/rust/Cargo.lock"];
