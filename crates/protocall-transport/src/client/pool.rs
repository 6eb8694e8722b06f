//! Calls whose answer was taken, for the next calls of the same channel to use their memory.

use super::Call;
use crate::exchange::{CallHead, Exchange};
use bytes::BytesMut;
use protocall_core::{Compression, Metadata, Method};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// Calls that are kept. Calls that end in one batch mostly make way for as many new ones one by
/// one, so a few serve many; each holds at most 5 KiB.
const KEPT: usize = 64;

/// Makes calls, in the memory of calls that are over where there are any. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Pool {
    kept: Arc<Mutex<Vec<Arc<Exchange>>>>,
}

impl Pool {
    /// A call of that method: see [`Call::new`].
    #[must_use]
    pub fn call(
        &self,
        method: &Method,
        metadata: Metadata,
        timeout: Option<Duration>,
        max_receive_message: usize,
    ) -> Call {
        let compression = Compression::IDENTITY;
        let head = CallHead { path: method.path(), metadata, max_receive_message, compression };
        // a deadline beyond the clock's range is none
        let deadline = timeout.and_then(|timeout| Instant::now().checked_add(timeout));
        let wake_at_end = !method.kind().server_streams();
        if let Some(mut exchange) = self.take()
            && let Some(kept) = Arc::get_mut(&mut exchange)
        {
            kept.renew(head, deadline, wake_at_end);
            return Call { exchange, compression };
        }
        let exchange = Arc::new(Exchange::outgoing(head, deadline, wake_at_end));
        Call { exchange, compression }
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
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
