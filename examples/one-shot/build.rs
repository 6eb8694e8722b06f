//! Generates the code of `proto/hello.proto`.

fn main() -> Result<(), protocall_build::Error> {
    protocall_build::compile(&["proto/hello.proto"], &["proto"])
}
