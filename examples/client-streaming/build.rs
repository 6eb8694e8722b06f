//! Generates the code of `proto/sums.proto`.

fn main() -> Result<(), protocall_build::Error> {
    protocall_build::compile(&["proto/sums.proto"], &["proto"])
}
