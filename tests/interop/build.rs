//! Generates the code of the interop protocol and of load reports.

fn main() -> Result<(), protocall_build::Error> {
    protocall_build::compile(
        &["proto/grpc/testing/test.proto", "proto/xds/service/orca/v3/orca.proto"],
        &["proto"],
    )
}
