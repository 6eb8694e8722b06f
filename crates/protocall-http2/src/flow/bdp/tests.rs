//! The estimator against paths that are made up of numbers.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use core::time::Duration;

use super::Estimator;
use crate::time::Timestamp;

const MIB: u32 = 1024 * 1024;

/// A sender that fills a window each round trip, up to what the path carries.
struct Path {
    now: Timestamp,
    round_trip: Duration,
    /// Bytes that it carries in a round trip.
    holds: u32,
    probes: u32,
}

impl Path {
    fn new(millis: u64, holds: u32) -> Self {
        let now = Timestamp::from_nanos(1);
        Self { now, round_trip: Duration::from_millis(millis), holds, probes: 0 }
    }

    /// One round trip at this window: its bytes come in frames of 16 KiB, then what was asked is
    /// answered.
    fn round(&mut self, estimator: &mut Estimator, window: u32) -> Option<u32> {
        let bytes = window.min(self.holds);
        let frames = bytes.div_ceil(16 * 1024).max(1);
        for _ in 0..frames {
            if estimator.data(bytes / frames, self.now) {
                estimator.probed(bytes / frames, self.now);
                self.probes += 1;
            }
        }
        self.now = self.now.after(self.round_trip);
        if estimator.is_asking() { estimator.answered(self.now) } else { None }
    }
}

#[test]
fn the_window_grows_to_twice_what_the_path_holds_in_a_few_round_trips() {
    let mut estimator = Estimator::new(256 * 1024, 16 * MIB);
    let mut path = Path::new(20, 2_000_000);
    let mut window = 256 * 1024;
    let mut rounds = 0;
    while window < 3_900_000 {
        window = path.round(&mut estimator, window).unwrap_or(window);
        rounds += 1;
        assert!(rounds < 10, "{window} after {rounds} round trips");
    }
    assert!((3_900_000..=4_000_000).contains(&window), "{window}");
    for _ in 0..1000 {
        assert_eq!(path.round(&mut estimator, window), None, "a full path gives no reason to grow");
    }
}

#[test]
fn a_path_that_is_full_is_asked_ever_more_rarely() {
    let mut estimator = Estimator::new(256 * 1024, 16 * MIB);
    let mut path = Path::new(10, MIB);
    let mut window = 256 * 1024;
    let mut probes_in = |path: &mut Path, seconds: u32| {
        let before = path.probes;
        for _ in 0..seconds * 100 {
            window = path.round(&mut estimator, window).unwrap_or(window);
        }
        path.probes - before
    };
    let (first, later) = (probes_in(&mut path, 10), probes_in(&mut path, 100));
    assert!(first <= 24, "{first} in ten seconds");
    assert!((10..=30).contains(&later), "{later} in a hundred more: a pair each ten seconds");
}

#[test]
fn a_window_that_was_never_filled_is_not_measured_again() {
    let mut estimator = Estimator::new(256 * 1024, 16 * MIB);
    let mut path = Path::new(1, 1000);
    // a megabyte a second over a millisecond: a kilobyte under way
    for _ in 0..60_000 {
        assert_eq!(path.round(&mut estimator, 256 * 1024), None);
    }
    assert!(path.probes <= 14, "{} probes in a minute", path.probes);
    assert!(path.probes > 2, "a path may become longer: it is asked now and then");
}

#[test]
fn a_burst_after_a_quiet_time_is_measured_within_a_second() {
    let mut estimator = Estimator::new(256 * 1024, 16 * MIB);
    let mut path = Path::new(20, 1000);
    for _ in 0..5000 {
        path.round(&mut estimator, 256 * 1024);
    }
    path.holds = 2_000_000;
    let mut window = 256 * 1024;
    for _ in 0..50 {
        window = path.round(&mut estimator, window).unwrap_or(window);
    }
    assert!(window > 3_500_000, "{window}");
}

#[test]
fn more_window_without_more_bandwidth_does_not_grow_further() {
    let mut estimator = Estimator::new(MIB, 16 * MIB);
    let mut path = Path::new(10, u32::MAX);
    let mut window = path.round(&mut estimator, MIB).unwrap();
    assert!(window > MIB);
    // a queue on the way: twice the window, twice the round trip
    for doublings in 1..6 {
        path.round_trip = Duration::from_millis(10 << doublings);
        window = path.round(&mut estimator, window).unwrap_or(window);
    }
    assert!(window <= 4 * MIB, "{window}");
}

