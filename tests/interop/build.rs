//! Generates the code of the interop protocol.

fn main() -> Result<(), protocall_build::Error> {
    protocall_build::compile(&["proto/grpc/testing/test.proto"], &["proto"])
}
