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
fn buffers_of_written_payloads_serve_again_unless_somebody_holds_them() {
    let mut output = Output::default();
    output.push(Bytes::from(vec![1; 70_000]));
    output.advance(usize::MAX);
    assert_eq!(output.take_spent(), None, "nobody had asked");
    let buffer = vec![1; 70_000];
    let place = buffer.as_ptr();
    let mut payload = Bytes::from(buffer);
    // in two frames
    output.push(payload.split_to(60_000));
    output.push(payload);
    output.advance(65_000);
    assert_eq!(output.take_spent(), None, "the rest of it waits");
    output.advance(5000);
    let spent = output.take_spent().unwrap();
    assert_eq!((spent.as_ptr(), spent.len()), (place, 0));
    assert!(spent.capacity() >= 70_000);
    let held = Bytes::from(vec![2; 20_000]);
    for payload in [held.clone(), Bytes::from_static(&[3; 20_000]), Bytes::from(vec![4; 5000])] {
        output.push(payload);
        output.advance(usize::MAX);
        assert_eq!(output.take_spent(), None);
    }
    assert!(held.iter().all(|byte| *byte == 2));
    for _ in 0..10 {
        output.push(Bytes::from(vec![5; 20_000]));
        output.advance(usize::MAX);
    }
    assert_eq!(std::iter::from_fn(|| output.take_spent()).count(), 4);
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
