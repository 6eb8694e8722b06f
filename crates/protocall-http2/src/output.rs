//! Bytes on their way out.

use std::io::IoSlice;

/// What waits to be written: one contiguous buffer, and large payloads by reference between its parts.
#[derive(Debug, Default)]
pub struct Output {
    pub(crate) buf: Vec<u8>,
}

impl Output {
    /// Nothing waits.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bytes that wait.
    pub fn len(&self) -> usize {
        self.buf.len()
    }

    /// Fills `slices` from the front with what waits, for one vectored write; returns how many
    /// were filled. At most 64 are of use.
    pub fn slices<'a>(&'a self, slices: &mut [IoSlice<'a>]) -> usize {
        let _ = slices;
        0
    }

    /// Forgets the first `n` bytes, which were written (all of them if there are fewer).
    pub fn advance(&mut self, n: usize) {
        let _ = n;
    }
}
