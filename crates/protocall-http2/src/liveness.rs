//! Is the peer alive, and does it leave us alone? Keepalive PINGs (gRFC A8, A9), the peer's own
//! PINGs, and the times by which a preface and a header block must be complete and output taken.
//! How old and how idle a connection may become is `age`'s part.

mod age;

use core::time::Duration;

use crate::budget::Limit;
use crate::connection::{Connection, Side};
use crate::error::{ConnectionError, ErrorCode};
use crate::frame::ping;
use crate::recv::Step;
use crate::time::Timestamp;

/// What our keepalive PING carries.
const KEEPALIVE_PAYLOAD: ping::Payload = *b"p-alive?";

/// What the PING between the two steps of a shutdown carries.
pub(crate) const SHUTDOWN_PAYLOAD: ping::Payload = *b"p-leave?";

/// What the PING that measures the path carries.
pub(crate) const PROBE_PAYLOAD: ping::Payload = *b"p-width?";

/// PINGs of the application that may be unanswered before no further answers are told apart.
const MAX_PENDING_PINGS: u32 = 1024;

/// The state of liveness.
#[derive(Debug, Default)]
pub(crate) struct Liveness {
    /// When the connection first learnt the time.
    started: Option<Timestamp>,
    /// When input last came.
    last_heard: Timestamp,
    /// When the keepalive PING went out that is not answered yet.
    asked: Option<Timestamp>,
    /// Unanswered PINGs of the application.
    pending: u32,
    /// HEADERS or DATA went out since the peer's last PING, so that it may ping again (gRFC A8).
    sent_payload: bool,
    last_ping: Option<Timestamp>,
    strikes: u32,
    /// The stream of bytes took nothing more at that time, so many bytes after the first.
    blocked: Option<(Timestamp, u64)>,
    age: age::Age,
}

impl Liveness {
    /// Input came, which is a sign of life.
    pub(crate) fn heard(&mut self, now: Timestamp) {
        self.last_heard = now;
        self.asked = None;
    }

    pub(crate) fn sent_payload(&mut self) {
        self.sent_payload = true;
    }
}

impl Connection {
    /// Sends a PING; its answer is [`Event::Pong`](crate::Event::Pong).
    pub fn ping(&mut self, payload: [u8; 8]) {
        self.liveness.pending = (self.liveness.pending + 1).min(MAX_PENDING_PINGS);
        ping::write(payload, false, self.output.buffer());
    }

    /// When [`Connection::handle_timeout`] wants to be called next; `None`: not before something
    /// else happens. [`Timestamp::ZERO`] (at once) on a new connection, which does not know the
    /// time yet.
    pub fn next_timeout(&self) -> Option<Timestamp> {
        if self.dead.is_some() {
            return None;
        }
        if self.untold() {
            return Some(Timestamp::ZERO);
        }
        let always = [self.keepalive_deadline(), self.age_deadline()];
        let sometimes = [
            self.preface_deadline(),
            self.block_deadline(),
            self.settings_deadline(),
            self.write_deadline(),
            self.goaway_deadline(),
        ];
        always.into_iter().chain(sometimes).flatten().min()
    }

    /// Tells the time, as [`Connection::receive`] and [`Connection::handle_timeout`] do: what
    /// begins now and has a deadline counts from here.
    pub fn tell_time(&mut self, now: Timestamp) {
        self.set_now(now);
    }

    /// The stream of bytes takes no more for now, though output waits. If it still has taken
    /// nothing when `Config::write_timeout` has passed, the connection ends.
    pub fn note_blocked(&mut self, now: Timestamp) {
        let written = self.output.written();
        if self.liveness.blocked.is_none_or(|(_, at)| at != written) {
            self.liveness.blocked = Some((now, written));
        }
    }

    /// Whether nothing of the output was taken since that was said.
    pub(crate) fn is_blocked(&self) -> bool {
        let written = self.output.written();
        !self.output.is_empty() && self.liveness.blocked.is_some_and(|(_, at)| at == written)
    }

    /// Does what is due at `now`; calling it early or late does no harm.
    ///
    /// # Errors
    /// The peer is dead or too slow; as for [`Connection::receive`].
    pub fn handle_timeout(&mut self, now: Timestamp) -> Result<(), ConnectionError> {
        if let Some(error) = self.dead {
            return Err(error);
        }
        self.set_now(now);
        if let Some(error) = self.overdue(now) {
            return Err(self.die(error));
        }
        self.ask_for_life(now);
        self.leave_in_time(now);
        Ok(())
    }

    /// Takes note of the time.
    pub(crate) fn set_now(&mut self, now: Timestamp) {
        self.now = self.now.max(now);
        if self.untold() {
            self.tell(now);
        }
    }

