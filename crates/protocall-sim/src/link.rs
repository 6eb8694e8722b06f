//! One direction of a connection: bytes go in at one time and come out later, in order, cut anew.

use std::collections::VecDeque;
use std::time::Duration;

use protocall_http2::Timestamp;

use crate::random::Random;

/// How a link behaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conditions {
    /// Shortest and longest time on the way.
    pub delay: (Duration, Duration),
    /// Bytes that it carries in a second; `None`: as fast as they are written.
    pub bytes_per_second: Option<u64>,
    /// Smallest and largest piece that what is written is cut into.
    pub piece: (usize, usize),
    /// How many pieces in a hundred are held up by `stall`.
    pub stall_percent: u64,
    /// How long a stalled piece (and all behind it) is held up.
    pub stall: Duration,
    /// Bytes on the way at which the writer must wait.
    pub capacity: usize,
}

impl Default for Conditions {
    /// A local network in a good mood.
    fn default() -> Self {
        Self {
            delay: (Duration::from_micros(50), Duration::from_micros(500)),
            bytes_per_second: None,
            piece: (1, 16 * 1024),
            stall_percent: 0,
            stall: Duration::ZERO,
            capacity: 256 * 1024,
        }
    }
}

/// What a read gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Read {
    /// These bytes; never empty.
    Bytes(Vec<u8>),
    /// Nothing yet.
    Pending,
    /// Nothing ever again.
    End,
}

/// One direction of a connection.
#[derive(Debug)]
pub struct Link {
    conditions: Conditions,
    random: Random,
    /// When each piece arrives, and how long it is.
    pieces: VecDeque<(Timestamp, usize)>,
    /// The pieces' bytes, one behind the other.
    in_flight: VecDeque<u8>,
    last_arrival: Timestamp,
    /// When the last byte that was written has left, if the rate is bounded.
    sent: Timestamp,
    closed: bool,
}

impl Link {
    /// A link with its own sequence of random numbers.
    pub fn new(seed: u64, conditions: Conditions) -> Self {
        Self {
            conditions,
            random: Random::new(seed),
            pieces: VecDeque::new(),
            in_flight: VecDeque::new(),
            last_arrival: Timestamp::ZERO,
            sent: Timestamp::ZERO,
            closed: false,
        }
    }

    /// Takes bytes from the front of `bytes` and returns how many: fewer than all when the link is
    /// full, none when it is closed.
    pub fn write(&mut self, bytes: &[u8], now: Timestamp) -> usize {
        if self.closed {
            return 0;
        }
        let room = self.conditions.capacity.saturating_sub(self.in_flight.len());
        let taken = bytes.len().min(room);
        self.in_flight.extend(bytes.get(..taken).unwrap_or_default());
        let mut left = taken;
        while left > 0 {
            let (least, most) = self.conditions.piece;
            let size = self.random.between(least.max(1) as u64, most as u64) as usize;
            let size = size.min(left);
            left -= size;
            let sent = self.send(size, now);
            let arrival = self.arrival(sent);
            self.pieces.push_back((arrival, size));
        }
        taken
    }

    /// What has arrived by `now`, at most `most` bytes; pieces that arrived together are merged.
    pub fn read(&mut self, most: usize, now: Timestamp) -> Read {
        let mut ready = 0;
        while let Some((arrival, size)) = self.pieces.front_mut() {
            if *arrival > now || ready >= most {
                break;
            }
            let taken = (*size).min(most - ready);
            ready += taken;
            *size -= taken;
            if *size == 0 {
                self.pieces.pop_front();
            }
        }
        if ready > 0 {
            Read::Bytes(self.in_flight.drain(..ready).collect())
        } else if self.closed && self.pieces.is_empty() {
            Read::End
        } else {
            Read::Pending
        }
    }

    /// Closes the direction: what is on the way still arrives, nothing more can be written.
    pub fn close(&mut self) {
        self.closed = true;
    }

    /// When the next byte arrives, if any is on its way.
    pub fn next_arrival(&self) -> Option<Timestamp> {
        self.pieces.front().map(|(arrival, _)| *arrival)
    }

    /// When a piece that is written now has left: behind all that was written before.
    fn send(&mut self, size: usize, now: Timestamp) -> Timestamp {
        let Some(rate) = self.conditions.bytes_per_second else { return now };
        let nanos = (size as u64).saturating_mul(1_000_000_000) / rate.max(1);
        self.sent = self.sent.max(now).after(Duration::from_nanos(nanos));
        self.sent
    }

    /// Bytes keep their order: no piece overtakes another.
    fn arrival(&mut self, sent: Timestamp) -> Timestamp {
        let (least, most) = self.conditions.delay;
        let nanos = |time: Duration| u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        let mut delay = Duration::from_nanos(self.random.between(nanos(least), nanos(most)));
        if self.random.percent(self.conditions.stall_percent) {
            delay = delay.saturating_add(self.conditions.stall);
        }
        self.last_arrival = self.last_arrival.max(sent.after(delay));
        self.last_arrival
    }
}
