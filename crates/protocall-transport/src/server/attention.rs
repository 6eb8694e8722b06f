//! Which polls of handlers are measured. What is made of the figures is [`cost`](super::cost)'s.

use std::time::{Duration, Instant};

/// Which polls are measured: a sample, since two looks at the clock cost as much as a frame.
///
/// A sample alone may miss what is slow for as long as it likes: of one call in a hundred, one poll
/// in sixteen never sees any, if it begins at the wrong call. So the first poll of each turn is
/// looked at, which is all of them where calls come one by one, and then the turn as a whole; where
/// something in it was long, or a poll was, all polls are measured for a while.
#[derive(Debug, Default)]
pub(super) struct Attention {
    count: u32,
    alert: u32,
    turn: Turn,
}

/// A poll that is looked at.
#[derive(Clone, Copy, Debug)]
pub(super) struct Look {
    began: Instant,
    /// Only to see whether it is long: what is noted of each turn is shared by all connections, and
    /// its cache line would go to and fro between their threads.
    glance: bool,
}

/// What is known of the turn under way.
#[derive(Debug, Default)]
enum Turn {
    /// Nothing was polled yet.
    #[default]
    Idle,
    /// All polls so far were measured.
    Measured { began: Instant },
    /// Some were not.
    Unknown { began: Instant },
}

impl Attention {
    /// One poll in so many is measured.
    const SAMPLE: u32 = 16;
    /// A poll of this length raises attention.
    const LONG: Duration = Duration::from_micros(100);
    /// A turn of this length does so, if not all of its polls were measured: more than 64 calls and
    /// their frames take, whoever else wants the core.
    const LONG_TURN: Duration = Duration::from_millis(1);
    /// Polls that are measured after a long one.
    const ALERT: u32 = 256;

    /// A poll begins; whether it is looked at.
    pub(super) fn begin(&mut self) -> Option<Look> {
        self.begin_by(std_now)
    }

    fn begin_by(&mut self, now: impl FnOnce() -> Instant) -> Option<Look> {
        self.count = self.count.wrapping_add(1);
        let alert = self.alert > 0;
        self.alert = self.alert.saturating_sub(1);
        let sample = alert || self.count.is_multiple_of(Self::SAMPLE);
        match self.turn {
            Turn::Idle => {
                let began = now();
                self.turn = Turn::Measured { began };
                Some(Look { began, glance: !sample })
            }
            _ if sample => Some(Look { began: now(), glance: false }),
            Turn::Measured { began } => {
                self.turn = Turn::Unknown { began };
                None
            }
            Turn::Unknown { .. } => None,
        }
    }

    /// A poll that was looked at has ended; how long it took, if that is to be noted.
    pub(super) fn end(&mut self, look: Look) -> Option<Duration> {
        self.end_by(look, std_now)
    }

    fn end_by(&mut self, look: Look, now: impl FnOnce() -> Instant) -> Option<Duration> {
        let took = now().saturating_duration_since(look.began);
        let long = took >= Self::LONG;
        if long {
            self.alert = Self::ALERT;
        }
        (long || !look.glance).then_some(took)
    }

    /// The connection's turn to poll handlers is over.
    pub(super) fn end_turn(&mut self) {
        self.end_turn_by(std_now);
    }

    fn end_turn_by(&mut self, now: impl FnOnce() -> Instant) {
        if let Turn::Unknown { began } = std::mem::take(&mut self.turn)
            && now().saturating_duration_since(began) >= Self::LONG_TURN
        {
            self.alert = Self::ALERT;
        }
    }
}

/// Real time, whatever clock deadlines go by: a paused clock makes no handler quick.
fn std_now() -> Instant {
    Instant::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What became of a poll.
    #[derive(Clone, Copy, Debug, PartialEq)]
    enum Seen {
        Noted,
        LookedAt,
        Missed,
    }

    /// Turns of so many polls of a microsecond, or 5 ms where they are long.
    fn polls(turn: usize, all: usize, is_long: impl Fn(usize) -> bool) -> Vec<Seen> {
        let (mut attention, mut now) = (Attention::default(), Instant::now());
        (0..all)
            .map(|poll| {
                let look = attention.begin_by(|| now);
                now += Duration::from_micros(if is_long(poll) { 5000 } else { 1 });
                let noted = look.and_then(|look| attention.end_by(look, || now));
                if (poll + 1).is_multiple_of(turn) {
                    attention.end_turn_by(|| now);
                }
                match (look, noted) {
                    (_, Some(_)) => Seen::Noted,
                    (Some(_), None) => Seen::LookedAt,
                    (None, None) => Seen::Missed,
                }
            })
            .collect()
    }

    fn count(seen: &[Seen], what: Seen) -> usize {
        seen.iter().filter(|seen| **seen == what).count()
    }

    #[test]
    fn calls_that_come_one_by_one_are_all_looked_at() {
        let seen = polls(1, 160, |_| false);
        assert_eq!((count(&seen, Seen::Noted), count(&seen, Seen::Missed)), (10, 0));
        for slow in 0..16 {
            assert_eq!(polls(1, 16, |poll| poll == slow)[slow], Seen::Noted);
        }
    }

    #[test]
    fn of_large_turns_a_sample_is_noted_and_the_first_looked_at() {
        let seen = polls(60, 4800, |_| false);
        assert_eq!(count(&seen, Seen::Noted), 4800 / 16);
        assert!((60..=80).contains(&count(&seen, Seen::LookedAt)));
    }

    #[test]
    fn what_is_long_now_and_then_is_noted_by_its_second_time() {
        for offset in 0..100 {
            let seen = polls(10, 300, |poll| poll % 100 == offset);
            assert_eq!(seen[100 + offset], Seen::Noted, "offset {offset}");
            assert_eq!(seen[200 + offset], Seen::Noted, "offset {offset}");
        }
    }
}
