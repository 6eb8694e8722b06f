//! Calls whose answer was taken, for the next calls of the same channel to use their memory.

use super::Call;
use crate::exchange::{CallHead, Exchange, Home};
use crate::stats::Totals;
use bytes::BytesMut;
use protocall_core::{Compression, Metadata, Method, Path};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::time::Instant;

/// Calls that are kept on a shelf. Calls that end in one batch mostly make way for as many new ones
/// one by one, so a few serve many; each holds at most 5 KiB.
const KEPT: usize = 64;
/// Shelves, a power of two. Threads that share one wait for each other and for the cache lines of
/// each other's calls; more shelves than cores only hold memory.
const SHELVES: usize = 8;

/// Makes calls, in the memory of calls that are over where there are any. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Pool {
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    shelves: [Shelf; SHELVES],
    home: Arc<Home>,
}

/// The calls that some threads keep, alone in its cache lines (two, which are fetched in pairs).
#[derive(Debug, Default)]
#[repr(align(128))]
struct Shelf(Mutex<Vec<Arc<Exchange>>>);

thread_local! {
    /// Which shelf is this thread's: threads take turns, in the order in which they first ask.
    static SHELF: usize = {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        NEXT.fetch_add(1, Ordering::Relaxed)
    };
}

impl Pool {
    /// Whose calls count what they refuse in these.
    #[must_use]
    pub fn new(totals: Totals) -> Self {
        let home = Arc::new(Home { totals, served: None });
        Self { shared: Arc::new(Shared { shelves: Default::default(), home }) }
    }

    /// A call of that method, as [`Call::new`] makes it, with the deadline itself.
    #[must_use]
    pub fn call(
        &self,
        method: &Method,
        metadata: Metadata,
        deadline: Option<Instant>,
        max_receive_message: usize,
    ) -> Call {
        let one_response = !method.kind().server_streams();
        self.call_path(Path::of(method), one_response, metadata, deadline, max_receive_message)
    }

    /// A call with that path, whose one response is taken with its end, or each of several as it
    /// comes.
    #[must_use]
    pub fn call_path(
        &self,
        path: Path,
        one_response: bool,
        metadata: Metadata,
        deadline: Option<Instant>,
        max_receive_message: usize,
    ) -> Call {
        let compression = Compression::IDENTITY;
        let head = CallHead { path, metadata, max_receive_message, compression, hooks: None };
        if let Some(mut exchange) = self.take()
            && let Some(kept) = Arc::get_mut(&mut exchange)
        {
            kept.renew(head, deadline, one_response);
            return Call { exchange, compression, hooks: None };
        }
        let exchange = Arc::new(Exchange::outgoing(
            head,
            deadline,
            one_response,
            Arc::clone(&self.shared.home),
        ));
        Call { exchange, compression, hooks: None }
    }

    /// Keeps a call that is over, with the buffer of its response, unless somebody else holds it.
    pub(crate) fn keep(&self, mut exchange: Arc<Exchange>, response: BytesMut) {
        if !Arc::get_mut(&mut exchange).is_some_and(|kept| kept.retire(response)) {
            return;
        }
        let mut kept = self.lock();
        if kept.len() < KEPT {
            kept.push(exchange);
        }
    }

    fn take(&self) -> Option<Arc<Exchange>> {
        self.lock().pop()
    }

    /// This thread's shelf, or any where a thread that ends has none any more.
    fn lock(&self) -> MutexGuard<'_, Vec<Arc<Exchange>>> {
        let turn = SHELF.try_with(|turn| *turn).unwrap_or_default();
        let [first, ..] = &self.shared.shelves;
        let shelf = self.shared.shelves.get(turn % SHELVES).unwrap_or(first);
        shelf.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
