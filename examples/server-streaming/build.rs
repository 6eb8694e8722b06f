//! Generates the code of `proto/ticker.proto`.

fn main() -> Result<(), protocall_build::Error> {
    protocall_build::compile(&["proto/ticker.proto"], &["proto"])
}
