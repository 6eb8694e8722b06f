//! Bytes on their way out: one contiguous buffer for heads and small payloads, and large payloads
//! by reference between its parts. It neither writes nor knows what the bytes mean.

use std::collections::VecDeque;
use std::io::IoSlice;

use bytes::Bytes;

#[cfg(test)]
mod tests;

/// Slices that one vectored write is given at most: enough for 128 KiB of referenced payloads
/// with their heads, far below IOV_MAX.
pub const MAX_SLICES: usize = 64;

/// Buffer capacity that is kept once everything is written; a larger one was a burst.
const KEPT_CAPACITY: usize = 256 * 1024;

/// Written bytes at the front of the buffer from which on moving the rest is worth it.
const COMPACT_FROM: usize = 64 * 1024;

/// Buffers of written payloads that are kept: those of one write.
const KEPT_SPENT: usize = 4;

/// Their sizes: smaller ones are made as fast, larger ones cost little beside what fills them.
const SPENT_BYTES: std::ops::RangeInclusive<usize> = 16 * 1024..=128 * 1024;

/// What waits to be written.
#[derive(Debug, Default)]
pub struct Output {
    buf: Vec<u8>,
    /// Bytes of `buf` that were written.
    head: usize,
    segments: VecDeque<Segment>,
    /// Bytes in `segments`.
    referenced: usize,
    /// Bytes written since the connection began.
    written: u64,
    /// Buffers of payloads that were written, for further ones; none until somebody asks for one.
    spent: Vec<Vec<u8>>,
    keeps_spent: bool,
}

/// A payload that goes out before the byte at `at` of the buffer.
#[derive(Debug)]
struct Segment {
    at: usize,
    bytes: Bytes,
}

impl Output {
    /// Nothing waits.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bytes that wait.
    pub fn len(&self) -> usize {
        self.buf.len() - self.head + self.referenced
    }

    /// Fills `slices` from the front with what waits, for one vectored write; returns how many
    /// were filled, at most [`MAX_SLICES`].
    pub fn slices<'a>(&'a self, slices: &mut [IoSlice<'a>]) -> usize {
        let mut places = slices.iter_mut().take(MAX_SLICES);
        let mut filled = 0;
        let mut from = self.head;
        let ends = self.segments.iter().map(|segment| (segment.at, &segment.bytes[..]));
        for (end, payload) in ends.chain([(self.buf.len(), &[][..])]) {
            for piece in [self.buf.get(from..end).unwrap_or_default(), payload] {
                if piece.is_empty() {
                    continue;
                }
                let Some(place) = places.next() else {
                    return filled;
                };
                *place = IoSlice::new(piece);
                filled += 1;
            }
            from = end;
        }
        filled
    }

    /// Forgets the first `n` bytes, which were written (all of them if there are fewer).
    pub fn advance(&mut self, n: usize) {
        let mut left = n.min(self.len());
        self.written += left as u64;
        while left > 0 {
            let Some(segment) = self.segments.front_mut() else {
                self.head += left;
                break;
            };
            let before = segment.at - self.head;
            if left <= before {
                self.head += left;
                break;
            }
            self.head = segment.at;
            left -= before;
            let step = left.min(segment.bytes.len());
            bytes::Buf::advance(&mut segment.bytes, step);
            self.referenced -= step;
            left -= step;
            if segment.bytes.is_empty()
                && let Some(segment) = self.segments.pop_front()
            {
                self.keep(segment.bytes);
            }
        }
        self.tidy();
    }

    /// The buffer of a payload that was sent by reference and that nobody else holds any more,
    /// empty, for another payload of its size. A few of 16 to 128 KiB are kept from the first
    /// question on.
    pub fn take_spent(&mut self) -> Option<Vec<u8>> {
        self.keeps_spent = true;
        self.spent.pop()
    }

    /// The contiguous buffer, to append to.
    pub(crate) fn buffer(&mut self) -> &mut Vec<u8> {
        &mut self.buf
    }

    /// Appends a payload by reference.
    pub(crate) fn push(&mut self, bytes: Bytes) {
        if !bytes.is_empty() {
            self.referenced += bytes.len();
            self.segments.push_back(Segment { at: self.buf.len(), bytes });
        }
    }

    /// Appends the end of a payload by copying it: its buffer may be spent with that.
    pub(crate) fn copy(&mut self, mut bytes: Bytes) {
        self.buf.extend_from_slice(&bytes);
        let all = bytes.len();
        bytes::Buf::advance(&mut bytes, all);
        self.keep(bytes);
    }

    /// Where the next byte will stand, counted from the connection's first.
    pub(crate) fn end(&self) -> u64 {
        self.written + self.len() as u64
    }

    /// How many bytes were written since the connection began.
    pub(crate) fn written(&self) -> u64 {
        self.written
    }

    /// Drops what waits.
    pub(crate) fn clear(&mut self) {
        self.buf.clear();
        self.head = 0;
        self.segments.clear();
        self.referenced = 0;
    }

    /// Keeps the buffer of a payload, all of which was written.
    fn keep(&mut self, written: Bytes) {
        if self.keeps_spent && self.spent.len() < KEPT_SPENT {
            // nothing is copied: empty bytes give their buffer if they are its only holder
            let buffer = Vec::from(written);
            if SPENT_BYTES.contains(&buffer.capacity()) {
                self.spent.push(buffer);
            }
        }
    }

    /// Gives back memory that nothing uses.
    pub(crate) fn trim(&mut self) {
        self.spent = Vec::new();
        self.keeps_spent = false;
        if self.is_empty() {
            self.buf = Vec::new();
            self.segments = VecDeque::new();
        }
    }

    fn tidy(&mut self) {
        if self.is_empty() {
            self.buf.clear();
            self.head = 0;
            if self.buf.capacity() > KEPT_CAPACITY {
                self.buf = Vec::new();
            }
        } else if self.head >= COMPACT_FROM && self.head * 2 >= self.buf.len() {
            self.buf.drain(..self.head);
            for segment in &mut self.segments {
                segment.at -= self.head;
            }
            self.head = 0;
        }
    }
}
