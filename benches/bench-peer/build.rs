//! Generates the code of the benchmark's services.

fn main() -> Result<(), protocall_build::Error> {
    protocall_build::Config::new()
        .bytes(".bench.Payload.body")
        .wire_codec(cfg!(feature = "wire-codec"))
        .compile(
            &["proto/bench.proto", "proto/hello.proto", "proto/order.proto", "proto/work.proto"],
            &["proto"],
        )
}
