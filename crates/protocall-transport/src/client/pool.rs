//! Calls whose answer was taken, for the next calls of the same channel to use their memory.

use super::Call;
use crate::exchange::{CallHead, Exchange, Home};
use crate::stats::Totals;
use bytes::BytesMut;
use protocall_core::{Compression, Metadata, Method, Path};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::time::Instant;

/// Calls that are kept. Calls that end in one batch mostly make way for as many new ones one by
/// one, so a few serve many; each holds at most 5 KiB.
const KEPT: usize = 64;

/// Makes calls, in the memory of calls that are over where there are any. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Pool {
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    kept: Mutex<Vec<Arc<Exchange>>>,
    home: Arc<Home>,
}

impl Pool {
    /// Whose calls count what they refuse in these.
    #[must_use]
    pub fn new(totals: Totals) -> Self {
        let home = Arc::new(Home { totals, served: None });
        Self { shared: Arc::new(Shared { kept: Mutex::default(), home }) }
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

    fn lock(&self) -> MutexGuard<'_, Vec<Arc<Exchange>>> {
        self.shared.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
