//! Tests of the envelope: boundaries, limits, any chunking.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
use super::*;
use proptest::prelude::*;

fn enveloped(messages: &[Vec<u8>]) -> Vec<u8> {
    let mut buffer = Vec::new();
    for message in messages {
        append::<EnvelopeError>(&mut buffer, usize::MAX, |buffer| {
            buffer.extend_from_slice(message);
            Ok(())
        })
        .unwrap();
    }
    buffer
}

#[test]
fn a_lying_prefix_is_found_at_once() {
    let scan = |bytes: &[u8]| Scanner::new(10).scan(bytes);
    let broken = |error, whole| Err(Broken { error, whole });
    let too_large = EnvelopeError::TooLarge { len: 11, limit: 10 };
    assert_eq!(scan(&[0, 0, 0, 0, 11]), broken(too_large, 0));
    assert_eq!(scan(&[1, 0, 0, 0, 0]), broken(EnvelopeError::Compressed, 0));
    assert_eq!(scan(&[2, 0, 0, 0, 0]), broken(EnvelopeError::InvalidFlag(2), 0));
    let behind_another = [0, 0, 0, 0, 1, 7, 0, 0, 0, 0, 11];
    assert_eq!(scan(&behind_another), broken(too_large, 6), "the first message is whole");
}

#[test]
fn ends_only_between_messages() {
    let mut scanner = Scanner::new(10);
    assert_eq!(scanner.finish(), Ok(()));
    assert_eq!(scanner.scan(&[0, 0]).unwrap().partial, 2);
    assert_eq!(scanner.finish(), Err(EnvelopeError::Truncated));
    assert_eq!(scanner.scan(&[0, 0, 2]).unwrap().missing, 2);
    assert_eq!(scanner.scan(&[1]).unwrap().missing, 1);
    assert_eq!(scanner.finish(), Err(EnvelopeError::Truncated));
    assert_eq!(scanner.scan(&[1]).unwrap(), Scanned { completed: 1, missing: 0, partial: 0 });
    assert_eq!(scanner.finish(), Ok(()));
}

#[test]
fn what_is_skipped_counts_as_what_is_scanned() {
    let stream = enveloped(&[vec![7; 10], vec![8; 3]]);
    let mut scanner = Scanner::new(10);
    assert_eq!(scanner.skip(5), Scanned::default(), "between messages nothing is skipped");
    scanner.scan(&stream[..7]).unwrap();
    assert_eq!(scanner.missing(), 8);
    assert_eq!(scanner.skip(5), Scanned { completed: 0, missing: 3, partial: 12 });
    assert_eq!(scanner.skip(4), Scanned { completed: 1, missing: 0, partial: 0 }, "3 of the 4");
    assert_eq!(scanner.finish(), Ok(()));
    let rest = scanner.scan(&stream[15..]).unwrap();
    assert_eq!(rest, Scanned { completed: 1, missing: 0, partial: 0 });
}

#[test]
fn an_empty_message_is_complete_with_its_prefix() {
    let mut scanner = Scanner::new(0);
    assert_eq!(scanner.scan(&[0; 10]).unwrap().completed, 2);
}

#[test]
fn a_refused_message_leaves_the_buffer_as_it_was() {
    let mut buffer = b"before".to_vec();
    let result = append::<EnvelopeError>(&mut buffer, 2, |buffer| {
        buffer.extend_from_slice(b"abc");
        Ok(())
    });
    assert_eq!(result, Err(EnvelopeError::TooLarge { len: 3, limit: 2 }));
    assert_eq!(buffer, b"before");
}

proptest! {
    #[test]
    fn chunks_do_not_matter(
        messages in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..50), 0..20),
        cuts in proptest::collection::vec(0usize..1000, 0..30),
    ) {
        let bytes = enveloped(&messages);
        let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut % (bytes.len() + 1)).collect();
        cuts.push(bytes.len());
        cuts.sort_unstable();
        let mut scanner = Scanner::new(50);
        let (mut start, mut completed) = (0, 0);
        for cut in cuts {
            completed += scanner.scan(&bytes[start..cut]).unwrap().completed;
            start = cut;
        }
        prop_assert_eq!(completed, messages.len());
        prop_assert_eq!(scanner.finish(), Ok(()));
        let mut rest = &bytes[..];
        for message in &messages {
            let (prefix, found) = split(rest).unwrap();
            prop_assert_eq!(found, &message[..]);
            rest = &rest[PREFIX_LEN + prefix.len as usize..];
        }
        prop_assert_eq!(split(rest), None);
    }
}
