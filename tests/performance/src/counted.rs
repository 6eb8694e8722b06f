//! Streams of bytes that count how often they are read and written: over a socket each of these is
//! a system call. The pipe below is in memory and on one thread, so that the counts are exact.

use protocall::PeerAddr;
use protocall::channel::connect::{Connect, Connecting, Stream};
use protocall::memory;
use protocall::server::Listener;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, DuplexStream, ReadBuf};

/// How often a stream of bytes was asked to do something.
#[derive(Debug, Default)]
pub struct Counts {
    reads: AtomicUsize,
    empty_reads: AtomicUsize,
    writes: AtomicUsize,
}

impl Counts {
    /// Reads that brought bytes, reads that found none, and writes, since this was asked last.
    #[must_use]
    pub fn take(&self) -> [usize; 3] {
        [&self.reads, &self.empty_reads, &self.writes].map(|count| count.swap(0, Relaxed))
    }
}

/// A stream of bytes that counts.
#[derive(Debug)]
pub struct Counted<S> {
    stream: S,
    counts: Arc<Counts>,
}

impl<S: AsyncRead + Unpin> AsyncRead for Counted<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let polled = Pin::new(&mut self.stream).poll_read(cx, buffer);
        let count = if polled.is_ready() { &self.counts.reads } else { &self.counts.empty_reads };
        count.fetch_add(1, Relaxed);
        polled
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Counted<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.counts.writes.fetch_add(1, Relaxed);
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.counts.writes.fetch_add(1, Relaxed);
        Pin::new(&mut self.stream).poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

/// Connects in memory, with a client's end that counts.
#[derive(Debug)]
pub struct CountedConnector {
    connector: memory::Connector,
    counts: Arc<Counts>,
}

/// Accepts in memory, with a server's end that counts.
#[derive(Debug)]
pub struct CountedListener {
    listener: memory::Listener,
    counts: Arc<Counts>,
}

/// Both ends, and what each counts.
#[must_use]
pub fn pair() -> (CountedConnector, Arc<Counts>, CountedListener, Arc<Counts>) {
    let (connector, listener) = memory::pair();
    let (client, server) = (Arc::new(Counts::default()), Arc::new(Counts::default()));
    (
        CountedConnector { connector, counts: Arc::clone(&client) },
        client,
        CountedListener { listener, counts: Arc::clone(&server) },
        server,
    )
}

impl Connect for CountedConnector {
    fn connect(&self) -> Connecting<'_> {
        Box::pin(async {
            let stream = self.connector.connect().await?;
            let counts = Arc::clone(&self.counts);
            Ok(Box::new(Counted { stream, counts }) as Box<dyn Stream>)
        })
    }

    fn name(&self) -> String {
        "counted".to_owned()
    }
}

impl Listener for CountedListener {
    type Io = Counted<DuplexStream>;

    async fn accept(&mut self) -> Option<io::Result<(Self::Io, PeerAddr)>> {
        let stream = self.listener.accept().await?;
        Some(Ok((Counted { stream, counts: Arc::clone(&self.counts) }, PeerAddr::Memory)))
    }
}
