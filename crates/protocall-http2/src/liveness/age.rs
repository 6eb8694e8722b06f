//! How old a server's connection may become, and how long it may be idle (gRFC A9). What happens
//! then is `shutdown`'s part; the jitter that A9 asks for is the driver's.

use crate::connection::{Connection, Side};
use crate::time::Timestamp;

/// GOAWAY's debug data when the connection is old.
const MAX_AGE: &str = "max_age";

/// GOAWAY's debug data when the connection was idle for long.
const MAX_IDLE: &str = "max_idle";

/// What is known of age and idleness.
#[derive(Debug, Default)]
pub(super) struct Age {
    /// When the last stream ended, or the connection began.
    idle_since: Timestamp,
    /// The connection was shut down because of its age.
    is_old: bool,
}

impl Connection {
    /// No stream is open any more.
    pub(crate) fn note_idle(&mut self) {
        self.liveness.age.idle_since = self.now;
    }

    /// When the connection becomes too old, or was idle for too long.
    pub(super) fn age_deadline(&self) -> Option<Timestamp> {
        if self.side == Side::Client {
            return None;
        }
        [self.old_at(), self.idle_until(), self.grace_deadline()].into_iter().flatten().min()
    }

    /// When streams that outlive the connection's age are ended.
    pub(super) fn grace_deadline(&self) -> Option<Timestamp> {
        if !self.liveness.age.is_old {
            return None;
        }
        let old_at = self.liveness.started?.after(self.config.max_connection_age?);
        Some(old_at.after(self.config.max_connection_age_grace?))
    }

    /// Leaves when it is time, and takes the second step when the first one found no answer.
    pub(super) fn leave_in_time(&mut self, now: Timestamp) {
        if self.side == Side::Client {
            return;
        }
        if self.goaway_deadline().is_some_and(|at| now >= at) {
            self.counters.met().goaway_timeouts += 1;
            self.finish_shutdown();
        }
        if self.old_at().is_some_and(|at| now >= at) {
            self.liveness.age.is_old = true;
            if self.shutdown_with(MAX_AGE) {
                self.counters.met().max_age_reached += 1;
            }
        }
        if self.idle_until().is_some_and(|at| now >= at) {
            self.counters.met().max_idle_reached += 1;
            self.shutdown_with(MAX_IDLE);
        }
        // what just began counts from now
        self.set_now(now);
    }

    fn old_at(&self) -> Option<Timestamp> {
        let age = self.config.max_connection_age.filter(|_| !self.liveness.age.is_old)?;
        Some(self.liveness.started?.after(age))
    }

    fn idle_until(&self) -> Option<Timestamp> {
        let idle = self.config.max_connection_idle?;
        let idles = self.store.is_empty() && self.shutdown.is_staying();
        idles.then(|| self.liveness.age.idle_since.after(idle))
    }
}
