//! Giving windows back (RFC 9113 section 6.9): when WINDOW_UPDATE is worth sending, and the
//! commands by which the application says what it took and what it wants.

use crate::connection::Connection;
use crate::flow::{WORTH_A_RIDE, WORTH_A_WRITE};
use crate::frame::window_update;
use crate::stream::StreamKey;

impl Connection {
    /// The application took `bytes` DATA bytes of this stream: credit returns to the peer, in
    /// batches. Bytes of a message that is still incomplete are best consumed as they arrive: held
    /// back, many such messages could use up the receive budget and wait for each other.
    ///
    /// What a stream still held when it ended is consumed by itself.
    pub fn consume(&mut self, stream: StreamKey, bytes: usize) {
        let Some(found) = self.store.get_mut(stream) else {
            return;
        };
        let taken = found.credit.consume(bytes as u64);
        self.credit.release(taken);
        let share = if self.output.is_empty() { WORTH_A_WRITE } else { WORTH_A_RIDE };
        self.return_stream_credit(stream, share);
        self.return_connection_credit(share);
    }

    /// A message of that many more bytes is wanted now: raises the stream's window to cover it at
    /// once, up to `Config::max_window`.
    pub fn expect(&mut self, stream: StreamKey, bytes: usize) {
        let initial = self.local.stream_window;
        let most = i64::from(self.config.max_window);
        let wanted = i64::try_from(bytes).unwrap_or(most).min(most);
        let Some(found) = self.store.get_mut(stream) else {
            return;
        };
        if found.recv.is_ended() || found.discard {
            return;
        }
        if bytes as u64 > u64::from(self.config.max_window) {
            self.counters.windows_capped += 1;
        }
        if let Some(increment) = found.credit.due_for(initial, wanted) {
            found.credit.grant(increment);
            window_update::write(stream.id(), increment, self.output.buffer());
        }
    }

    /// Grants the stream what is due, if it is at least the `share`-th part of its window.
    pub(crate) fn return_stream_credit(&mut self, key: StreamKey, share: i64) {
        let initial = self.local.stream_window;
        let Some(stream) = self.store.get_mut(key) else {
            return;
        };
        if stream.recv.is_ended() || stream.discard {
            return;
        }
        if let Some(increment) = stream.credit.due(initial, share) {
            stream.credit.grant(increment);
            window_update::write(key.id(), increment, self.output.buffer());
        }
    }

    /// Grants every stream what is due. What was too little of a larger window to be worth granting
    /// can be all of a smaller one, and no later event of the stream would bring it back.
    pub(crate) fn return_all_stream_credit(&mut self) {
        let keys: Vec<StreamKey> = self.store.iter().map(|(key, _)| key).collect();
        for key in keys {
            self.return_stream_credit(key, WORTH_A_WRITE);
        }
    }

    /// Grants the connection what is due, if it is at least the `share`-th part of its window.
    pub(crate) fn return_connection_credit(&mut self, share: i64) {
        if let Some(increment) = self.credit.due(share) {
            self.credit.grant(increment);
            window_update::write(0, increment, self.output.buffer());
        }
        if self.credit.newly_withheld() {
            self.counters.receive_budget_withheld += 1;
        }
    }
}
