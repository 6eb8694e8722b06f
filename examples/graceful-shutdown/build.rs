//! Generates the code of `proto/worker.proto`.

fn main() -> Result<(), protocall_build::Error> {
    protocall_build::compile(&["proto/worker.proto"], &["proto"])
}
