//! How a client's connection ends: what its callers are told, and which calls go elsewhere.

use super::{Call, Closed, Connection, End};
use crate::io::Transport;
use crate::mailbox::Signal;
use protocall_core::Status;
use std::io;
use std::sync::Arc;

impl<S: Transport> Connection<S> {
    /// Takes no more calls, and closes when those that are open are over.
    pub(super) fn leave(&mut self) {
        self.signs.refuse();
        self.http2.shutdown();
    }

    /// Gives calls back that this connection does not serve, for another one to serve them: those
    /// that were never sent, and those that the server has not processed.
    pub(super) fn give_back(&mut self) {
        if self.streams.unprocessed.is_empty()
            && (self.waiting.is_empty() || !self.http2.is_going_away())
        {
            return;
        }
        let Some(take_back) = &self.take_back else { return };
        for exchange in self.streams.unprocessed.drain(..) {
            self.streams.totals.count(|tally| &tally.calls_sent_again);
            take_back.take(Call::of(exchange));
        }
        if self.http2.is_going_away() {
            for exchange in self.waiting.drain(..) {
                exchange.detach();
                self.streams.totals.count(|tally| &tally.calls_given_back);
                take_back.take(Call::of(exchange));
            }
        }
    }

    /// What a plaintext client is told when the first that it hears is a TLS alert (RFC 8446
    /// section 5.1): as HTTP/2 it would be a frame of more than a megabyte.
    pub(super) fn met_tls(&self) -> Option<String> {
        let alert = !self.established && self.socket.unread().starts_with(&[21, 3]);
        let name = &self.name;
        alert.then(|| format!("the server at {name} speaks TLS on this port: use https://"))
    }

    pub(super) fn lose(&mut self, error: &io::Error) {
        self.streams.totals.broke(error);
        let name = &self.name;
        let what = match self.met_tls() {
            Some(what) => what,
            None if error.kind() == io::ErrorKind::UnexpectedEof => {
                format!("the server at {name} closed the connection{}", self.last_words())
            }
            None => format!("the connection to {name} broke: {error}{}", self.last_words()),
        };
        let cause = Arc::new(io::Error::new(error.kind(), error.to_string()));
        self.close(Status::unavailable(what).with_source(cause));
    }

    /// What the server had said when it began to leave, if it said why.
    fn last_words(&self) -> String {
        self.goaway.as_deref().map_or_else(String::new, |words| format!(" (it had said {words})"))
    }

    pub(super) fn close(&mut self, status: Status) {
        self.signs.refuse();
        self.streams.abandon(&status);
        self.streams.wake();
        self.end.get_or_insert(End { status: Some(status) });
    }

    /// Takes the connection apart: calls that were never sent go back.
    pub(super) fn finish(&mut self) -> Closed {
        self.signs.refuse();
        let mut unsent: Vec<Call> = Vec::new();
        let waiting = std::mem::take(&mut self.waiting);
        let signals = self.mailbox.close();
        let late = signals.into_iter().filter_map(|signal| match signal {
            Signal::Start(exchange) => Some(exchange),
            _ => None,
        });
        let unprocessed = std::mem::take(&mut self.streams.unprocessed);
        for exchange in unprocessed.into_iter().chain(waiting).chain(late) {
            exchange.detach();
            unsent.push(Call::of(exchange));
        }
        let status = self.end.take().and_then(|end| end.status);
        Closed { status, unsent, established: self.established }
    }
}

impl<S> Drop for Connection<S> {
    fn drop(&mut self) {
        self.signs.refuse();
        let status = Status::unavailable("the connection was dropped");
        self.streams.abandon(&status);
        self.streams.wake();
        for exchange in self.waiting.drain(..).chain(self.streams.unprocessed.drain(..)) {
            exchange.cancel(status.clone());
        }
        for signal in self.mailbox.close() {
            if let Signal::Start(exchange) = signal {
                exchange.cancel(status.clone());
            }
        }
    }
}
