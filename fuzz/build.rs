//! Generates the messages that both codecs read and write.

fn main() -> Result<(), protocall_build::Error> {
    protocall_build::Config::new()
        .wire_codec(true)
        .bytes(".wire.p3.Scalars.shared")
        .bytes(".wire.p3.Presence.shared")
        .bytes(".wire.p3.Lists.shared")
        .bytes(".wire.p3.Maps.shared")
        .bytes(".wire.p3.Tree.shared")
        .compile(&["proto/wire_p3.proto", "proto/wire_p2.proto", "proto/wire_ed.proto"], &["proto"])
}
