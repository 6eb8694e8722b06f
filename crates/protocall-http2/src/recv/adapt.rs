//! Windows that fit the path (`Config::adaptive_window`): the PINGs that measure it, and what the
//! estimate changes. The arithmetic is `flow::bdp`'s.

use crate::config::Config;
use crate::connection::Connection;
use crate::flow::{AT_ONCE, Estimator};
use crate::frame::{ping, window_update};
use crate::liveness::PROBE_PAYLOAD;

/// The part of the receive budget that one stream's adapted window may be: a reader that stops
/// leaves the other half to its neighbours.
const BUDGET_SHARE: u64 = 2;

/// The estimator of a connection that begins.
pub(crate) fn estimator(config: &Config) -> Estimator {
    let budget = u32::try_from(config.receive_budget / BUDGET_SHARE).unwrap_or(u32::MAX);
    let ceiling = if config.adaptive_window { config.max_window.min(budget) } else { 0 };
    Estimator::new(start(config), ceiling)
}

/// What a stream alone may have under way to us at first.
fn start(config: &Config) -> u32 {
    config.stream_window.min(config.connection_window)
}

impl Connection {
    /// Asks how long the path is, behind the first DATA frame of a sample.
    ///
    /// Credit goes out before the PING, so that nobody between the peer and us sees a PING alone
    /// and counts it as one too many. A server's count of pings (gRFC A8) starts anew with each
    /// DATA frame that it sends, and one came since the last answer: it began this sample.
    #[cold]
    pub(super) fn probe(&mut self, bytes: u32) {
        let Some(increment) = self.credit.due(AT_ONCE) else {
            // the budget is used up: wider windows would not help
            self.estimator.wait(self.now);
            return;
        };
        self.credit.grant(increment);
        window_update::write(0, increment, self.output.buffer());
        ping::write(PROBE_PAYLOAD, false, self.output.buffer());
        self.counters.met().probes += 1;
        self.estimator.probed(bytes, self.now);
    }

    /// The PING was answered.
    pub(crate) fn probe_answered(&mut self) {
        let Some(window) = self.estimator.answered(self.now) else {
            return;
        };
        self.credit.raise_target(window);
        self.return_connection_credit(AT_ONCE);
        self.adapt_stream_window();
    }

    /// The application chose another window to start from.
    pub(crate) fn restart_estimate(&mut self) {
        self.estimator.restart(start(&self.config), self.now);
    }

    /// The initial stream window that is right now.
    pub(crate) fn wanted_stream_window(&self) -> u32 {
        let wide = self.config.stream_window.max(self.estimator.window());
        if self.pressure.is_narrow() { wide.min(self.pressure.window()) } else { wide }
    }
}
