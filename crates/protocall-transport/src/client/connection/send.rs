//! What calls send: opens their streams, moves their bytes, gives back those that cannot be served.
//!
//! When that is done is [`connection`](super)'s choice; what comes back is for
//! [`streams`](crate::client::streams).

use super::Connection;
use crate::client::head::{literal, path};
use crate::exchange::{Exchange, Outgoing};
use crate::io::Transport;
use crate::parts::with_parts;
use bytes::Bytes;
use protocall_core::Status;
use protocall_core::head::request::{write_encoding, write_metadata, write_timeout};
use protocall_http2::{self as http2, OpenError, Part, StreamKey};
use std::sync::Arc;
use tokio::time::Instant;

impl<S: Transport> Connection<S> {
    /// Opens the stream of a call, or keeps the call until the server takes one more.
    pub(super) fn start(&mut self, exchange: Arc<Exchange>) {
        if self.waiting.is_empty() && self.http2.open_capacity() > 0 {
            self.open(exchange);
        } else {
            if let Some(at) = exchange.deadline() {
                let sooner = self.streams.deadline.map_or(at, |other| other.min(at));
                self.streams.deadline = Some(sooner);
            }
            self.streams.totals.count(|tally| &tally.calls_queued);
            self.waiting.push_back(exchange);
        }
    }

    pub(super) fn open_waiting(&mut self) {
        while self.end.is_none() && !self.waiting.is_empty() && self.http2.open_capacity() > 0 {
            if let Some(exchange) = self.waiting.pop_front() {
                self.open(exchange);
            }
        }
    }

    /// Opens the stream of a call and sends what it has.
    fn open(&mut self, exchange: Arc<Exchange>) {
        let Some(call) = exchange.call() else { return };
        if let Some(hooks) = &call.hooks {
            hooks.attempt();
        }
        self.fields.clear();
        self.metadata.clear();
        if let Some(at) = exchange.deadline() {
            write_timeout(at.saturating_duration_since(Instant::now()), &mut self.fields);
        }
        write_encoding(call.compression, &mut self.metadata);
        write_metadata(&call.metadata, &mut self.metadata);
        let [pseudo, constant] = self.templates.map(Part::Template);
        let (fields, metadata) = (&self.fields, &self.metadata);
        let parts = || {
            let timeout = fields.iter().map(literal);
            let before = [pseudo, path(call.path.as_str())].into_iter().chain(timeout);
            before.chain([constant]).chain(metadata.iter().map(literal))
        };
        match with_parts(parts, |parts| self.http2.open(parts, false)) {
            Ok(key) => {
                exchange.set_key(key, self.streams.pressed);
                self.streams.add(key, exchange, call.max_receive_message);
                self.pump(key);
                if self.http2.is_worn() {
                    // the calls that are open go on here, new ones on another connection
                    self.leave();
                }
            }
            Err(OpenError::ConcurrencyLimit) => self.waiting.push_front(exchange),
            Err(OpenError::HeaderListTooLarge) => {
                let status = "the call's metadata is larger than the server accepts";
                exchange.cancel(Status::resource_exhausted(status));
            }
            Err(_) => {
                self.waiting.push_front(exchange);
                self.leave();
            }
        }
    }

    /// Moves what a call has to send into its stream, if the stream has room.
    pub(super) fn pump(&mut self, key: StreamKey) {
        if self.http2.capacity(key) == 0 {
            return;
        }
        let Some((exchange, sent)) = self.streams.sending(key) else { return };
        let waker = exchange.take_outgoing(&mut self.outgoing);
        let Outgoing { chunks, tail, end } = &mut self.outgoing;
        let mut left = chunks.len() + usize::from(!tail.is_empty());
        let nothing = left == 0;
        let mut kept = true;
        for chunk in chunks.drain(..) {
            left -= 1;
            kept &= sent.keep(&chunk);
            let last = *end && left == 0;
            // a stream that ended meanwhile wants no more
            let _ = if chunk.len() < http2::config::COPY_BELOW {
                self.http2.send_data_copied(key, &chunk, last)
            } else {
                self.http2.send_data(key, chunk, last)
            };
        }
        if tail.len() >= http2::config::COPY_BELOW {
            let tail = Bytes::from(std::mem::take(tail));
            kept &= sent.keep(&tail);
            let _ = self.http2.send_data(key, tail, *end);
        } else if !tail.is_empty() || (nothing && *end) {
            let _ = self.http2.send_data_copied(key, tail, *end);
            kept &= sent.keep_tail(tail);
        }
        self.streams.wakers.extend(waker);
        if !kept {
            self.streams.totals.count(|tally| &tally.calls_not_kept);
        }
    }
}
