//! Python source from another compiler's descriptor set, for some of its files:
//! `python_from_set VERSION SET DIR PROTO..`.
//! `cargo xtask python-compat` tells with it whether a difference comes from descriptors.

use std::error::Error;
use std::path::Path;

use buffa::DecodeOptions;
use buffa_descriptor::generated::descriptor::FileDescriptorSet;
use protocall_codegen::python::{Options, Output, Release, generate};

/// Bytes of decoded elements that a set may take: more than the largest corpora need.
const SET_MEMORY: usize = 1 << 32;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<_> = std::env::args_os().skip(1).collect();
    let [version, set, folder, roots @ ..] = arguments.as_slice() else {
        return Err("usage: python_from_set VERSION SET DIR PROTO..".into());
    };
    let release = version.to_str().and_then(Release::from_version).ok_or("unknown VERSION")?;
    let set = DecodeOptions::new()
        .with_element_memory_limit(SET_MEMORY)
        .decode_from_slice::<FileDescriptorSet>(&std::fs::read(set)?)?;
    let roots: Vec<String> = roots.iter().map(|root| root.to_string_lossy().into()).collect();
    let outputs = [Output::Messages, Output::Types, Output::Services];
    let options = outputs.into_iter().fold(Options::new().release(release), Options::output);
    for file in generate(&set, &roots, &options)? {
        let path = Path::new(folder).join(file.path);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent)?;
        }
        std::fs::write(path, file.content)?;
    }
    Ok(())
}
