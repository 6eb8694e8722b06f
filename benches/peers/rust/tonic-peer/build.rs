//! Generates the code of the benchmark's services: our compiler reads the files, tonic's generator
//! writes the code.

use prost::Message as _;
use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = "../../../bench-peer/proto";
    let files = ["bench", "hello", "order"].map(|name| format!("{folder}/{name}.proto"));
    println!("cargo::rerun-if-changed={folder}");
    let parts = protocall_build::DescriptorSet { imports: true, ..Default::default() };
    let set = protocall_build::load(&files, &[folder])?.descriptor_set(parts);
    let set = prost_types::FileDescriptorSet::decode(set.as_slice())?;
    tonic_prost_build::configure().bytes(".bench.Payload.body").compile_fds(set)?;
    Ok(())
}
