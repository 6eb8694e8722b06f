//! Slots, ids and what is remembered of closed streams.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::HashMap;

use proptest::prelude::*;

use super::{Closed, Known, Store};

#[test]
fn a_reused_slot_does_not_answer_to_the_old_key() {
    let mut store = Store::default();
    let old = store.insert(1);
    store.remove(old, Closed::Ended);
    let new = store.insert(3);
    assert_eq!(old.slot(), new.slot());
    assert!(store.get(old).is_none());
    assert_eq!(store.get(new).unwrap().id, 3);
    store.remove(old, Closed::Ended);
    assert_eq!(store.len(), 1, "removing a stale key does nothing");
}

#[test]
fn closed_streams_are_remembered_then_forgotten() {
    let mut store = Store::default();
    let first = store.insert(1);
    store.remove(first, Closed::ResetByUs);
    let fifth = store.insert(5);
    store.remove(fifth, Closed::Ended);
    assert_eq!(store.find(1), Known::Closed(Closed::ResetByUs));
    assert_eq!(store.find(3), Known::Skipped);
    assert_eq!(store.find(5), Known::Closed(Closed::Ended));
    for id in (7..2000).step_by(2) {
        let key = store.insert(id);
        store.remove(key, Closed::Ended);
    }
    assert_eq!(store.find(1), Known::Forgotten);
    assert_eq!(store.find(3), Known::Forgotten);
    assert_eq!(store.slots(), 1, "one slot serves them all");
}

#[test]
fn a_long_lived_stream_is_still_found() {
    let mut store = Store::default();
    let long = store.insert(1);
    for id in (3..40_000).step_by(2) {
        let key = store.insert(id);
        store.remove(key, Closed::Ended);
    }
    assert_eq!(store.find(1), Known::Live(long));
    store.remove(long, Closed::Ended);
    assert_eq!(store.find(1), Known::Forgotten);
    assert!(store.spilled.is_empty());
}

#[test]
fn an_idle_store_keeps_its_live_streams_alone() {
    let mut store = Store::default();
    let keys: Vec<_> = (0..100).map(|n| store.insert(2 * n + 1)).collect();
    for key in keys.iter().filter(|key| key.slot() % 50 != 7) {
        store.remove(*key, Closed::ResetByUs);
    }
    store.trim();
    assert_eq!((store.slots(), store.len()), (58, 2));
    assert!(store.ring.len() <= 4 && store.slots.capacity() < 64);
    for key in [keys[7], keys[57]] {
        assert_eq!(store.find(key.id()), Known::Live(key));
    }
    assert_eq!(store.find(1), Known::Forgotten);
    assert!(store.insert(201).slot() < 58, "a free slot serves again");
}

proptest! {
    #[test]
    fn the_ring_agrees_with_a_map(
        steps in prop::collection::vec((0u32..16, any::<u16>()), 1..4000),
    ) {
        let mut store = Store::default();
        let mut live = HashMap::new();
        let mut id = 1;
        for (step, pick) in steps {
            if step == 15 {
                store.trim();
            } else if step % 4 < 3 {
                id += 2 * u32::from(pick % 3) + 2;
                live.insert(id, store.insert(id));
            } else if let Some(&chosen) = live.keys().nth(usize::from(pick) % live.len().max(1)) {
                let key = live.remove(&chosen).unwrap();
                store.remove(key, Closed::Ended);
                let known = store.find(chosen);
                prop_assert!(matches!(known, Known::Closed(Closed::Ended) | Known::Forgotten));
            }
        }
        prop_assert_eq!(store.len(), live.len());
        for (&id, &key) in &live {
            prop_assert_eq!(store.find(id), Known::Live(key));
            prop_assert_eq!(store.get(key).unwrap().id, id);
        }
    }
}
