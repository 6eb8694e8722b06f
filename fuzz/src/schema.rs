//! The compiler's front end over any text, and text format over any bytes.

use std::sync::OnceLock;

use buffa_descriptor::generated::descriptor::FileDescriptorSet;
use protocall_schema::text::{TextFormat, decode_raw};
use protocall_schema::{MemorySources, Style, compile};

/// Any text either becomes descriptors or is refused with at least one error, all of which can be
/// shown; compiling it again says the same.
///
/// # Panics
/// When the result and the diagnostics contradict each other or a second run.
pub fn proto_source(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let sources = MemorySources::new().with("fuzz.proto", text);
    let compilation = compile(&sources, &["fuzz.proto"]);
    let errors = compilation.diagnostics().has_errors();
    assert_eq!(compilation.schema().is_none(), errors, "descriptors and errors exclude each other");
    let shown = compilation.diagnostics().render(Style::Plain);
    assert!(!errors || !shown.is_empty(), "an error that says nothing");
    let again = compile(&sources, &["fuzz.proto"]);
    assert_eq!(shown, again.diagnostics().render(Style::Plain));
    let sets = [&compilation, &again].map(|run| run.schema().map(|schema| schema.descriptor_set()));
    assert!(sets[0] == sets[1], "a second run made other descriptors");
}

/// A type with fields of every kind, whose strings may hold any bytes.
const TYPES: &str = "syntax = \"proto2\"; package t; import \"google/protobuf/any.proto\";
message M {
  optional int32 i = 1; repeated sint64 s = 2 [packed = true]; optional string str = 3;
  optional bytes b = 4; map<string, int32> m = 5; map<int32, M> mm = 6;
  optional group Grp = 7 { optional int32 a = 1; } optional E e = 8; repeated E re = 9;
  optional google.protobuf.Any any = 10; optional double d = 11; optional float f = 12;
  optional M sub = 13; oneof o { int32 x = 14; string y = 15; } optional bool bo = 16;
  optional fixed32 f3 = 17; optional sfixed64 f6 = 18; optional uint64 u = 19;
  extensions 100 to 200; reserved \"old\"; optional Set set = 20;
}
enum E { A = 0; B = 1; NEG = -1; }
message Set { option message_set_wire_format = true; extensions 4 to max; }
message Item { extend Set { optional Item item = 1000; } optional int32 v = 1; }
extend M { optional int32 ext = 100; repeated M exts = 101; }
";

fn types() -> &'static FileDescriptorSet {
    static SET: OnceLock<FileDescriptorSet> = OnceLock::new();
    SET.get_or_init(|| {
        let sources = MemorySources::new().with("t.proto", TYPES);
        let schema = compile(&sources, &["t.proto"]).into_result();
        schema.map(|schema| schema.descriptor_set().clone()).unwrap_or_default()
    })
}

/// Text format over any bytes and any text (the first byte says which): what is read is written in
/// a form that reads as the same.
///
/// # Panics
/// When it does not.
pub fn text_format(input: &[u8]) {
    let Some((kind, input)) = input.split_first() else { return };
    let format = TextFormat::new(types());
    // that nothing ends badly is all that can be said of it
    let _ = decode_raw(input);
    let bytes = if kind % 2 == 0 {
        input.to_vec()
    } else {
        let Ok(read) = format.encode("t.M", input, false) else { return };
        assert!(format.decode("t.M", &read.message).is_ok(), "our own bytes are refused");
        read.message
    };
    let Ok(text) = format.decode("t.M", &bytes) else { return };
    let has_unknown = |line: &str| line.trim_start().starts_with(|c: char| c.is_ascii_digit());
    if text.message.lines().any(has_unknown) {
        return;
    }
    let again = match format.encode("t.M", text.message.as_bytes(), false) {
        Ok(again) => again.message,
        Err(error) => panic!("our own text is refused: {error}"),
    };
    let again = format.decode("t.M", &again).map(|read| read.message);
    assert_eq!(again.as_ref(), Ok(&text.message), "text that was read and written has changed");
}
