//! What an attack may cost, derived from the limits table in DESIGN.md: memory as sums of limits,
//! CPU and waiting as multiples of what honest use costs on the same machine in the same minute.

use std::time::Duration;

/// What a connection holds without streams: a receive buffer that has grown to 256 KiB beside the
/// 64 KiB one it replaces, and output that waits (reading stops at 256 KiB, one turn adds 64 KiB),
/// which is twice as large while it grows.
pub const CONNECTION: u64 = (256 + 64 + 2 * (256 + 64)) * 1024;
/// What a stream holds whose call is at work: its places in HTTP/2 and in the server, the boxed
/// call, the exchange of a request stream, the task of a handler that was found to be slow.
pub const STREAM: u64 = 2 * 1024;
/// What a client keeps of a call to send it again, while its server has said nothing: 256 KiB of
/// messages, in buffers that are up to twice as large since they have grown.
pub const KEPT: u64 = 2 * 256 * 1024;
/// Streams at a time.
pub const STREAMS: u64 = 1024;
/// What any attack may take on a connection, whatever else it does.
pub const BASE: u64 = CONNECTION + STREAMS * STREAM;
/// Header list of a request, once decoded.
pub const HEADER_LIST: u64 = 16 * 1024;
/// What a stream's responses may hold while nobody takes them, beside one message.
pub const STREAM_SEND: u64 = 64 * 1024;
/// What all responses of a connection may hold while nobody takes them.
pub const CONNECTION_SEND: u64 = 1024 * 1024;

/// An attacker's frame costs at most so many times an honest one of the same size: it may be one
/// that fails, and it may cost an answer.
pub const TIMES: u32 = 2;
/// A good client's 99th percentile beside an attack is at most so many times its quiet one.
pub const P99_TIMES: u32 = 2;
/// A quiet 99th percentile below this is not told from this: a call is two threads that wake each
/// other, and one in a hundred times that takes the machine so long by itself.
pub const WAKE_UPS: Duration = Duration::from_micros(250);

/// The 99th percentile that a good client may see beside an attack.
#[must_use]
pub fn beside_an_attack(quiet: Duration) -> Duration {
    quiet.max(WAKE_UPS) * P99_TIMES
}

/// What honest use costs the side that is measured.
#[derive(Clone, Copy, Debug)]
pub struct Honest {
    /// A connection with one call.
    pub connection: Duration,
    /// A small call that comes after a while of nothing, when no cache holds what it needs; a
    /// server's is not measured.
    pub rare: Duration,
    /// A small call that comes alone: it is waited for, read, answered and written by itself.
    pub alone: Duration,
    /// A frame of a small call among others.
    pub frame: Duration,
    /// Bytes of a frame of a small call.
    pub frame_bytes: u32,
}

impl Honest {
    /// What honest use of that much would cost: by frames, or by bytes where they are larger.
    #[must_use]
    pub fn cost(&self, connections: u32, frames: u64, bytes: u64) -> Duration {
        let frames = frames.max(bytes / u64::from(self.frame_bytes.max(1)));
        let frames = u32::try_from(frames).unwrap_or(u32::MAX);
        self.connection * connections + self.frame * frames
    }
}
