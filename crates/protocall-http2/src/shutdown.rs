//! Leaving (RFC 9113 section 6.8): gracefully in two steps, at once, or because of an error.

use crate::connection::{Connection, Side};
use crate::error::{ConnectionError, ConnectionErrorKind, ErrorCode};
use crate::frame::{MAX_31_BITS, goaway, ping};
use crate::liveness::SHUTDOWN_PAYLOAD;
use crate::time::Timestamp;

/// How far this side's leaving is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Shutdown {
    #[default]
    Staying,
    /// The peer was told to open no further streams; those on their way are still accepted. Since
    /// when, if that is known yet.
    Announced(Option<Timestamp>),
    /// The peer was told the last stream that counts.
    Final,
}

impl Shutdown {
    pub(crate) fn refuses_streams(self) -> bool {
        self == Self::Final
    }

    pub(crate) fn is_staying(self) -> bool {
        self == Self::Staying
    }

    /// The first step was taken, and it is not known when.
    pub(crate) fn is_untold(self) -> bool {
        self == Self::Announced(None)
    }

    /// Learns the time.
    pub(crate) fn tell(&mut self, now: Timestamp) {
        if self.is_untold() {
            *self = Self::Announced(Some(now));
        }
    }
}

impl Connection {
    /// Graceful shutdown. A server says GOAWAY(2^31-1) and PING at first, so that requests on
    /// their way are still served; the answer, `Config::goaway_timeout` or
    /// [`Connection::finish_shutdown`] leads to the GOAWAY that names the last stream. A client
    /// accepts no streams and says that at once.
    pub fn shutdown(&mut self) {
        self.shutdown_with("");
    }

    /// As [`Connection::shutdown`], with a reason as debug data in both GOAWAY frames. False when
    /// this side was leaving already: nothing was done.
    pub(crate) fn shutdown_with(&mut self, reason: &'static str) -> bool {
        if self.shutdown != Shutdown::Staying || self.dead.is_some() {
            return false;
        }
        self.leaving_because = reason;
        if self.side == Side::Client {
            self.close(ErrorCode::NO_ERROR, reason);
            return true;
        }
        self.shutdown = Shutdown::Announced(None);
        let out = self.output.buffer();
        goaway::write(MAX_31_BITS, ErrorCode::NO_ERROR, reason.as_bytes(), out);
        ping::write(SHUTDOWN_PAYLOAD, false, out);
        true
    }

    /// When the second step is taken without an answer to the first.
    pub(crate) fn goaway_deadline(&self) -> Option<Timestamp> {
        match self.shutdown {
            Shutdown::Announced(since) => Some(since?.after(self.config.goaway_timeout)),
            Shutdown::Staying | Shutdown::Final => None,
        }
    }

    /// Graceful shutdown, step two, without waiting for the peer's answer to step one.
    pub fn finish_shutdown(&mut self) {
        if self.shutdown != Shutdown::Final {
            self.close(ErrorCode::NO_ERROR, self.leaving_because);
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
        self.counters.met().count_end(&error);
        if error.kind == ConnectionErrorKind::NotHttp2 {
            self.output.clear();
        } else {
            self.close(error.code, error.reason);
        }
        self.dead = Some(error);
        error
    }
}
