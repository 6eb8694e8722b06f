//! Calls that were answered and whose memory the next call takes over, so that a warm unary call
//! allocates nothing.

use super::dispatch::{Route, ServerCall};
use super::slot::Collecting;
use crate::exchange::{Exchange, Seat};
use protocall_core::Status;
use protocall_core::head::response::Trailers;
use std::pin::Pin;
use std::sync::Arc;

/// What is kept of each kind: a handler that is ready at once needs one of its method, and a
/// connection that is idle should not hold much.
const KEPT: usize = 8;
/// The largest call that is kept, in bytes.
const LARGEST: usize = 1024;
/// The largest buffer of a message that is kept, in bytes.
const LARGEST_MESSAGE: usize = 64 * 1024;

/// Answered calls and what they had, the last one last.
#[derive(Default)]
pub(crate) struct Spares {
    calls: Vec<(Route, Pin<Box<dyn ServerCall>>)>,
    exchanges: Vec<Arc<Exchange>>,
    #[allow(clippy::vec_box, reason = "the boxes are what is kept")]
    collecting: Vec<Box<Collecting>>,
}

impl Spares {
    /// A call of that method, to be begun again.
    pub(super) fn take(&mut self, route: Route) -> Option<Pin<Box<dyn ServerCall>>> {
        let index = self.calls.iter().rposition(|(of, _)| *of == route)?;
        Some(self.calls.swap_remove(index).1)
    }

    /// Keeps a call that was answered, if it can be begun again; the oldest makes room for it.
    pub(super) fn keep(&mut self, route: Route, call: Pin<Box<dyn ServerCall>>) {
        if !call.can_restart() || size_of_val(&*call) > LARGEST {
            return;
        }
        if self.calls.len() == KEPT {
            self.calls.remove(0);
        }
        self.calls.push((route, call));
    }

    /// The exchange of a call that is served there; nobody else has a part of it yet.
    pub(super) fn exchange(&mut self, seat: Seat, compressed: bool) -> Arc<Exchange> {
        if let Some(mut exchange) = self.exchanges.pop()
            && let Some(kept) = Arc::get_mut(&mut exchange)
        {
            kept.serve(seat, compressed);
            return exchange;
        }
        Arc::new(Exchange::served(seat, compressed))
    }

    /// A call is over and what did its work is gone: keeps its exchange, unless somebody else still
    /// works for it, who then learns how it ended.
    pub(super) fn retire(&mut self, mut exchange: Arc<Exchange>, status: impl FnOnce() -> Status) {
        if !Arc::get_mut(&mut exchange).is_some_and(Exchange::clear) {
            exchange.tell_end(Trailers::failed(status()));
        } else if self.exchanges.len() < KEPT {
            self.exchanges.push(exchange);
        }
    }

    /// Room for a request of which not all is there.
    pub(super) fn collecting(&mut self) -> Box<Collecting> {
        self.collecting.pop().unwrap_or_default()
    }

    /// Keeps the room of a request that is there.
    pub(super) fn keep_collecting(&mut self, mut collecting: Box<Collecting>) {
        if self.collecting.len() == KEPT {
            return;
        }
        let mut message = std::mem::take(&mut collecting.message);
        message.clear();
        if message.capacity() > LARGEST_MESSAGE {
            message = Vec::new();
        }
        *collecting = Collecting { message, ..Collecting::default() };
        self.collecting.push(collecting);
    }
}
