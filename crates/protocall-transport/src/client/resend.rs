//! What a call has sent while its server has said nothing: enough to send it again when the server
//! says that it has not processed it (RFC 9113 section 8.7; transparent retries, gRFC A6).
//!
//! Buffers go round between the call, its connection and this, so that keeping costs no copy and no
//! allocation where a call is one small message.

use super::Call;
use crate::exchange::Outgoing;
use bytes::Bytes;
use std::collections::VecDeque;
use std::fmt;
use std::mem;
use std::sync::Arc;

/// Bytes that are kept of one call unless set: what gRPC's retries buffer of a call. One that has
/// sent more is not sent again.
pub const DEFAULT_RESEND_BUFFER: usize = 256 * 1024;
/// The buffer that an idle slot keeps for its next call.
const KEPT_CAPACITY: usize = 2 * 1024;

/// Where calls go that their connection has not served: never sent, or not processed by the server.
#[derive(Clone)]
pub struct TakeBack {
    take: Arc<dyn Fn(Call) + Send + Sync>,
}

impl TakeBack {
    /// Gives them to that function, which must not wait.
    #[must_use]
    pub fn new(take: impl Fn(Call) + Send + Sync + 'static) -> Self {
        Self { take: Arc::new(take) }
    }

    pub(crate) fn take(&self, call: Call) {
        (self.take)(call);
    }
}

impl fmt::Debug for TakeBack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TakeBack")
    }
}

/// What one call has sent.
#[derive(Debug, Default)]
pub(crate) struct Sent {
    chunks: VecDeque<Bytes>,
    /// Behind the chunks.
    tail: Vec<u8>,
    /// How many more may be kept.
    left: usize,
    /// The server has begun to answer, or too much was sent: it is not kept.
    over: bool,
}

impl Sent {
    /// A call begins, of which at most so many bytes are kept.
    pub(crate) fn begin(&mut self, limit: usize) {
        self.clear();
        self.left = limit;
        self.over = false;
    }

    /// The call will not be sent again.
    pub(crate) fn forget(&mut self) {
        if !mem::replace(&mut self.over, true) {
            self.clear();
        }
    }

    /// A chunk is being sent. `false` when it is the one that is too much.
    pub(crate) fn keep(&mut self, chunk: &Bytes) -> bool {
        let over = self.over;
        if !self.takes(chunk.len()) {
            return over;
        }
        if !self.tail.is_empty() {
            self.chunks.push_back(mem::take(&mut self.tail).into());
        }
        self.chunks.push_back(chunk.clone());
        true
    }

    /// A tail was sent: takes its bytes, and leaves an empty buffer. `false` as from `keep`.
    pub(crate) fn keep_tail(&mut self, tail: &mut Vec<u8>) -> bool {
        let over = self.over;
        let takes = self.takes(tail.len());
        if takes {
            if self.tail.is_empty() {
                mem::swap(&mut self.tail, tail);
            } else {
                self.tail.extend_from_slice(tail);
            }
        }
        tail.clear();
        takes || over
    }

    /// Gives all of it away, if nothing is missing.
    pub(crate) fn take(&mut self) -> Option<Outgoing> {
        if mem::replace(&mut self.over, true) {
            return None;
        }
        let (chunks, tail) = (mem::take(&mut self.chunks), mem::take(&mut self.tail));
        Some(Outgoing { chunks, tail, end: false })
    }

    fn takes(&mut self, more: usize) -> bool {
        if self.over {
            return false;
        }
        match self.left.checked_sub(more) {
            Some(left) => self.left = left,
            None => self.forget(),
        }
        !self.over
    }

    fn clear(&mut self) {
        self.chunks.clear();
        self.tail.clear();
        if self.tail.capacity() > KEPT_CAPACITY {
            self.tail = Vec::new();
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    const LIMIT: usize = 100;

    fn all(outgoing: Outgoing) -> Vec<u8> {
        let mut all: Vec<u8> = outgoing.chunks.into_iter().flatten().collect();
        all.extend(outgoing.tail);
        all
    }

    #[test]
    fn what_was_sent_comes_back_in_order() {
        let mut sent = Sent::default();
        sent.begin(LIMIT);
        assert!(sent.keep_tail(&mut b"one ".to_vec()));
        assert!(sent.keep_tail(&mut b"two ".to_vec()));
        assert!(sent.keep(&Bytes::from_static(b"three ")));
        assert!(sent.keep_tail(&mut b"four".to_vec()));
        assert_eq!(all(sent.take().unwrap()), b"one two three four");
        assert!(sent.take().is_none(), "once");
    }

    #[test]
    fn buffers_go_round() {
        let mut sent = Sent::default();
        let mut tail = Vec::with_capacity(100);
        for _ in 0..3 {
            sent.begin(LIMIT);
            tail.extend_from_slice(b"message");
            assert!(sent.keep_tail(&mut tail));
            assert!(tail.is_empty());
        }
        assert!(tail.capacity() >= 100 || sent.tail.capacity() >= 100);
    }

    #[test]
    fn too_much_is_not_kept_and_what_was_answered_neither() {
        let mut sent = Sent::default();
        sent.begin(LIMIT);
        assert!(sent.keep(&Bytes::from(vec![0; LIMIT])));
        assert!(!sent.keep_tail(&mut b"x".to_vec()), "too much");
        assert!(sent.keep_tail(&mut b"x".to_vec()), "which is said once");
        assert!(sent.take().is_none());
        assert!(sent.chunks.is_empty(), "and its memory is free");
        sent.begin(LIMIT);
        assert!(sent.keep_tail(&mut b"x".to_vec()));
        sent.forget();
        assert!(sent.keep_tail(&mut b"y".to_vec()));
        assert!(sent.take().is_none());
    }
}
