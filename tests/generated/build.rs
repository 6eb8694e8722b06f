//! Generates the code of the hard schemas: with everything on, with the wire codec,
//! as prost's messages, and services
//! alone, without the `#[allow]` that stands around generated modules.

use std::error::Error;
use std::path::PathBuf;
use std::{env, fs};

use protocall_build::{Config, Messages};

const PROTOS: [&str; 5] = [
    "proto/names.proto",
    "proto/old.proto",
    "proto/modern.proto",
    "proto/derived.proto",
    "proto/services.proto",
];
/// What prost's generator, which knows other names, does not compile or is not asked.
const BUFFA_ONLY: [&str; 3] =
    ["proto/underscore.proto", "proto/keywords.proto", "proto/lower.proto"];

fn main() -> Result<(), Box<dyn Error>> {
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let config = |name: &str| Config::new().out_dir(out.join(name));
    config("full")
        .json(true)
        .text(true)
        .reflection(true)
        .all_views()
        .bytes(".hard.names.V.b")
        .btree_map(".hard.names.V")
        .boxed(".hard.names.A.v")
        .unboxed(".hard.names.Me.fn")
        .derive(".hard.names.S", "PartialOrd, Ord")
        .derive(".hard.derived", "Eq, Hash, Debug")
        .derive(".hard.keywords.Self", "Eq")
        .compile(&[&PROTOS[..], &BUFFA_ONLY].concat(), &["proto"])?;
    config("wire").wire_codec(true).compile(&[&PROTOS[..], &BUFFA_ONLY].concat(), &["proto"])?;
    config("prost").messages(Messages::Prost).compile(&PROTOS, &["proto"])?;

    let services = out.join("services");
    config("services")
        .extern_path("hard.names", "crate::full::hard::names")
        .compile(&["proto/services.proto"], &["proto"])?;
    strip(&services.join("protocall.rs"))
}

/// Takes the `#[allow(..)]` off the modules: what is inside answers for itself.
fn strip(tree: &PathBuf) -> Result<(), Box<dyn Error>> {
    let text = fs::read_to_string(tree)?;
    let mut kept = String::new();
    let mut inside = false;
    let mut dropped = 0;
    for line in text.lines() {
        let begins =
            line.trim_start().starts_with("#[allow(") && !line.contains("unreachable_pub)]");
        if begins {
            dropped += 1;
        }
        inside |= begins;
        if !inside {
            kept.push_str(line);
            kept.push('\n');
        }
        inside &= !line.trim_end().ends_with(")]");
    }
    if dropped == 0 {
        return Err("no `#[allow]` was found to take off".into());
    }
    Ok(fs::write(tree, kept)?)
}
