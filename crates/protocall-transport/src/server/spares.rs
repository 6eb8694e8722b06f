//! Calls that were answered and whose memory the next call of their method takes over, so that a
//! warm unary call allocates nothing.

use super::dispatch::{Route, ServerCall};
use std::pin::Pin;

/// Calls that are kept: a handler that is ready at once needs one of its method, and a connection
/// that is idle should not hold much.
const KEPT: usize = 8;
/// The largest call that is kept, in bytes.
const LARGEST: usize = 1024;

/// Answered calls, the last one last.
#[derive(Default)]
pub(crate) struct Spares {
    calls: Vec<(Route, Pin<Box<dyn ServerCall>>)>,
}

impl Spares {
    /// A call of that method, to be begun again.
    pub(crate) fn take(&mut self, route: Route) -> Option<Pin<Box<dyn ServerCall>>> {
        let index = self.calls.iter().rposition(|(of, _)| *of == route)?;
        Some(self.calls.swap_remove(index).1)
    }

    /// Keeps a call that was answered, if it can be begun again; the oldest makes room for it.
    pub(crate) fn keep(&mut self, route: Route, call: Pin<Box<dyn ServerCall>>) {
        if !call.can_restart() || size_of_val(&*call) > LARGEST {
            return;
        }
        if self.calls.len() == KEPT {
            self.calls.remove(0);
        }
        self.calls.push((route, call));
    }
}
