//! Messages through the wire codec and through buffa, which must agree: on what is a message, on
//! which message it is, and on its bytes.
//!
//! Inputs are bytes as they are, or choices that a writer of valid messages makes (`writer`).

use std::fmt::Debug;

use bytes::Bytes;
use protocall::codec::wire::WireMessage;
use protocall::codec::{Codec, Payload, Wire};

mod writer;

#[allow(missing_docs, unreachable_pub, clippy::all, reason = "generated")]
mod proto {
    protocall::include_proto!();
}

use proto::protobuf_test_messages as conformance;
use proto::wire::{ed, p2, p3};

/// A message type: its full name, and the comparison of both codecs over bytes.
type Compared = (&'static str, fn(&[u8]) -> bool);

const TYPES: [Compared; 12] = [
    (".wire.p3.Tree", compare::<p3::Tree>),
    (".wire.p3.Scalars", compare::<p3::Scalars>),
    (".wire.p3.Presence", compare::<p3::Presence>),
    (".wire.p3.Lists", compare::<p3::Lists>),
    (".wire.p3.Maps", compare::<p3::Maps>),
    (".wire.p2.Old", compare::<p2::Old>),
    (".wire.p2.Small", compare::<p2::Small>),
    (".wire.ed.Modern", compare::<ed::Modern>),
    (".wire.p3.LeftToBuffa", compare::<p3::LeftToBuffa>),
    (
        ".protobuf_test_messages.proto2.TestAllTypesProto2",
        compare::<conformance::proto2::TestAllTypesProto2>,
    ),
    (
        ".protobuf_test_messages.proto3.TestAllTypesProto3",
        compare::<conformance::proto3::TestAllTypesProto3>,
    ),
    (
        ".protobuf_test_messages.editions.TestAllTypesEdition2023",
        compare::<conformance::editions::TestAllTypesEdition2023>,
    ),
];

/// The first byte chooses the message, and whether the others are its bytes or choices from which a
/// message is written, and then damaged in up to three places.
///
/// # Panics
/// When the codecs differ, or a message that was written as it should is refused.
pub fn messages(input: &[u8]) {
    let Some((first, rest)) = input.split_first() else { return };
    let (name, compare) = TYPES[usize::from(first >> 3) % TYPES.len()];
    if first & 1 == 0 {
        compare(rest);
        return;
    }
    let mut choices = writer::Choices::new(rest);
    let mut bytes = writer::message(name, &mut choices);
    assert!(compare(&bytes), "a valid {name} is refused");
    if first & 2 != 0 {
        for _ in 0..3 {
            let place = usize::from(choices.next_u16()) % bytes.len().max(1);
            if let Some(byte) = bytes.get_mut(place) {
                *byte ^= choices.next_u8();
                compare(&bytes);
            }
        }
        bytes.truncate(usize::from(choices.next_u16()) % (bytes.len() + 1));
        compare(&bytes);
    }
}

/// Whether the bytes are a message, on which both codecs agree.
fn compare<M: WireMessage + Debug>(bytes: &[u8]) -> bool {
    let theirs = M::decode_from_slice(bytes);
    let copied = <Wire as Codec<M>>::decode(Payload::borrowed(bytes));
    let shared = <Wire as Codec<M>>::decode(Payload::shared(Bytes::copy_from_slice(bytes)));
    let theirs = match theirs {
        Ok(message) => message,
        Err(error) => {
            assert!(copied.is_err() && shared.is_err(), "buffa refuses: {error}");
            return false;
        }
    };
    for ours in [copied, shared] {
        match ours {
            Ok(ours) => same(&theirs, &ours),
            Err(error) => panic!("buffa reads what the wire codec refuses: {error}\n{theirs:?}"),
        }
    }
    true
}

fn same<M: WireMessage + Debug>(theirs: &M, ours: &M) {
    let mut written = b"before".to_vec();
    assert!(Wire::encode(theirs, &mut written).is_ok(), "cannot encode");
    assert_eq!(written, [b"before".as_slice(), &theirs.encode_to_vec()].concat(), "{theirs:?}");
    // a message with a NaN is not equal to itself
    if theirs == &theirs.clone() {
        assert_eq!(theirs, ours);
    } else {
        assert_eq!(theirs.encoded_len(), ours.encoded_len(), "{theirs:?}");
    }
}
