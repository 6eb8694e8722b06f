//! A seeded in-memory network under a virtual clock, for tests: it splits and merges what is
//! written, delays it, stalls, and closes one direction at a time. The same seed gives the same
//! run. It knows bytes and time only; what travels is the business of the connections at its ends.

mod choices;
mod link;
pub mod messages;
pub mod pair;
mod random;
mod shrink;

pub use choices::{ByteChoices, Choices};
pub use link::{Conditions, Link, Read};
pub use protocall_http2::Timestamp;
pub use random::Random;
pub use shrink::{Shrink, shrink};

/// A two-way connection: two [`Link`]s and one clock.
#[derive(Debug)]
pub struct Duplex {
    now: Timestamp,
    /// What the client writes and the server reads.
    pub to_server: Link,
    /// What the server writes and the client reads.
    pub to_client: Link,
}

impl Duplex {
    /// Both directions with the same conditions; each draws its own random numbers from `seed`.
    pub fn new(seed: u64, conditions: Conditions) -> Self {
        let mut random = Random::new(seed);
        Self {
            now: Timestamp::from_nanos(1),
            to_server: Link::new(random.next_u64(), conditions.clone()),
            to_client: Link::new(random.next_u64(), conditions),
        }
    }

    /// The virtual time.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// Moves the clock to the next moment at which either end can read, or to `deadline` if that
    /// comes first (a deadline in the past leaves the clock alone). False if nothing at all is to
    /// come.
    pub fn advance(&mut self, deadline: Option<Timestamp>) -> bool {
        let arrivals = [self.to_server.next_arrival(), self.to_client.next_arrival(), deadline];
        match arrivals.into_iter().flatten().min() {
            Some(next) => {
                self.now = self.now.max(next);
                true
            }
            None => false,
        }
    }
}
