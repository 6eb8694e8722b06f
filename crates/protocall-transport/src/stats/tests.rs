//! Publishing what connections count: sums, and nothing twice.

#![allow(clippy::unwrap_used)]

use super::*;

fn counters(completed: u64, unknown: u64) -> http2::Counters {
    let mut counters = http2::Counters::default();
    counters.streams_completed = completed;
    counters.unknown_frames = unknown;
    counters
}

#[test]
fn connections_add_up_and_count_nothing_twice() {
    let totals = Totals::default();
    let mut first = Meter::new(totals.clone());
    let mut second = Meter::new(totals.clone());
    first.publish(&counters(3, 0));
    first.publish(&counters(3, 0));
    second.publish(&counters(4, 2));
    second.publish(&counters(4, 2));
    assert_eq!(totals.http2(), counters(7, 2));
    first.publish(&counters(5, 1));
    assert_eq!(totals.http2(), counters(9, 3));
}

#[test]
fn what_completes_alone_is_published_alone() {
    let totals = Totals::default();
    let mut meter = Meter::new(totals.clone());
    meter.publish(&counters(1, 0));
    assert_eq!(meter.published, counters(1, 0));
    assert_eq!(totals.http2(), counters(1, 0));
}

#[test]
fn own_counters_are_numbers() {
    let totals = Totals::default();
    totals.count(|tally| &tally.batches_cut);
    totals.count(|tally| &tally.batches_cut);
    assert_eq!(totals.transport(), Counters { batches_cut: 2, ..Counters::default() });
}
