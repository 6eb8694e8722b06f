//! Leaving (RFC 9113 section 6.8): gracefully in two steps, at once, or because of an error.

use crate::connection::{Connection, Side};
use crate::error::{ConnectionError, ConnectionErrorKind, ErrorCode};
use crate::frame::{MAX_31_BITS, goaway, ping};
use crate::liveness::SHUTDOWN_PAYLOAD;

/// How far this side's leaving is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Shutdown {
    #[default]
    Staying,
    /// The peer was told to open no further streams; those on their way are still accepted.
    Announced,
    /// The peer was told the last stream that counts.
    Final,
}

impl Shutdown {
    pub(crate) fn refuses_streams(self) -> bool {
        self == Self::Final
    }
}

impl Connection {
    /// Graceful shutdown. A server says GOAWAY(2^31-1) and PING at first, so that requests on
    /// their way are still served; the answer (or [`Connection::finish_shutdown`]) leads to the
    /// GOAWAY that names the last stream. A client accepts no streams and says that at once.
    pub fn shutdown(&mut self) {
        if self.shutdown != Shutdown::Staying || self.dead.is_some() {
            return;
        }
        if self.side == Side::Client {
            return self.close(ErrorCode::NO_ERROR, "");
        }
        self.shutdown = Shutdown::Announced;
        goaway::write(MAX_31_BITS, ErrorCode::NO_ERROR, b"", self.output.buffer());
        ping::write(SHUTDOWN_PAYLOAD, false, self.output.buffer());
    }

    /// Graceful shutdown, step two, without waiting for the peer's answer to step one.
    pub fn finish_shutdown(&mut self) {
        if self.shutdown != Shutdown::Final {
            self.close(ErrorCode::NO_ERROR, "");
        }
    }

    /// Sends GOAWAY with the last accepted stream at once. Streams that are open go on; new ones
    /// are refused. `reason` travels as debug data, cut to 256 bytes.
    pub fn close(&mut self, code: ErrorCode, reason: &str) {
        if self.dead.is_some() {
            return;
        }
        self.shutdown = Shutdown::Final;
        goaway::write(self.last_processed, code, reason.as_bytes(), self.output.buffer());
    }

    /// Going away, and no stream left. On a server the client's GOAWAY alone does not count, since
    /// the client may still open streams.
    pub fn is_drained(&self) -> bool {
        let leaving = match self.side {
            Side::Client => self.is_going_away(),
            Side::Server => self.shutdown == Shutdown::Final,
        };
        (leaving || self.dead.is_some()) && self.store.is_empty()
    }

    /// This side has begun to leave, or the peer has sent GOAWAY, or the connection is dead.
    pub fn is_going_away(&self) -> bool {
        self.shutdown != Shutdown::Staying || self.peer_last_stream.is_some() || self.dead.is_some()
    }

    /// The peer answered the PING of step one; false if there was none.
    pub(crate) fn shutdown_answered(&mut self) -> bool {
        if self.shutdown == Shutdown::Staying {
            return false;
        }
        self.finish_shutdown();
        true
    }

    /// The connection ends with an error: queues GOAWAY and remembers it.
    pub(crate) fn die(&mut self, error: ConnectionError) -> ConnectionError {
        self.counters.count_end(&error);
        if error.kind == ConnectionErrorKind::NotHttp2 {
            self.output.clear();
        } else {
            self.close(error.code, error.reason);
        }
        self.dead = Some(error);
        error
    }
}