    /// Something has begun that has a deadline, and it is not known when.
    fn untold(&self) -> bool {
        self.liveness.started.is_none() || self.local.is_untold() || self.shutdown.is_untold()
    }

    #[cold]
    fn tell(&mut self, now: Timestamp) {
        if self.liveness.started.is_none() {
            self.liveness.started = Some(now);
            self.liveness.last_heard = now;
            self.note_idle();
        }
        self.local.tell(now);
        self.shutdown.tell(now);
    }

    /// The deadline that has passed, if one has.
    fn overdue(&self, now: Timestamp) -> Option<ConnectionError> {
        let asked = self.liveness.asked.and_then(|_| self.keepalive_deadline());
        let deadlines = [
            (self.preface_deadline(), ErrorCode::SETTINGS_TIMEOUT, Limit::PrefaceTime),
            (self.settings_deadline(), ErrorCode::SETTINGS_TIMEOUT, Limit::SettingsTime),
            (self.block_deadline(), ErrorCode::ENHANCE_YOUR_CALM, Limit::HeaderBlockTime),
            (self.write_deadline(), ErrorCode::ENHANCE_YOUR_CALM, Limit::WriteTime),
            (asked, ErrorCode::NO_ERROR, Limit::KeepaliveTime),
            (self.grace_deadline(), ErrorCode::NO_ERROR, Limit::AgeGrace),
        ];
        let passed = deadlines.into_iter().find(|(at, ..)| at.is_some_and(|at| now >= at));
        passed.map(|(_, code, limit)| ConnectionError::timeout(code, limit))
    }

    /// Asks a peer that was silent for too long whether it is alive.
    fn ask_for_life(&mut self, now: Timestamp) {
        if self.keepalive_deadline().is_some_and(|at| now >= at) {
            self.liveness.asked = Some(now);
            self.counters.met().keepalive_pings += 1;
            ping::write(KEEPALIVE_PAYLOAD, false, self.output.buffer());
        }
    }

    fn preface_deadline(&self) -> Option<Timestamp> {
        if self.reader.settings_seen() {
            return None;
        }
        Some(self.liveness.started?.after(self.config.preface_timeout))
    }

    fn settings_deadline(&self) -> Option<Timestamp> {
        Some(self.local.unacknowledged_since()?.after(self.config.settings_timeout))
    }

    fn write_deadline(&self) -> Option<Timestamp> {
        let (since, at) = self.liveness.blocked?;
        let still = at == self.output.written() && !self.output.is_empty();
        still.then(|| since.after(self.config.write_timeout))
    }

    fn block_deadline(&self) -> Option<Timestamp> {
        let since = self.reader.block_since()?;
        Some(since.after(self.config.header_block_timeout))
    }

    fn keepalive_deadline(&self) -> Option<Timestamp> {
        let interval = self.config.keepalive_interval?;
        if let Some(asked) = self.liveness.asked {
            return Some(asked.after(self.config.keepalive_timeout));
        }
        if self.store.is_empty() && !self.config.keepalive_while_idle {
            return None;
        }
        Some(self.liveness.last_heard.after(interval))
    }

    /// The peer answered a PING.
    pub(crate) fn on_pong(
        &mut self,
        payload: ping::Payload,
    ) -> Result<Option<Step<'static>>, ConnectionError> {
        if payload == KEEPALIVE_PAYLOAD && self.config.keepalive_interval.is_some() {
            return Ok(None);
        }
        if payload == PROBE_PAYLOAD && self.estimator.is_asking() {
            self.probe_answered();
            return Ok(None);
        }
        if payload == SHUTDOWN_PAYLOAD && self.shutdown_answered() {
            return Ok(None);
        }
        match self.liveness.pending.checked_sub(1) {
            Some(rest) => {
                self.liveness.pending = rest;
                Ok(Some(Step::Pong { payload }))
            }
            None => {
                self.stray_frame()?;
                Ok(None)
            }
        }
    }

    /// A client that pings too often, with nothing sent to it in between, wastes a server's time
    /// (gRFC A8).
    pub(crate) fn judge_ping(&mut self) -> Result<(), ConnectionError> {
        if self.side == Side::Client {
            return Ok(());
        }
        let last = self.liveness.last_ping.replace(self.now);
        if core::mem::take(&mut self.liveness.sent_payload) {
            self.liveness.strikes = 0;
            return Ok(());
        }
        let limits = &self.config.limits;
        let least: Duration = if self.store.is_empty() {
            limits.min_ping_interval_idle
        } else {
            limits.min_ping_interval
        };
        if last.is_none_or(|last| self.now.since(last) >= least) {
            return Ok(());
        }
        self.liveness.strikes += 1;
        self.counters.met().ping_strikes += 1;
        if self.liveness.strikes > self.config.limits.ping_strikes {
            return Err(ConnectionError::abuse(Limit::Pings));
        }
        Ok(())
    }
}
