//! What protobuf refuses and buffa's runtime alone would take, in messages on every level and with
//! both codecs; and the text format of extensions, which buffa's generator writes for few types.

#![allow(clippy::unwrap_used)]

use protocall::buffa::Message;
use protocall::buffa::type_registry::{TypeRegistry, set_type_registry};
use protocall::codec::wire::WireMessage;
use protocall::codec::{self, Codec, Payload, Wire};

use crate::full::hard::names::modern::Tree;
use crate::full::hard::old::{self, Base};
use crate::wire;

/// A field's tag and its value behind a length.
fn field(number: u8, value: &[u8]) -> Vec<u8> {
    [&[number << 3 | 2, u8::try_from(value.len()).unwrap()], value].concat()
}

/// Puts a field into a message around it, or leaves it where it is.
type Nest = fn(&[u8]) -> Vec<u8>;

fn read<M: Message>(bytes: &[u8]) -> Result<M, String> {
    M::decode_from_slice(bytes).map_err(|error| error.to_string())
}

fn read_with_wire<M: WireMessage>(bytes: &[u8]) -> bool {
    <Wire as Codec<M>>::decode(Payload::borrowed(bytes)).is_ok()
}

#[test]
fn tags_take_at_most_five_bytes_in_messages_and_groups() {
    // `implicit: 1`, its tag in as many bytes
    let padded = |len: usize| [&[0x80 | 8 << 3], &vec![0x80; len - 2][..], &[0, 1]].concat();
    // `required` comes along; what differs is the tag
    let required = field(9, b"x");
    let nestings: [Nest; 4] = [
        |inner| inner.to_vec(),
        |inner| field(1, inner),
        |inner| field(3, inner),
        |inner| [&[2 << 3 | 3], inner, &[2 << 3 | 4]].concat(),
    ];
    for (at, nest) in nestings.iter().enumerate() {
        for (len, taken) in [(2, true), (5, true), (6, false), (10, false)] {
            let bytes = [nest(&padded(len)), required.clone()].concat();
            let outcome = read::<Tree>(&bytes);
            assert_eq!(outcome.is_ok(), taken, "{at}, {len} bytes: {outcome:?}");
            assert_eq!(read_with_wire::<wire::hard::names::modern::Tree>(&bytes), taken, "{at}");
        }
    }
}

#[test]
fn extensions_of_string_type_are_utf8_where_their_file_says_so() {
    let extension = |number: u8, value: &[u8]| {
        let tag = [number << 3 | 2 | 0x80, number >> 4];
        [&tag[..], &[u8::try_from(value.len()).unwrap()], value].concat()
    };
    for (number, value, taken) in
        [(20, "ä".as_bytes(), true), (20, b"\xff", false), (21, b"\xff", true), (25, b"\xff", true)]
    {
        let bytes = extension(number, value);
        assert_eq!(read::<Tree>(&bytes).is_ok(), taken, "{number}");
        assert_eq!(read_with_wire::<wire::hard::names::modern::Tree>(&bytes), taken, "{number}");
        let nested = field(1, &bytes);
        assert_eq!(read::<Tree>(&nested).is_ok(), taken, "{number}");
        // proto2 leaves text alone
        let old = [vec![8, 1], field(15, b""), [0xba, 6, 1, 0xff].to_vec()].concat();
        assert!(read::<Base>(&old).is_ok());
    }
}

#[test]
fn extensions_of_every_type_go_through_text() {
    let mut registry = TypeRegistry::new();
    old::register_types(&mut registry);
    crate::full::hard::names::modern::register_types(&mut registry);
    set_type_registry(registry);

    let text = "id: 1 [hard.old.number]: -5 [hard.old.words]: [\"a\", \"b\"] \
                [hard . old # where\n . alias]: THIRD [hard.old.numbers]: [1, -2] \
                [hard.old.aliases]: FIRST [hard.old.aliases]: -3 \
                [hard.old.bases] {id: 2} [hard.old.bases] {id: 3} \
                [hard.old.ratio]: 1.5 [hard.old.raw]: \"\\377\" [hard.old.Base.nested] {id: 4}";
    let message: Base = codec::text::decode_from_str(text).unwrap();
    let written = protocall::buffa::text::encode_to_string(&message);
    assert_eq!(
        written,
        "id: 1 [hard.old.number]: -5 [hard.old.words]: \"a\" [hard.old.words]: \"b\" \
         [hard.old.alias]: THIRD [hard.old.numbers]: 1 [hard.old.numbers]: -2 \
         [hard.old.aliases]: FIRST [hard.old.aliases]: THIRD \
         [hard.old.bases] {id: 2} [hard.old.bases] {id: 3} \
         [hard.old.ratio]: 1.5 [hard.old.raw]: \"\\377\" [hard.old.Base.nested] {id: 4}"
    );
    let again: Base = codec::text::decode_from_str(&written).unwrap();
    // a packed field may come in several parts, which are equal in what they say alone
    assert_eq!(protocall::buffa::text::encode_to_string(&again), written);
    // packed, as declared
    let bytes = message.encode_to_vec();
    assert!(bytes.windows(5).any(|part| part == [0xd2, 6, 2, 2, 3]), "{bytes:?}");

    for wrong in [
        // a closed enum's unknown number, an unknown name, another type, another message's
        "id: 1 [hard.old.alias]: 7",
        "id: 1 [hard.old.alias]: NINTH",
        "id: 1 [hard.old.number]: \"x\"",
        "id: 1 [hard.names.modern.title]: \"x\"",
    ] {
        assert!(codec::text::decode_from_str::<Base>(wrong).is_err(), "{wrong}");
    }
}
