//! Generates the code of `proto/greeter.proto`.

fn main() -> Result<(), protocall_build::Error> {
    protocall_build::compile(&["proto/greeter.proto"], &["proto"])
}
