//! Receive buffers that idle connections lend each other.
//!
//! A connection needs a buffer only while bytes are there, and making one costs more than taking
//! one from here. What is kept is bounded; a buffer that grew large is not kept.

use std::sync::{Arc, Mutex, PoisonError};

/// A buffer to begin with: one read of many small frames.
pub(crate) const FIRST_BUFFER: usize = 16 * 1024;
/// Buffers that are kept: 1 MiB of them, enough for as many connections as are busy at one time.
const KEPT: usize = 64;

/// Buffers that a server's, or a program's, connections share.
#[derive(Clone, Debug, Default)]
pub struct Buffers {
    kept: Arc<Mutex<Vec<Vec<u8>>>>,
}

impl Buffers {
    /// A zeroed or used buffer of [`FIRST_BUFFER`] bytes.
    pub(crate) fn take(&self) -> Vec<u8> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner).pop();
        kept.unwrap_or_else(|| vec![0; FIRST_BUFFER])
    }

    /// Takes a buffer back.
    pub(crate) fn give(&self, buffer: Vec<u8>) {
        if buffer.len() != FIRST_BUFFER {
            return;
        }
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() < KEPT {
            kept.push(buffer);
        }
    }
}
