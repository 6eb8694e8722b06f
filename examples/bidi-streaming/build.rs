//! Generates the code of `proto/chat.proto`.

fn main() -> Result<(), protocall_build::Error> {
    protocall_build::compile(&["proto/chat.proto"], &["proto"])
}