#[test]
fn the_ceiling_is_met_and_ends_the_asking() {
    let mut estimator = Estimator::new(256 * 1024, 600_000);
    let mut path = Path::new(20, u32::MAX);
    // the sample begins once a quarter of the window is there
    assert_eq!(path.round(&mut estimator, 256 * 1024), Some(416 * 1024));
    assert_eq!(path.round(&mut estimator, 416 * 1024), Some(600_000));
    for _ in 0..1000 {
        path.round(&mut estimator, 600_000);
    }
    assert_eq!(path.probes, 2);
    let mut off = Estimator::new(256 * 1024, 0);
    for _ in 0..1000 {
        path.round(&mut off, 256 * 1024);
    }
    assert_eq!((path.probes, off.window()), (2, 256 * 1024), "a ceiling of 0 turns it off");
}

#[test]
fn the_second_of_a_pair_sees_the_whole_burst() {
    let mut estimator = Estimator::new(256 * 1024, 16 * MIB);
    let now = Timestamp::from_nanos(1);
    assert!(!estimator.data(60_000, now));
    assert!(estimator.data(60_000, now), "in the middle of a burst");
    estimator.probed(60_000, now);
    assert!(!estimator.data(80_000, now), "one probe at a time");
    let now = now.after(Duration::from_millis(20));
    assert_eq!(estimator.answered(now), None, "that was not near the window");
    assert!(estimator.data(1, now), "the next one begins with the next burst");
    estimator.probed(1, now);
    assert!(!estimator.data(256 * 1024 - 1, now));
    let now = now.after(Duration::from_millis(20));
    assert_eq!(estimator.answered(now), Some(512 * 1024));
}

#[test]
fn a_window_that_only_fills_a_queue_does_not_grow() {
    let mut estimator = Estimator::new(MIB, 16 * MIB);
    // a tenth of a window is under way in a round trip; the rest waits somewhere
    estimator.saw_round_trip(Duration::from_micros(100), Timestamp::from_nanos(1));
    let mut path = Path::new(1, u32::MAX);
    for _ in 0..1000 {
        assert_eq!(path.round(&mut estimator, MIB), None);
    }
    // until then it is not known what waits and what is under way
    let mut estimator = Estimator::new(MIB, 16 * MIB);
    assert!(path.round(&mut estimator, MIB).is_some());
}

#[test]
fn within_a_machine_windows_stay_small() {
    for (start, end) in [(256 * 1024, 512 * 1024), (512 * 1024, 512 * 1024), (MIB, MIB)] {
        let mut estimator = Estimator::new(start, 16 * MIB);
        let mut path = Path::new(0, u32::MAX);
        let mut window = start;
        for round in 0..10_000 {
            // noise by which each window is better than the one before now and then
            path.round_trip = Duration::from_micros(249 - round * 7 % 200);
            window = path.round(&mut estimator, window).unwrap_or(window);
        }
        assert_eq!(window, end);
        assert!(path.probes < 40, "{} probes", path.probes);
    }
    // a ceiling below that is one
    let mut estimator = Estimator::new(256 * 1024, 300_000);
    let mut path = Path::new(0, u32::MAX);
    path.round_trip = Duration::from_micros(100);
    assert_eq!(path.round(&mut estimator, 256 * 1024), Some(300_000));
}

#[test]
fn a_path_that_a_window_nearly_fills_gets_a_larger_one() {
    // credit that goes back by halves: one and a half times what the path holds is six sevenths
    let mut estimator = Estimator::new(3 * MIB, 16 * MIB);
    let mut path = Path::new(20, 3 * MIB * 4 / 7);
    // the first of a pair begins in the middle
    let window = (0..2).find_map(|_| path.round(&mut estimator, 3 * MIB));
    assert!(window.is_some_and(|window| window > 3 * MIB), "{window:?}");
}

#[test]
fn noise_is_no_reason_to_grow() {
    let mut estimator = Estimator::new(MIB, 16 * MIB);
    let mut path = Path::new(10, u32::MAX);
    let mut window = path.round(&mut estimator, MIB).unwrap();
    let doubled = window;
    for round in 0..100 {
        // the same bandwidth, a little more each time
        path.round_trip = Duration::from_micros(20_000 - 15 * round);
        window = path.round(&mut estimator, window).unwrap_or(window);
    }
    assert_eq!(window, doubled);
}

#[test]
fn an_answer_that_nobody_asked_for_changes_nothing() {
    let mut estimator = Estimator::new(256 * 1024, 16 * MIB);
    estimator.data(10_000, Timestamp::ZERO);
    assert_eq!(estimator.answered(Timestamp::from_nanos(5)), None);
    assert_eq!(estimator.window(), 256 * 1024);
}
