//! Generates the code of the benchmark's services.

fn main() -> Result<(), protocall_build::Error> {
    protocall_build::Config::new()
        .bytes(".bench.Payload.body")
        .compile(&["proto/bench.proto", "proto/hello.proto", "proto/order.proto"], &["proto"])
}
