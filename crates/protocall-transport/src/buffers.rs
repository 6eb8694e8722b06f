//! Receive buffers that idle connections lend each other, and buffers of messages that go round.
//!
//! A connection needs a buffer only while bytes are there, and making one costs more than taking
//! one from here. What is kept is bounded.

use bytes::BytesMut;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A buffer to begin with: one read of many small frames.
pub(crate) const SMALLEST: usize = 16 * 1024;
/// What a buffer grows to at most: above it a batch takes too long to answer.
pub(crate) const LARGEST: usize = 256 * 1024;
/// What comes of a DATA frame is read to where it belongs from this size on: below it a copy costs
/// less than another read. Frames of peers that keep to HTTP/2's smallest limit never pay for it.
pub(crate) const IN_PLACE_FROM: usize = 16 * 1024;
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

/// Messages from this size on have buffers that go round: smaller ones are made as fast.
const ROUND_FROM: usize = 16 * 1024;
/// The largest buffer that goes round; above it making one costs little beside filling it.
const ROUND_UP_TO: usize = 256 * 1024;
/// Bytes of buffers that a connection keeps an eye on: two batches of reading.
const ROUND: usize = 512 * 1024;

/// Buffers of a connection's messages, which their holders drop at some time: then they serve
/// again, warm, where the allocator would have given their pages back to the system.
#[derive(Debug, Default)]
pub(crate) struct Rounds {
    /// An empty handle of each, in the order in which they were handed on.
    handles: VecDeque<(BytesMut, usize)>,
    bytes: usize,
}

impl Rounds {
    pub(crate) const fn new() -> Self {
        Self { handles: VecDeque::new(), bytes: 0 }
    }

    /// Makes room for so many more bytes; an empty buffer may become another one.
    pub(crate) fn reserve(&mut self, buffer: &mut BytesMut, more: usize) {
        if buffer.capacity() - buffer.len() >= more {
            return;
        }
        if buffer.is_empty() && more >= ROUND_FROM {
            for _ in 0..self.handles.len() {
                let Some((mut old, size)) = self.handles.pop_front() else { break };
                if old.try_reclaim(more) {
                    self.bytes -= size;
                    *buffer = old;
                    return;
                }
                self.handles.push_back((old, size));
            }
        }
        buffer.reserve(more);
    }

    /// A whole message goes to its holder.
    pub(crate) fn hand_on(&mut self, message: &mut BytesMut) {
        let size = message.capacity();
        if !(ROUND_FROM..=ROUND_UP_TO).contains(&size) {
            return;
        }
        while self.bytes + size > ROUND
            && let Some((_, oldest)) = self.handles.pop_front()
        {
            self.bytes -= oldest;
        }
        self.bytes += size;
        self.handles.push_back((message.split_off(message.len()), size));
    }

    /// Keeps nothing.
    pub(crate) fn clear(&mut self) {
        if self.bytes > 0 {
            *self = Self::new();
        }
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

    fn large(rounds: &mut Rounds, size: usize) -> BytesMut {
        let mut buffer = BytesMut::new();
        rounds.reserve(&mut buffer, size);
        buffer.resize(size, 1);
        rounds.hand_on(&mut buffer);
        buffer
    }

    #[test]
    fn the_buffer_of_a_message_serves_again_once_it_was_dropped() {
        let mut rounds = Rounds::new();
        let first = large(&mut rounds, ROUND_FROM);
        let place = first.as_ptr();
        let second = large(&mut rounds, ROUND_FROM);
        assert_ne!(second.as_ptr(), place, "the first one's holder has it");
        assert!(first.iter().all(|byte| *byte == 1));
        drop(first.freeze().slice(10..20));
        assert_eq!(large(&mut rounds, ROUND_FROM).as_ptr(), place);
        drop(second);
        let larger = large(&mut rounds, 2 * ROUND_FROM);
        assert!(larger.capacity() >= 2 * ROUND_FROM, "too small a buffer does not serve");
        rounds.clear();
        assert_eq!((rounds.handles.len(), rounds.bytes), (0, 0));
    }

    #[test]
    fn few_buffers_go_round_and_neither_small_nor_huge_ones() {
        let mut rounds = Rounds::new();
        drop(large(&mut rounds, ROUND_FROM - 1));
        drop(large(&mut rounds, ROUND_UP_TO + 1));
        assert_eq!(rounds.bytes, 0);
        let held: Vec<BytesMut> = (0..50).map(|_| large(&mut rounds, 2 * ROUND_FROM)).collect();
        assert_eq!(rounds.bytes, ROUND);
        assert_eq!(rounds.handles.len(), ROUND / (2 * ROUND_FROM));
        drop(held);
        let again: Vec<BytesMut> = (0..50).map(|_| large(&mut rounds, 2 * ROUND_FROM)).collect();
        assert_eq!(rounds.bytes, ROUND);
        let places: std::collections::HashSet<_> = again.iter().map(|b| b.as_ptr()).collect();
        assert_eq!(places.len(), again.len(), "nobody gets what another one has");
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
