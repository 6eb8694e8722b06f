//! Generates the messages of the benchmark, with both codecs.

fn main() -> Result<(), protocall_build::Error> {
    protocall_build::Config::new().wire_codec(true).client(false).server(false).compile(
        &["proto/big.proto", "../bench-peer/proto/hello.proto", "../bench-peer/proto/order.proto"],
        &["proto", "../bench-peer/proto"],
    )
}
