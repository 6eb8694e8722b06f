//! Generates the code of the service that is measured.

fn main() -> Result<(), protocall_build::Error> {
    protocall_build::Config::new()
        .bytes(".performance.Chunk.content")
        .compile(&["proto/count.proto"], &["proto"])
}
