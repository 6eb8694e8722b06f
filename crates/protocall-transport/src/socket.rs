//! Bytes between a connection's state machine and its stream of bytes.
//!
//! Reads fill one buffer that grows while reads fill it; writes take many slices at once. What the
//! bytes mean is `protocall-http2`'s business.

use crate::buffers::Buffers;
use protocall_http2::Output;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// What the buffer grows to at most: above it a batch takes too long to answer.
const LARGEST_BUFFER: usize = 256 * 1024;
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
}

impl<S: AsyncRead + AsyncWrite + Unpin> Socket<S> {
    pub(crate) const fn new(stream: S, buffers: Buffers) -> Self {
        Self { stream, buffers, buffer: Vec::new(), start: 0, end: 0 }
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
        let space = self.buffer.get_mut(self.end..).unwrap_or_default();
        let mut read = ReadBuf::new(space);
        let result = Pin::new(&mut self.stream).poll_read(cx, &mut read);
        let (filled, full) = (read.filled().len(), read.remaining() == 0);
        ready!(result)?;
        self.end += filled;
        if full && self.buffer.len() < LARGEST_BUFFER {
            self.buffer.resize(self.buffer.len() * 4, 0);
        }
        Poll::Ready(Ok(filled))
    }

    /// Gives the buffer back while nothing is in it: an idle connection needs none.
    pub(crate) fn release(&mut self) {
        if self.start == self.end && !self.buffer.is_empty() {
            self.buffers.give(std::mem::take(&mut self.buffer));
        }
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
            match ready!(self.poll_fill(cx)) {
                Ok(0) | Err(_) => return Poll::Ready(()),
                Ok(_) => {}
            }
        }
    }

    /// Makes room behind what is there: moves it to the front, or grows.
    fn make_room(&mut self) {
        if self.buffer.is_empty() {
            self.buffer = self.buffers.take();
        }
        if self.start > 0 {
            self.buffer.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
        }
        if self.end == self.buffer.len() {
            self.buffer.resize(self.buffer.len() * 2, 0);
        }
    }
}
