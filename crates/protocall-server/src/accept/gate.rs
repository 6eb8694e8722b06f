//! How many connections a server has at once.
//!
//! One more than the limit is accepted and closed: its client learns at once that it has to go
//! elsewhere. Left in the kernel's queue it would wait for its own timeout, and whoever holds all
//! connections would hold all who come after them, too.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Lets so many in at once. Clones share the count.
#[derive(Clone, Debug)]
pub(crate) struct Gate {
    inside: Arc<AtomicUsize>,
    most: usize,
}

/// Held while a connection is in.
#[derive(Debug)]
pub(crate) struct Entered {
    inside: Arc<AtomicUsize>,
}

impl Gate {
    pub(crate) fn new(most: usize) -> Self {
        Self { inside: Arc::default(), most }
    }

    /// Takes a place; `None` when there is none.
    pub(crate) fn enter(&self) -> Option<Entered> {
        let entered = Entered { inside: Arc::clone(&self.inside) };
        // dropping `entered` gives the place back, also one above the limit
        let before = self.inside.fetch_add(1, Ordering::Relaxed);
        (before < self.most).then_some(entered)
    }
}

impl Drop for Entered {
    fn drop(&mut self) {
        self.inside.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_that_is_left_is_free_again() {
        let gate = Gate::new(2);
        let (first, second) = (gate.enter(), gate.enter());
        assert!(first.is_some() && second.is_some());
        assert!(gate.enter().is_none());
        assert!(gate.clone().enter().is_none(), "clones share the places");
        drop(first);
        let third = gate.enter();
        assert!(third.is_some());
        assert!(gate.enter().is_none());
    }
}
