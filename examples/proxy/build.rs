//! Generates the code of `proto/trial.proto`.

fn main() -> Result<(), protocall_build::Error> {
    protocall_build::compile(&["proto/trial.proto"], &["proto"])
}
