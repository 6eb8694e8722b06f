//! Generates the code of the benchmark's services: our compiler reads the files, connectrpc's
//! generator writes the code.

use std::error::Error;
use std::path::PathBuf;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = "../../../bench-peer/proto";
    let files = ["bench", "hello"].map(|name| format!("{folder}/{name}.proto"));
    println!("cargo::rerun-if-changed={folder}");
    let parts = protocall_build::DescriptorSet { imports: true, ..Default::default() };
    let set = protocall_build::load(&files, &[folder])?.descriptor_set(parts);
    let path = PathBuf::from(std::env::var("OUT_DIR")?).join("bench.binpb");
    std::fs::write(&path, set)?;
    let mut messages = connectrpc_build::CodeGenConfig::default();
    messages.bytes_fields.push((".".into(), buffa_codegen::BytesRepr::Bytes));
    connectrpc_build::Config::new()
        .buffa_config(messages)
        .generate_json(false)
        .descriptor_set(path)
        .files(&["bench.proto", "hello.proto"])
        .include_file("_connectrpc.rs")
        .compile()?;
    Ok(())
}
