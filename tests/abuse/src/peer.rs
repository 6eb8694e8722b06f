//! The attacker's end of a connection: writes whatever it is given as fast as the other side takes
//! it, and notes what comes back. It blocks no longer than it is told, and keeps nothing.

use protocall_tests::raw::{self, frame, kind};
use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

/// Between two looks at a socket that is not ready: short beside every measurement.
const POLL: Duration = Duration::from_micros(50);
/// An attacker whose bytes are not taken for this long has met an end.
pub const STUCK: Duration = Duration::from_millis(300);
/// What is kept of a frame's payload: as much as the reason of a GOAWAY needs.
const KEPT: usize = 1024;

/// What came back.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// Frames by type; unknown types are not counted.
    pub frames: [u64; 10],
    /// Bytes.
    pub bytes: u64,
    /// GOAWAY: its code and its reason.
    pub goaway: Option<(u32, String)>,
    /// The connection has ended.
    pub closed: bool,
    /// Streams that ended, by END_STREAM or RST_STREAM.
    pub ended: u64,
    /// The code of the last RST_STREAM.
    pub reset: Option<u32>,
}

/// How far a write came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sent {
    /// All was taken.
    All,
    /// The other side takes nothing more.
    Stuck,
    /// The connection has ended.
    Closed,
}

/// One end of a connection.
#[derive(Debug)]
pub struct Peer {
    stream: TcpStream,
    input: Vec<u8>,
    /// Bytes of the current payload that are not kept.
    skip: usize,
    /// What came back so far.
    pub seen: Seen,
    /// Whether it reads at all.
    pub reads: bool,
}

impl Peer {
    /// Over that stream; nothing is sent yet.
    ///
    /// # Panics
    /// When the socket cannot be set up.
    #[must_use]
    pub fn new(stream: TcpStream) -> Self {
        stream.set_nonblocking(true).unwrap();
        stream.set_nodelay(true).unwrap();
        Self { stream, input: Vec::new(), skip: 0, seen: Seen::default(), reads: true }
    }

    /// A server's end, which skips the client's preface.
    ///
    /// # Panics
    /// When the socket cannot be set up.
    #[must_use]
    pub fn server(stream: TcpStream) -> Self {
        Self { skip: raw::PREFACE.len(), ..Self::new(stream) }
    }

    /// A client that sends its preface, SETTINGS with that payload, and `setup`.
    ///
    /// # Panics
    /// When nobody listens.
    #[must_use]
    pub fn client(addr: SocketAddr, settings: &[u8], setup: &[u8]) -> Self {
        let mut peer = Self::new(TcpStream::connect(addr).unwrap());
        let first = [raw::PREFACE, &frame(kind::SETTINGS, 0, 0, settings), setup].concat();
        let _ = peer.send(&first);
        peer
    }

    /// Its host is gone: the kernel drops all that comes from now on and acknowledges nothing.
    ///
    /// # Panics
    /// When the kernel does not do that.
    #[cfg(target_os = "linux")]
    pub fn vanish(&self) {
        // BPF_RET | BPF_K: so many bytes of a packet are let through
        let nothing = [socket2::SockFilter::new(0x06, 0, 0, 0)];
        socket2::SockRef::from(&self.stream).attach_filter(&nothing).unwrap();
    }

    /// Writes it all, reading meanwhile.
    pub fn send(&mut self, mut bytes: &[u8]) -> Sent {
        let mut moved = Instant::now();
        while !bytes.is_empty() && !self.seen.closed {
            match self.stream.write(bytes) {
                Ok(taken) => {
                    bytes = bytes.get(taken..).unwrap_or_default();
                    moved = Instant::now();
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    if moved.elapsed() > STUCK {
                        return Sent::Stuck;
                    }
                    if !self.read() {
                        std::thread::park_timeout(POLL);
                    }
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => {
                    // its last words may still be there
                    while self.read() {}
                    self.seen.closed = true;
                }
            }
        }
        self.read();
        if self.seen.closed { Sent::Closed } else { Sent::All }
    }

    /// Reads what is there; says whether anything was.
    pub fn read(&mut self) -> bool {
        if !self.reads || self.seen.closed {
            return false;
        }
        let mut buffer = [0; 16 * 1024];
        match self.stream.read(&mut buffer) {
            Ok(0) => self.seen.closed = true,
            Ok(count) => {
                self.seen.bytes += count as u64;
                self.take(buffer.get(..count).unwrap_or_default());
                return true;
            }
            Err(error)
                if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => {}
            Err(_) => self.seen.closed = true,
        }
        false
    }

    /// Reads until that is so, the connection ends, or the time is over.
    pub fn read_until(&mut self, limit: Duration, enough: impl Fn(&Seen) -> bool) -> bool {
        let begin = Instant::now();
        while !enough(&self.seen) {
            if self.seen.closed || begin.elapsed() > limit {
                return enough(&self.seen);
            }
            if !self.read() {
                std::thread::park_timeout(POLL);
            }
        }
        true
    }

    /// Takes in bytes frame by frame.
    fn take(&mut self, bytes: &[u8]) {
        let skipped = self.skip.min(bytes.len());
        self.skip -= skipped;
        self.input.extend_from_slice(bytes.get(skipped..).unwrap_or_default());
        let mut at = 0;
        while let Some(head) = self.input.get(at..at + 9) {
            let length = u32::from_be_bytes([0, head[0], head[1], head[2]]) as usize;
            let (kind, flags) = (head[3], head[4]);
            let wanted = length.min(KEPT);
            let Some(payload) = self.input.get(at + 9..at + 9 + wanted) else { break };
            note(&mut self.seen, kind, flags, payload);
            let here = self.input.len() - at - 9;
            self.skip = length.saturating_sub(here);
            at += 9 + length.min(here);
        }
        self.input.drain(..at);
    }
}

fn note(seen: &mut Seen, kind: u8, flags: u8, payload: &[u8]) {
    let code = |at: usize| {
        let bytes = payload.get(at..at + 4).and_then(|bytes| bytes.try_into().ok());
        u32::from_be_bytes(bytes.unwrap_or_default())
    };
    if let Some(count) = seen.frames.get_mut(usize::from(kind)) {
        *count += 1;
    }
    match kind {
        kind::GOAWAY => {
            let reason = String::from_utf8_lossy(payload.get(8..).unwrap_or_default());
            seen.goaway = Some((code(4), reason.into_owned()));
        }
        kind::RST_STREAM => {
            seen.ended += 1;
            seen.reset = Some(code(0));
        }
        kind::DATA | kind::HEADERS if flags & raw::END_STREAM != 0 => seen.ended += 1,
        _ => {}
    }
}
