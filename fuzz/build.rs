//! Generates the messages that both codecs read and write.

const PROTOS: [&str; 6] = [
    "proto/wire_p3.proto",
    "proto/wire_p2.proto",
    "proto/wire_ed.proto",
    "conformance/messages/test_messages_edition2023.proto",
    "conformance/messages/test_messages_proto2.proto",
    "conformance/messages/test_messages_proto3.proto",
];

fn main() -> Result<(), protocall_build::Error> {
    protocall_build::Config::new()
        .wire_codec(true)
        .bytes(".wire.p3.Scalars.shared")
        .bytes(".wire.p3.Presence.shared")
        .bytes(".wire.p3.Lists.shared")
        .bytes(".wire.p3.Maps.shared")
        .bytes(".wire.p3.Tree.shared")
        .bytes(".wire.p3.LeftToBuffa.shared")
        .unboxed(".wire.p3.LeftToBuffa.held")
        .btree_map(".wire.p2")
        .compile(&PROTOS, &["proto", "../tests/protobuf-conformance/proto"])
}
