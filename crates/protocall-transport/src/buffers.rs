//! Receive buffers that idle connections lend each other.
//!
//! A connection needs a buffer only while bytes are there, and making one costs more than taking
//! one from here. What is kept is bounded.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A buffer to begin with: one read of many small frames.
pub(crate) const SMALLEST: usize = 16 * 1024;
/// What a buffer grows to at most: above it a batch takes too long to answer.
pub(crate) const LARGEST: usize = 256 * 1024;
/// Bytes of buffers that are kept: enough for as many connections as are busy at one time.
const KEPT: usize = 4 * 1024 * 1024;

/// Buffers that a server's, or a program's, connections share.
#[derive(Clone, Debug, Default)]
pub struct Buffers {
    kept: Arc<Mutex<Kept>>,
}

/// The buffers of each size: [`SMALLEST`], four times that, and so on.
#[derive(Debug, Default)]
struct Kept {
    sizes: [Vec<Vec<u8>>; 3],
    bytes: usize,
}

impl Buffers {
    /// A buffer of that size or the next larger one that is kept; its content is of no meaning.
    pub(crate) fn take(&self, size: usize) -> Vec<u8> {
        let class = class(size);
        let mut kept = self.lock();
        match kept.sizes.get_mut(class).and_then(Vec::pop) {
            Some(buffer) => {
                kept.bytes -= buffer.len();
                buffer
            }
            None => {
                drop(kept);
                vec![0; SMALLEST << (2 * class)]
            }
        }
    }

    /// Takes a buffer back.
    pub(crate) fn give(&self, buffer: Vec<u8>) {
        let (class, len) = (class(buffer.len()), buffer.len());
        let mut kept = self.lock();
        if len == SMALLEST << (2 * class) && kept.bytes + len <= KEPT {
            kept.bytes += len;
            if let Some(buffers) = kept.sizes.get_mut(class) {
                buffers.push(buffer);
            }
        }
    }

    /// A connection has nothing to do: fewer buffers are needed than there were.
    pub(crate) fn shrink(&self) {
        let mut kept = self.lock();
        for size in 0..kept.sizes.len() {
            let one = kept.sizes.get_mut(size).and_then(Vec::pop);
            kept.bytes -= one.map_or(0, |buffer| buffer.len());
            if let Some(buffers) = kept.sizes.get_mut(size).filter(|buffers| buffers.is_empty()) {
                *buffers = Vec::new();
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

const fn class(size: usize) -> usize {
    match size {
        0..16_385 => 0,
        16_385..65_537 => 1,
        _ => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_given_is_taken_again_by_its_size() {
        let buffers = Buffers::default();
        for size in [SMALLEST, 4 * SMALLEST, LARGEST] {
            let mut buffer = buffers.take(size);
            assert_eq!(buffer.len(), size);
            buffer[0] = 7;
            buffers.give(buffer);
        }
        for size in [SMALLEST, 4 * SMALLEST, LARGEST] {
            assert_eq!(buffers.take(size)[0], 7);
            assert_eq!(buffers.take(size)[0], 0);
        }
    }

    #[test]
    fn gives_one_of_each_size_up_for_a_connection_that_rests() {
        let buffers = Buffers::default();
        for size in [SMALLEST, SMALLEST, LARGEST] {
            buffers.give(vec![0; size]);
        }
        buffers.shrink();
        assert_eq!(buffers.lock().bytes, SMALLEST);
        buffers.shrink();
        buffers.shrink();
        assert_eq!(buffers.lock().bytes, 0);
    }

    #[test]
    fn keeps_no_more_than_its_limit_and_no_odd_sizes() {
        let buffers = Buffers::default();
        for _ in 0..100 {
            buffers.give(vec![0; LARGEST]);
        }
        assert_eq!(buffers.lock().bytes, KEPT);
        let buffers = Buffers::default();
        buffers.give(vec![0; 2 * LARGEST]);
        buffers.give(Vec::new());
        assert_eq!(buffers.lock().bytes, 0);
    }
}
