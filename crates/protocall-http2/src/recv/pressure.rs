//! What the receive budget asks for when it is nearly used up: narrow windows, and grants for the
//! messages that are let through. The rules are `flow::pressure`'s.

use crate::connection::Connection;
use crate::flow::WORTH_A_WRITE;
use crate::frame::window_update;
use crate::stream::StreamKey;

impl Connection {
    /// Whether the receive budget is nearly used up, so that windows are narrow. A driver that
    /// keeps credit back until it is worth a call gives it at once meanwhile.
    pub fn is_pressed(&self) -> bool {
        self.pressure.is_narrow()
    }

    /// More is held than windows should stay wide for.
    #[cold]
    pub(super) fn narrow_windows(&mut self) {
        self.counters.met().windows_narrowed += 1;
        self.pressure.narrow(self.now);
        self.pressure.fit(self.store.len());
        self.adapt_stream_window();
        self.certify_windows();
        self.pressure.wait(0);
        self.let_through();
    }

    /// Less is held than before.
    #[inline]
    pub(crate) fn eased(&mut self) {
        if !self.pressure.is_quiet() {
            self.ease();
        }
    }

    #[cold]
    fn ease(&mut self) {
        if self.pressure.is_low(self.credit.unconsumed(), self.now) {
            self.pressure.widen();
            self.certify_windows();
            self.adapt_stream_window();
        }
        self.let_through();
    }

    /// A stream was opened: narrow windows may have to become narrower.
    #[inline]
    pub(crate) fn stream_opened(&mut self) {
        if self.pressure.is_narrow() && !self.pressure.fits(self.store.len()) {
            self.pressure.fit(self.store.len());
            self.certify_windows();
            self.adapt_stream_window();
        }
    }

    /// Whether all streams' windows are known to be narrow: then they alone bound what can come,
    /// and the connection's credit is there for all of them.
    pub(crate) fn certify_windows(&mut self) {
        let window = self.local.stream_window.unsigned_abs();
        let favoured = self.pressure.favourite().and_then(|key| self.store.get(key));
        let favoured = favoured.map_or(0, |stream| stream.credit.promised().unsigned_abs());
        let (held, promised) = (self.credit.unconsumed(), self.credit.promised() - favoured);
        if let Some(all) = self.pressure.certify(window, self.store.len(), held, promised) {
            self.credit.certify(Some(all));
            self.return_connection_credit(WORTH_A_WRITE);
        } else if !self.pressure.is_in_force() {
            self.credit.certify(None);
        }
    }

    /// The window in force is another: nobody's window is known to cover what he waits for.
    pub(crate) fn window_changed(&mut self) {
        self.certify_windows();
        self.return_all_stream_credit();
        self.pressure.wait(0);
        self.let_through();
    }

    /// Grants the rest of a message that a reader waits for, if the budget has room for it or its
    /// turn has come; else it waits.
    pub(super) fn grant_rest(&mut self, key: StreamKey) {
        if let Some(wish) = self.wish(key)
            && !self.grant(&wish)
        {
            self.pressure.wait(wish.bytes);
        }
    }

    /// What the reader of a stream waits for, if the stream's window does not cover it.
    fn wish(&self, key: StreamKey) -> Option<Wish> {
        let stream = self.store.get(key).filter(|stream| stream.is_read())?;
        let (initial, most) = (self.local.stream_window, self.config.max_window);
        let increment = stream.credit.due_for_rest(initial, most)?;
        let missing = stream.credit.missing();
        let bytes = missing.min(most);
        Some(Wish { key, missing, bytes, increment })
    }

    fn grant(&mut self, wish: &Wish) -> bool {
        let (held, promised) = (self.credit.unconsumed(), self.credit.promised());
        if !self.pressure.grants(wish.key, wish.bytes, held, promised) {
            return false;
        }
        if let Some(stream) = self.store.get_mut(wish.key) {
            self.credit.promise(stream.credit.grant(wish.increment));
        }
        window_update::write(wish.key.id(), wish.increment, self.output.buffer());
        self.return_connection_credit(WORTH_A_WRITE);
        true
    }

    /// Grants the messages that lack least, as many as may pass.
    #[cold]
    fn let_through(&mut self) {
        while self.pressure.may_grant(self.credit.unconsumed(), self.credit.promised()) {
            self.pressure.look_again();
            let wishes = self.store.iter().filter_map(|(key, _)| self.wish(key));
            let Some(nearest) = wishes.min_by_key(|wish| wish.missing) else {
                return;
            };
            if !self.grant(&nearest) {
                // nobody passes the one whose turn it is
                return self.pressure.wait(nearest.bytes);
            }
            self.pressure.wait(0);
        }
    }

    /// A message is whole, or nobody waits for it any more.
    #[inline]
    pub(crate) fn message_over(&mut self, key: StreamKey) {
        if !self.pressure.is_quiet() && self.pressure.is_over(key) {
            self.let_through();
        }
    }
}

/// A message whose rest is waited for.
struct Wish {
    key: StreamKey,
    /// What it lacks.
    missing: u32,
    /// How much of that would be granted.
    bytes: u32,
    /// The increment of the stream's window that this takes.
    increment: u32,
}
