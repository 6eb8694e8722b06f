//! Where a run's decisions come from: a seeded sequence, or the bytes that a fuzzer gives. A run is
//! a function of its decisions, so that the same source repeats it.

use crate::random::Random;

/// A source of decisions.
pub trait Choices {
    /// A number below `bound` (0 if `bound` is 0 or 1).
    fn below(&mut self, bound: u64) -> u64;

    /// A number from `low` to `high`, both included.
    fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.below(high.saturating_sub(low).saturating_add(1))
    }

    /// True once in `times` on average.
    fn once_in(&mut self, times: u64) -> bool {
        self.below(times) == 0
    }

    /// Whether nothing is left to decide by; a seeded source never ends.
    fn is_spent(&self) -> bool {
        false
    }
}

impl Choices for Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.between(0, bound.saturating_sub(1))
    }
}

/// Decisions read from bytes, two for each; 0 when they are used up. Small changes of the bytes
/// are small changes of the run, which is what a fuzzer climbs on.
#[derive(Clone, Debug)]
pub struct ByteChoices<'a> {
    bytes: &'a [u8],
}

impl<'a> ByteChoices<'a> {
    /// Decisions from these bytes.
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes }
    }

    fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.bytes.split_first() else { return 0 };
        self.bytes = rest;
        *first
    }
}

impl Choices for ByteChoices<'_> {
    fn below(&mut self, bound: u64) -> u64 {
        let number = match bound {
            0 | 1 => return 0,
            2..=256 => u64::from(self.byte()),
            257..=65_536 => u64::from(u16::from_be_bytes([self.byte(), self.byte()])),
            _ => {
                let bytes = [self.byte(), self.byte(), self.byte(), self.byte()];
                u64::from(u32::from_be_bytes(bytes))
            }
        };
        number % bound
    }

    fn is_spent(&self) -> bool {
        self.bytes.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decisions_stay_below_their_bound() {
        let mut random = Random::new(1);
        let bytes: Vec<u8> = (0..=255).rev().collect();
        let mut fuzzed = ByteChoices::new(&bytes);
        for bound in [1, 2, 3, 200, 256, 257, 65_536, 1 << 30] {
            assert!(random.below(bound) < bound);
            assert!(fuzzed.below(bound) < bound);
            assert!((5..=5 + bound).contains(&fuzzed.between(5, 5 + bound)));
        }
        assert_eq!(random.below(0) + fuzzed.below(0), 0);
    }

    #[test]
    fn bytes_are_used_up() {
        let mut choices = ByteChoices::new(&[7, 1, 2]);
        assert_eq!(choices.below(100), 7);
        assert_eq!(choices.below(65_536), 0x102);
        assert!(choices.is_spent());
        assert_eq!(choices.below(100), 0);
    }
}
