//! Generates the code of `proto/sleeper.proto`.

fn main() -> Result<(), protocall_build::Error> {
    protocall_build::compile(&["proto/sleeper.proto"], &["proto"])
}
