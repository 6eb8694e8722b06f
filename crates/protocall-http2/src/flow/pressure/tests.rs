//! The rules of a budget that is nearly used up.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use core::time::Duration;

use super::Pressure;
use crate::stream::StreamKey;
use crate::time::Timestamp;

const BUDGET: u64 = 800_000;

fn key(id: u32) -> StreamKey {
    StreamKey::new(id / 2, id)
}

/// Narrow windows for a hundred streams, in force.
fn narrow() -> Pressure {
    let mut pressure = Pressure::new(BUDGET);
    pressure.narrow(Timestamp::ZERO);
    pressure.fit(100);
    assert_eq!(pressure.certify(100, 100, 600_000, 0), Some(256 * 100));
    pressure
}

#[test]
fn windows_narrow_before_the_budget_is_used_up_and_widen_much_later() {
    let mut pressure = Pressure::new(BUDGET);
    assert!(!pressure.is_high(599_999));
    assert!(pressure.is_high(600_000));
    pressure.narrow(Timestamp::ZERO);
    assert!(!pressure.is_high(700_000), "once");
    let soon = Timestamp::ZERO.after(Duration::from_millis(99));
    let later = Timestamp::ZERO.after(Duration::from_millis(100));
    assert!(!pressure.is_low(300_001, later));
    assert!(!pressure.is_low(0, soon), "SETTINGS are few");
    assert!(pressure.is_low(300_000, later));
    pressure.widen();
    assert!(!pressure.is_low(0, later), "once");
    assert!(pressure.is_quiet());
}

#[test]
fn all_narrow_windows_together_are_an_eighth_of_the_budget() {
    let mut pressure = Pressure::new(BUDGET);
    pressure.narrow(Timestamp::ZERO);
    for streams in [1, 16, 17, 64, 1000, 5000] {
        pressure.fit(streams);
        assert!(pressure.fits(streams));
        let all = u64::from(pressure.window()) * streams as u64;
        assert!(all <= BUDGET / 8, "{streams}: {all}");
    }
    pressure.fit(10_000_000);
    assert_eq!(pressure.window(), 16, "the head of a message fits");
}

#[test]
fn windows_count_as_narrow_once_they_are_in_force_and_made_for_all_streams() {
    let mut pressure = Pressure::new(BUDGET);
    assert_eq!(pressure.certify(1, 1, 0, 0), None, "nobody asked for it");
    pressure.narrow(Timestamp::ZERO);
    assert_eq!(pressure.certify(262_144, 10, 600_000, 0), None);
    assert_eq!(pressure.certify(6250, 10, 600_000, 0), Some(100_000));
    assert_eq!(pressure.certify(6250, 10, 600_000, 0), None, "that is known");
    assert_eq!(pressure.certify(6250, 17, 600_000, 0), None, "more streams than it was made for");
    assert!(!pressure.is_in_force());
}

#[test]
fn wide_windows_promise_half_of_the_budget_and_nothing_beyond_it() {
    let mut pressure = Pressure::new(BUDGET);
    assert!(pressure.grants(key(1), 400_000, 0, 0));
    assert!(!pressure.grants(key(3), 400_001, 0, 0));
    assert!(!pressure.grants(key(3), 1, 0, 400_000));
    assert!(!pressure.grants(key(3), 300_000, 500_001, 0));
}

#[test]
fn nothing_is_promised_until_narrow_windows_are_in_force() {
    let mut pressure = Pressure::new(BUDGET);
    pressure.narrow(Timestamp::ZERO);
    assert!(!pressure.grants(key(1), 1, 600_000, 0));
    pressure.certify(100, 16, 600_000, 0);
    assert!(pressure.grants(key(1), 1, 600_000, 0));
}

#[test]
fn narrow_windows_let_through_what_fits_and_always_one_more() {
    let mut pressure = narrow();
    assert!(pressure.grants(key(1), 200_000, 600_000, 0), "it fits");
    assert!(pressure.grants(key(3), 5_000_000, 600_000, 200_000), "one may be larger");
    assert!(!pressure.grants(key(5), 1, 800_000, 0), "but no second one");
    assert!(pressure.grants(key(3), 5_000_000, 4_000_000, 0), "that one goes on");
    assert!(pressure.is_over(key(3)));
    assert!(!pressure.is_over(key(3)));
    assert!(!pressure.grants(key(5), 1, 800_001 + 25_600, 0), "first the others are taken");
    assert!(pressure.grants(key(5), 1, 800_000 + 25_600, 0));
}

#[test]
fn what_was_promised_before_counts_on_top_of_the_budget() {
    let mut pressure = Pressure::new(BUDGET);
    pressure.narrow(Timestamp::ZERO);
    pressure.certify(100, 16, 600_000, 300_000);
    assert!(!pressure.grants(key(1), 1, 1_101_601, 0));
    assert!(pressure.grants(key(1), 1, 1_101_600, 0));
}

#[test]
fn what_is_held_beyond_the_budget_when_windows_become_narrow_stops_nobody() {
    let mut pressure = Pressure::new(BUDGET);
    pressure.narrow(Timestamp::ZERO);
    pressure.certify(100, 16, 1_000_000, 0);
    assert!(pressure.grants(key(1), 1, 1_001_600, 0));
}

#[test]
fn the_one_that_may_pass_stays_the_one_when_windows_widen() {
    let mut pressure = narrow();
    assert!(pressure.grants(key(1), 1_000_000, 700_000, 0));
    pressure.widen();
    assert!(!pressure.is_quiet());
    pressure.narrow(Timestamp::ZERO);
    pressure.certify(100, 16, 600_000, 0);
    assert!(!pressure.grants(key(3), 1_000_000, 700_000, 0));
    assert!(pressure.is_over(key(1)));
    assert!(pressure.grants(key(3), 1_000_000, 700_000, 0));
}

#[test]
fn those_that_wait_are_looked_at_only_when_one_may_pass() {
    let mut pressure = narrow();
    assert!(!pressure.may_grant(0, 0), "nobody waits");
    assert!(pressure.grants(key(1), 1_000_000, 700_000, 0), "the one that may");
    pressure.wait(300_000);
    pressure.wait(400_000);
    assert!(!pressure.may_grant(600_000, 0));
    assert!(pressure.may_grant(500_000, 0), "there is room for the least");
    pressure.look_again();
    assert!(!pressure.may_grant(0, 0));
    assert!(!pressure.is_quiet(), "windows are narrow");
}
