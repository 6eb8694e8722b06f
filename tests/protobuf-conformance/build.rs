//! Generates the code of the conformance protocol and of all messages that it tests.

const PROTOS: [&str; 6] = [
    "conformance/conformance.proto",
    "conformance/messages/test_messages_edition2023.proto",
    "conformance/messages/test_messages_proto2.proto",
    "conformance/messages/test_messages_proto2_editions.proto",
    "conformance/messages/test_messages_proto3.proto",
    "conformance/messages/test_messages_proto3_editions.proto",
];

fn main() -> Result<(), protocall_build::Error> {
    let config = protocall_build::Config::new().json(true).text(true).all_views().wire_codec(true);
    config.compile(&PROTOS, &["proto"])
}
