//! Bytes between a connection's state machine and its stream of bytes.
//!
//! Reads fill one buffer that grows while reads fill it; writes take many slices at once. What the
//! bytes mean is `protocall-http2`'s business.

use crate::buffers::{Buffers, LARGEST, SMALLEST};
use bytes::BufMut;
use protocall_http2::Output;
use std::future::Future;
use std::io;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf};

/// Reads in a row that use less than a quarter of the buffer before it becomes smaller.
const SMALL_READS: u8 = 8;
/// The beginning of a frame that is kept by itself while the rest takes its time: more than any
/// frame's head, a fifth of what an idle connection may hold.
const CRUMB: usize = 1024;
/// A read between two large frames, whose payloads are read to where they belong: what is behind a
/// message's end, the next frame's head, and little more, since it is copied. Reads that are filled
/// by smaller frames grow from there.
const BETWEEN: usize = 4 * 1024;
/// Slices in one vectored write: beyond this the kernel's cost for each outweighs the call saved.
const MAX_SLICES: usize = 64;

/// A stream of bytes with its receive buffer.
#[derive(Debug)]
pub(crate) struct Socket<S> {
    stream: S,
    buffers: Buffers,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    /// The size that the next buffer is to have.
    size: usize,
    small_reads: u8,
    /// What the next read into the buffer brings at most.
    most: usize,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Socket<S> {
    pub(crate) const fn new(stream: S, buffers: Buffers) -> Self {
        Self {
            stream,
            buffers,
            buffer: Vec::new(),
            start: 0,
            end: 0,
            size: SMALLEST,
            small_reads: 0,
            most: LARGEST,
        }
    }

    /// What was read and not yet used.
    pub(crate) fn unread(&self) -> &[u8] {
        self.buffer.get(self.start..self.end).unwrap_or_default()
    }

    /// Forgets the first bytes of [`Socket::unread`].
    pub(crate) fn consume(&mut self, len: usize) {
        self.start = (self.start + len).min(self.end);
        if self.start == self.end {
            self.start = 0;
            self.end = 0;
        }
    }

    /// Reads once, behind what is there. `Ok(0)` is the end of the stream.
    pub(crate) fn poll_fill(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        self.make_room();
        let end = self.buffer.len().min(self.end.saturating_add(self.most));
        let is_all = end == self.buffer.len();
        let space = self.buffer.get_mut(self.end..end).unwrap_or_default();
        let mut read = ReadBuf::new(space);
        let result = Pin::new(&mut self.stream).poll_read(cx, &mut read);
        let (filled, full) = (read.filled().len(), read.remaining() == 0);
        ready!(result)?;
        self.end += filled;
        if full {
            self.most = (self.most * 4).min(LARGEST);
        }
        if is_all {
            self.adapt(filled, full);
        }
        Poll::Ready(Ok(filled))
    }

    /// Reads once, at most `most` bytes, to the end of `place`, past the buffer, in which nothing
    /// may be. `Ok(0)` is the end of the stream.
    pub(crate) fn poll_fill_place(
        &mut self,
        cx: &mut Context<'_>,
        place: &mut impl BufMut,
        most: usize,
    ) -> Poll<io::Result<usize>> {
        let mut room = place.limit(most);
        let filled = ready!(pin!(self.stream.read_buf(&mut room)).poll(cx))?;
        self.most = BETWEEN;
        Poll::Ready(Ok(filled))
    }

    /// Gives the buffer back while nothing is in it, or next to nothing: an idle connection needs
    /// none, and neither does one whose peer sends a frame in crumbs.
    pub(crate) fn release(&mut self) {
        let left = self.end - self.start;
        if left > CRUMB || self.buffer.len() <= CRUMB {
            return;
        }
        let crumb = if left > 0 { self.unread().to_vec() } else { Vec::new() };
        self.buffers.give(std::mem::replace(&mut self.buffer, crumb));
        self.start = 0;
        self.end = left;
    }

    /// There is nothing to do: the shared buffers may become fewer, and the next one need not be
    /// as large as the last.
    pub(crate) fn rest(&mut self) {
        self.size = SMALLEST;
        self.small_reads = 0;
        self.buffers.shrink();
    }

    /// Writes until the output is empty.
    pub(crate) fn poll_write(
        &mut self,
        cx: &mut Context<'_>,
        output: &mut Output,
    ) -> Poll<io::Result<()>> {
        while !output.is_empty() {
            let mut slices = [io::IoSlice::new(&[]); MAX_SLICES];
            let count = output.slices(&mut slices);
            let slices = slices.get(..count).unwrap_or_default();
            let written = if let [slice] = slices {
                ready!(Pin::new(&mut self.stream).poll_write(cx, slice))?
            } else {
                ready!(Pin::new(&mut self.stream).poll_write_vectored(cx, slices))?
            };
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            output.advance(written);
        }
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    /// Writes these bytes; `written` counts those that were taken.
    pub(crate) fn poll_write_all(
        &mut self,
        cx: &mut Context<'_>,
        bytes: &[u8],
        written: &mut usize,
    ) -> Poll<io::Result<()>> {
        while let Some(rest) = bytes.get(*written..).filter(|rest| !rest.is_empty()) {
            let count = ready!(Pin::new(&mut self.stream).poll_write(cx, rest))?;
            if count == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            *written += count;
        }
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    /// Ends the direction out.
    pub(crate) fn poll_shutdown(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    /// Reads and forgets, until the end of the stream or an error.
    pub(crate) fn poll_drain(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            let unread = self.end - self.start;
            self.consume(unread);
            match self.poll_fill(cx) {
                Poll::Ready(Ok(0) | Err(_)) => return Poll::Ready(()),
                Poll::Ready(Ok(_)) => {}
                Poll::Pending => {
                    self.release();
                    return Poll::Pending;
                }
            }
        }
    }

    /// Chooses the size of the next buffer by how much was read.
    fn adapt(&mut self, filled: usize, full: bool) {
        if full {
            self.size = (self.size * 4).min(LARGEST);
            self.small_reads = 0;
        } else if filled >= self.size / 4 || self.size == SMALLEST {
            self.small_reads = 0;
        } else {
            self.small_reads += 1;
            if self.small_reads >= SMALL_READS {
                self.size = (self.size / 4).max(SMALLEST);
                self.small_reads = 0;
            }
        }
    }

    /// Makes room behind what is there: moves it to the front, or grows.
    fn make_room(&mut self) {
        if self.buffer.is_empty() {
            self.buffer = self.buffers.take(self.size);
        }
        if self.start > 0 {
            self.buffer.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
        }
        if self.end == self.buffer.len() || self.buffer.len() < self.size {
            // only ever a part of a frame is here, so this copies little
            let larger = self.buffers.take(self.size.max(self.buffer.len() * 2));
            let smaller = std::mem::replace(&mut self.buffer, larger);
            if self.buffer.len() < smaller.len() * 2 {
                self.buffer.resize(smaller.len() * 2, 0);
            }
            if let (Some(to), Some(from)) =
                (self.buffer.get_mut(..self.end), smaller.get(..self.end))
            {
                to.copy_from_slice(from);
            }
            self.buffers.give(smaller);
        }
    }
}
