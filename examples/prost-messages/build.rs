//! Generates the code of this example: prost's types, and services around them.

fn main() -> Result<(), protocall_build::Error> {
    protocall_build::Config::new()
        .messages(protocall_build::Messages::Prost)
        .compile(&["proto/greeter.proto"], &["proto"])
}
