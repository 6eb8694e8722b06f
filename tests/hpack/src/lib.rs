//! HPACK blocks made by rule and by chance, and what our decoder says of them.
//!
//! A [`Session`] is what one connection's decoder gets, in order. It uses all of the format, which
//! our own encoder does not: evictions, size updates, every kind of literal, broken octets. Other
//! decoders judge the same sessions: the `h2` crate's in `tests/h2.rs`, Python's in `judge.py`.

mod session;
mod verdict;
mod writer;

pub use session::{Freedom, Session, Step};
pub use verdict::{Verdict, judge};

/// A header list: names and values in order.
pub type List = Vec<(Vec<u8>, Vec<u8>)>;
