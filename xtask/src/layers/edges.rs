//! The allowed edges as data, and the judgement of a graph by them.
//! A new crate needs a row; a row allows, nothing else does. ARCHITECTURE.md tells the reasons.

use super::graph::{Graph, Member, Use};

/// What one crate, or every crate below one folder, may use of the workspace.
struct Room {
    /// A crate's name, or a folder with a `/` at its end.
    who: &'static str,
    normal: &'static [&'static str],
    build: &'static [&'static str],
    dev: &'static [&'static str],
    /// Pure crates reach nothing of [`SYSTEM`], however far away.
    pure: bool,
}

const ROOMS: &[Room] = &[
    // build time: text -> linked schema -> source code
    Room { who: "protocall-schema", normal: &[], build: &[], dev: &[], pure: true },
    Room {
        who: "protocall-codegen",
        normal: &["protocall-schema"],
        build: &[],
        // tests compile what was generated, against what it is generated for
        dev: &["protocall", "protocall-stub"],
        pure: true,
    },
    Room { who: "crates/protocall-codegen/tests/", normal: &[], build: &[], dev: &[], pure: false },
    Room {
        who: "protocall-build",
        normal: &["protocall-codegen", "protocall-schema"],
        build: &[],
        dev: &["protocall"],
        pure: false,
    },
    // pure run time: these two know nothing of each other
    Room { who: "protocall-http2", normal: &[], build: &[], dev: &["protocall-sim"], pure: true },
    Room { who: "protocall-core", normal: &[], build: &[], dev: &[], pure: true },
    // driven run time
    Room {
        who: "protocall-transport",
        normal: &["protocall-http2", "protocall-core"],
        build: &[],
        dev: &["protocall-sim"],
        pure: false,
    },
    Room {
        who: "protocall-server",
        normal: &["protocall-transport", "protocall-core"],
        build: &[],
        dev: &["protocall-channel", "protocall-http2", "protocall-sim"],
        pure: false,
    },
    Room {
        who: "protocall-channel",
        normal: &["protocall-transport", "protocall-core"],
        build: &[],
        dev: &["protocall-server", "protocall-http2", "protocall-sim"],
        pure: false,
    },
    Room {
        who: "protocall-services",
        normal: &["protocall-server", "protocall-channel", "protocall-transport", "protocall-core"],
        build: &[],
        // tests make the generated code again; the crate itself only has its features switched on
        dev: &["protocall-build", "protocall-services"],
        pure: false,
    },
    // what people touch
    Room {
        who: "protocall",
        normal: &[
            "protocall-server",
            "protocall-channel",
            "protocall-services",
            "protocall-transport",
            "protocall-core",
        ],
        build: &[],
        dev: &["protocall-build", "protocall-sim"],
        pure: false,
    },
    Room {
        who: "protocall-cli",
        normal: &["protocall-build", "protocall"],
        build: &[],
        dev: &[],
        pure: false,
    },
    // development only: nothing above may use these but for its tests
    Room {
        who: "protocall-sim",
        normal: &["protocall-http2"],
        build: &[],
        dev: &["protocall-core"],
        pure: false,
    },
    Room {
        who: "examples/",
        normal: &["protocall"],
        build: &["protocall-build"],
        dev: &[],
        pure: false,
    },
    Room { who: "fuzz/", normal: FUZZED, build: &["protocall-build"], dev: &[], pure: false },
    Room { who: "fuzz", normal: FUZZED, build: &["protocall-build"], dev: &[], pure: false },
    Room {
        who: "protocall-abuse",
        // beside a room of its own, the services and the raw peer of the other test crates
        normal: &["protocall", "protocall-interop", "protocall-tests"],
        build: &[],
        dev: &[],
        pure: false,
    },
    Room { who: "tests/", normal: TESTED, build: &["protocall-build"], dev: TESTED, pure: false },
    Room { who: "fuzz/", normal: TESTED, build: &[], dev: TESTED, pure: false },
    Room { who: "benches/", normal: TESTED, build: &["protocall-build"], dev: TESTED, pure: false },
    Room { who: "xtask", normal: &[], build: &[], dev: &[], pure: false },
];

/// What fuzz targets feed: the rooms that take a stranger's bytes.
/// `protocall` is what generated code names.
const FUZZED: &[&str] =
    &["protocall", "protocall-core", "protocall-http2", "protocall-schema", "protocall-sim"];

/// What tests and benchmarks may look into: every room but the programs.
const TESTED: &[&str] = &[
    "protocall",
    "protocall-build",
    "protocall-channel",
    "protocall-codegen",
    "protocall-core",
    "protocall-http2",
    "protocall-schema",
    "protocall-server",
    "protocall-services",
    "protocall-sim",
    "protocall-transport",
];

/// Sockets, clocks, threads, runtimes and unseeded randomness: nothing for a pure crate.
const SYSTEM: &[&str] = &[
    "tokio",
    "tokio-util",
    "mio",
    "socket2",
    "async-std",
    "async-io",
    "smol",
    "polling",
    "rustix",
    "nix",
    "rand",
    "getrandom",
    "fastrand",
    "chrono",
    "jiff",
];

/// Other stacks' HTTP/2: welcome as judges in tests, never below our own.
const RIVALS: &[&str] = &["h2", "hyper", "hyper-util", "tonic"];

/// A sentence for each edge between members that no row allows.
pub(super) fn judge(graph: &Graph) -> Vec<String> {
    let mut findings = Vec::new();
    for member in graph.members.values() {
        if room(member).is_none() {
            findings
                .push(format!("{} ({}): no row allows it anything", member.name, member.folder));
        }
    }
    for (from, use_, to) in graph.edges() {
        let Some(room) = room(from) else { continue };
        let allowed = match use_ {
            Use::Normal => room.normal,
            Use::Build => room.build,
            Use::Dev => room.dev,
        };
        // what a crate may use, its tests may use
        let in_tests = use_ == Use::Dev && room.normal.contains(&to.name.as_str());
        // a crate that depends on itself does so to switch its own features on in tests
        let itself = use_ == Use::Dev && from.name == to.name;
        if !allowed.contains(&to.name.as_str()) && !in_tests && !itself {
            let use_ = format!("{use_:?}").to_lowercase();
            findings.push(format!("{} -> {} ({use_}) is not an edge", from.name, to.name));
        }
    }
    findings
}

/// A sentence for each way from a member to a package that it must not reach.
pub(super) fn outsiders(graph: &Graph) -> Vec<String> {
    let mut findings = Vec::new();
    for (id, member) in &graph.members {
        if let Some(way) = graph.way_to(id, RIVALS) {
            findings.push(format!("{}: only tests may use it", way.join(" -> ")));
        }
        if room(member).is_some_and(|room| room.pure)
            && let Some(way) = graph.way_to(id, SYSTEM)
        {
            findings.push(format!("{}: {} is pure", way.join(" -> "), member.name));
        }
    }
    findings
}

/// The pure crates' names.
pub(crate) fn pure() -> impl Iterator<Item = &'static str> {
    ROOMS.iter().filter(|room| room.pure).map(|room| room.who)
}

fn room(member: &Member) -> Option<&'static Room> {
    let folder = format!("{}/", member.folder);
    ROOMS.iter().find(|room| {
        if room.who.ends_with('/') { folder.starts_with(room.who) } else { room.who == member.name }
    })
}
