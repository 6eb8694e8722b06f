//! Giving windows back (RFC 9113 section 6.9): when WINDOW_UPDATE is worth sending, and the
//! commands by which the application says what it took and what it wants.

use crate::connection::Connection;
use crate::flow::{WORTH_A_RIDE, WORTH_A_WRITE};
use crate::frame::window_update;
use crate::stream::StreamKey;

impl Connection {
    /// The application took `bytes` DATA bytes of this stream, or all that it holds if that is
    /// less: credit returns to the peer, in batches. Bytes of a message that is not whole are not
    /// taken yet: see [`Connection::expect`].
    ///
    /// What a stream still held when it ended is consumed by itself.
    pub fn consume(&mut self, stream: StreamKey, bytes: usize) {
        let (initial, narrow) = (self.local.stream_window, self.pressure.is_narrow());
        let worth = if self.output.is_empty() { WORTH_A_WRITE } else { WORTH_A_RIDE };
        let Some(found) = self.store.get_mut(stream) else {
            return;
        };
        self.credit.release(found.credit.consume(bytes as u64));
        if found.is_read()
            && let Some(increment) = found.credit.due(initial, worth, narrow)
        {
            self.credit.promise(found.credit.grant(increment));
            window_update::write(stream.id(), increment, self.output.buffer());
        }
        self.return_connection_credit(worth);
        self.eased();
    }

    /// The application has all whole messages of the stream and waits for the next: `partial`
    /// bytes of it are there, `missing` are not. The stream's window does not wait for the whole
    /// message, and covers the rest of it at once (up to `Config::max_window` at a time), if the
    /// receive budget has room; else the messages that lack least go first.
    ///
    /// To be told again as the message grows, and once more with zeros if nobody waits any more.
    pub fn expect(&mut self, stream: StreamKey, partial: usize, missing: usize) {
        // a frame counts as arrived from its head on, the application counts what it was handed
        let coming = self.reader.undelivered(stream);
        let (partial, missing) = (partial.saturating_add(coming), missing.saturating_sub(coming));
        let Some(found) = self.store.get_mut(stream).filter(|found| found.is_read()) else {
            return;
        };
        found.credit.wait_for_rest(partial, missing);
        if missing == 0 {
            self.message_over(stream);
        } else if missing as u64 > u64::from(self.config.max_window) {
            self.counters.met().windows_capped += 1;
        }
        self.return_stream_credit(stream, WORTH_A_WRITE);
        self.grant_rest(stream);
    }

    /// Grants the stream what is due, if it is worth it.
    pub(crate) fn return_stream_credit(&mut self, key: StreamKey, worth: u32) {
        let initial = self.local.stream_window;
        let narrow = self.pressure.is_narrow();
        let Some(stream) = self.store.get_mut(key).filter(|stream| stream.is_read()) else {
            return;
        };
        if let Some(increment) = stream.credit.due(initial, worth, narrow) {
            self.credit.promise(stream.credit.grant(increment));
            window_update::write(key.id(), increment, self.output.buffer());
        }
    }

    /// Grants every stream what is due. What was too little of a larger window to be worth granting
    /// can be all of a smaller one, and no later event of the stream would bring it back; nor would
    /// one bring what narrow windows withheld.
    pub(crate) fn return_all_stream_credit(&mut self) {
        let keys: Vec<StreamKey> = self.store.iter().map(|(key, _)| key).collect();
        for key in keys {
            self.return_stream_credit(key, WORTH_A_WRITE);
        }
    }

    /// Grants the connection what is due, if it is worth it.
    pub(crate) fn return_connection_credit(&mut self, worth: u32) {
        if let Some(increment) = self.credit.due(worth) {
            self.credit.grant(increment);
            window_update::write(0, increment, self.output.buffer());
        }
        if self.credit.newly_withheld() {
            self.counters.met().receive_budget_withheld += 1;
        }
    }
}
