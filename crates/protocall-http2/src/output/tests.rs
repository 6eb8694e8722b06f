//! Order and accounting of what is written, whatever the size of the writes.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::io::IoSlice;

use bytes::Bytes;
use proptest::prelude::*;

use super::{MAX_SLICES, Output};

fn written(output: &Output) -> Vec<u8> {
    let mut slices = [IoSlice::new(&[]); MAX_SLICES];
    let filled = output.slices(&mut slices);
    slices[..filled].iter().flat_map(|slice| slice.to_vec()).collect()
}

#[test]
fn slices_keep_the_order_of_copies_and_references() {
    let mut output = Output::default();
    output.push(Bytes::from_static(b"first"));
    output.buffer().extend_from_slice(b"-copied-");
    output.push(Bytes::from_static(b"second"));
    output.push(Bytes::from_static(b"third"));
    output.buffer().extend_from_slice(b"-end");
    assert_eq!(written(&output), b"first-copied-secondthird-end");
    assert_eq!(output.len(), 28);
}

#[test]
fn never_more_slices_than_asked_for() {
    let mut output = Output::default();
    for _ in 0..100 {
        output.buffer().push(b'x');
        output.push(Bytes::from_static(b"yy"));
    }
    let mut few = [IoSlice::new(&[]); 3];
    assert_eq!(output.slices(&mut few), 3);
    let mut many = [IoSlice::new(&[]); 500];
    assert_eq!(output.slices(&mut many), MAX_SLICES);
}

proptest! {
    #[test]
    fn any_partial_writes_give_the_same_bytes(
        pieces in prop::collection::vec((any::<bool>(), 0usize..3000), 0..60),
        steps in prop::collection::vec(1usize..70_000, 1..60),
    ) {
        let mut output = Output::default();
        let mut expected = Vec::new();
        let mut seen = Vec::new();
        let mut steps = steps.into_iter().cycle();
        for (index, (referenced, length)) in pieces.into_iter().enumerate() {
            let bytes = vec![index as u8; length];
            expected.extend_from_slice(&bytes);
            if referenced {
                output.push(Bytes::from(bytes));
            } else {
                output.buffer().extend_from_slice(&bytes);
            }
            if index % 7 == 6 {
                let bytes = written(&output);
                let step = steps.next().unwrap().min(bytes.len());
                seen.extend_from_slice(&bytes[..step]);
                output.advance(step);
                prop_assert_eq!(output.end(), expected.len() as u64);
            }
        }
        while !output.is_empty() {
            let bytes = written(&output);
            let step = steps.next().unwrap().min(bytes.len());
            seen.extend_from_slice(&bytes[..step]);
            output.advance(step);
        }
        prop_assert_eq!(output.written(), expected.len() as u64);
        prop_assert_eq!(seen, expected);
    }
}
