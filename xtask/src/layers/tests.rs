//! Made-up graphs and sources with one fault each: every kind of wrong edge is found.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use serde_json::json;

use super::graph::{Member, Use};
use super::*;

/// A graph of members under `crates/` (or where their name has a folder) and outside packages.
fn graph(edges: &[(&str, Use, &str)]) -> Graph {
    let mut graph = Graph::default();
    for (from, use_, to) in edges {
        for id in [from, to] {
            let name = id.rsplit('/').next().unwrap();
            graph.names.insert((*id).to_owned(), name.to_owned());
            if id.contains('/') {
                let member = Member { name: name.to_owned(), folder: (*id).to_owned() };
                graph.members.insert((*id).to_owned(), member);
            }
        }
        graph.uses.entry((*from).to_owned()).or_default().insert((*use_, (*to).to_owned()));
    }
    graph
}

const HTTP2: &str = "crates/protocall-http2";
const CORE: &str = "crates/protocall-core";
const TRANSPORT: &str = "crates/protocall-transport";
const SIM: &str = "crates/protocall-sim";
const SERVER: &str = "crates/protocall-server";
const FACADE: &str = "crates/protocall";

#[test]
fn the_houses_own_edges_are_allowed() {
    let graph = graph(&[
        (TRANSPORT, Use::Normal, HTTP2),
        (TRANSPORT, Use::Normal, CORE),
        (SERVER, Use::Normal, TRANSPORT),
        (FACADE, Use::Normal, SERVER),
        (HTTP2, Use::Dev, SIM),
        (SIM, Use::Normal, HTTP2),
        ("examples/hello", Use::Normal, FACADE),
        ("examples/hello", Use::Build, "crates/protocall-build"),
        ("tests/interop", Use::Normal, FACADE),
    ]);
    assert_eq!(edges::judge(&graph), [""; 0]);
}

#[test]
fn wrong_edges_are_refused() {
    let wrong = [
        (HTTP2, Use::Normal, CORE),
        (CORE, Use::Normal, HTTP2),
        (CORE, Use::Dev, HTTP2),
        (HTTP2, Use::Normal, TRANSPORT),
        (HTTP2, Use::Normal, SIM),
        (TRANSPORT, Use::Normal, SERVER),
        (SERVER, Use::Normal, HTTP2),
        (SERVER, Use::Normal, "crates/protocall-channel"),
        (FACADE, Use::Normal, "crates/protocall-codegen"),
        ("crates/protocall-schema", Use::Normal, "crates/protocall-codegen"),
        ("crates/protocall-codegen", Use::Build, "crates/protocall-schema"),
        ("examples/hello", Use::Normal, SERVER),
        ("examples/hello", Use::Normal, "crates/protocall-build"),
        ("crates/xtask", Use::Normal, FACADE),
    ];
    for edge in wrong {
        let findings = edges::judge(&graph(&[edge]));
        assert_eq!(findings.len(), 1, "{edge:?}: {findings:?}");
    }
}

#[test]
fn a_crate_without_a_row_is_refused() {
    let findings = edges::judge(&graph(&[("crates/protocall-new", Use::Normal, CORE)]));
    assert_eq!(findings.len(), 1, "{findings:?}");
}

#[test]
fn pure_crates_reach_no_system_however_far() {
    let far = [(CORE, Use::Normal, "helper"), ("helper", Use::Normal, "tokio")];
    let findings = edges::outsiders(&graph(&far));
    assert_eq!(findings, ["protocall-core -> helper -> tokio: protocall-core is pure"]);
    let for_tests = [(CORE, Use::Dev, "tokio")];
    assert_eq!(edges::outsiders(&graph(&for_tests)), [""; 0]);
    let driver = [(TRANSPORT, Use::Normal, "tokio")];
    assert_eq!(edges::outsiders(&graph(&driver)), [""; 0]);
}

#[test]
fn another_http2_is_for_tests_only() {
    for use_ in [Use::Normal, Use::Build] {
        let far = [(TRANSPORT, use_, "helper"), ("helper", Use::Normal, "h2")];
        assert_eq!(edges::outsiders(&graph(&far)).len(), 1);
    }
    assert_eq!(edges::outsiders(&graph(&[(HTTP2, Use::Dev, "h2")])), [""; 0]);
}

#[test]
fn system_names_are_found_in_code() {
    let found = |code: &str| purity::judge(&Source::new(code)).len();
    for code in [
        "use std::net::TcpStream;",
        "use std::{fmt, net::{self, Ipv4Addr}};",
        "use std::{\n    fmt,\n    thread,\n};",
        "fn a() { std::fs::read(b); }",
        "fn a() { let now = Instant::now(); }",
        "fn a() { time::SystemTime::now() }",
        "use ::std::task::Waker;",
        "tokio::spawn(a);",
        "use std :: thread;",
    ] {
        assert!(found(code) > 0, "{code}");
    }
    for code in [
        "use std::{fmt, io::IoSlice, time::Duration};",
        "// std::net is not for us\nfn a() {}",
        "let a = \"std::net\";",
        "#[cfg(test)]\nmod tests { use std::thread; }",
        "use crate::net::Thing; fn a() -> Match { b => c, }",
        "let a = S { std: net::b() };",
    ] {
        assert_eq!(found(code), 0, "{code}");
    }
}

#[test]
fn purity_is_asked_of_the_products_files() {
    assert!(purity::applies("crates/protocall-http2/src/frame/head.rs"));
    assert!(!purity::applies("crates/protocall-http2/src/frame/tests.rs"));
    assert!(!purity::applies("crates/protocall-transport/src/lib.rs"));
}

#[test]
fn cargos_answer_is_read() {
    let package = |id: &str, name: &str, path: &str| json!({ "id": id, "name": name, "manifest_path": format!("{path}/Cargo.toml") });
    let dependency = |id: &str, kinds: &[Option<&str>]| {
        let kinds: Vec<_> = kinds.iter().map(|kind| json!({ "kind": kind })).collect();
        json!({ "pkg": id, "dep_kinds": kinds })
    };
    let metadata = json!({
        "workspace_root": "/w",
        "workspace_members": ["a", "b"],
        "packages": [
            package("a", "protocall-core", "/w/crates/protocall-core"),
            package("b", "protocall-http2", "/w/crates/protocall-http2"),
            package("c", "h2", "/elsewhere/h2"),
        ],
        "resolve": { "nodes": [
            { "id": "a", "deps": [dependency("b", &[None]), dependency("c", &[Some("dev")])] },
            { "id": "b", "deps": [dependency("c", &[Some("dev"), None])] },
            { "id": "c", "deps": [] },
        ] },
    });
    let graph = Graph::read(&metadata).unwrap();
    assert_eq!(graph.members["a"].folder, "crates/protocall-core");
    assert_eq!(edges::judge(&graph), ["protocall-core -> protocall-http2 (normal) is not an edge"]);
    let ways = edges::outsiders(&graph);
    assert_eq!(ways.len(), 2, "{ways:?}");
    assert!(Graph::read(&json!({})).is_err());
}
