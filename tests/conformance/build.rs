//! Generates the code of the conformance protocol.

fn main() -> Result<(), protocall_build::Error> {
    let v1 = "proto/connectrpc/conformance/v1";
    protocall_build::compile(
        &[
            &format!("{v1}/client_compat.proto"),
            &format!("{v1}/server_compat.proto"),
            &format!("{v1}/service.proto"),
            "proto/google/rpc/status.proto",
        ],
        &["proto"],
    )
}
