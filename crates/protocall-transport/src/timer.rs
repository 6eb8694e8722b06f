//! One timer for all that a connection waits for.
//!
//! It is only ever moved to an earlier moment; a later one is found out when it fires, so that a
//! deadline that moves with each call costs nothing.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::time::{Instant, Sleep, sleep_until};

/// A sleep that is made when first needed.
#[derive(Debug, Default)]
pub(crate) struct Timer {
    sleep: Option<Pin<Box<Sleep>>>,
    armed: bool,
}

impl Timer {
    /// Fires at `at` at the latest, maybe earlier.
    pub(crate) fn arm(&mut self, at: Instant) {
        match &mut self.sleep {
            Some(sleep) => {
                if !self.armed || at < sleep.deadline() {
                    sleep.as_mut().reset(at);
                }
            }
            None => self.sleep = Some(Box::pin(sleep_until(at))),
        }
        self.armed = true;
    }

    /// Whether it fired; it is then no longer armed.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> bool {
        let Some(sleep) = self.sleep.as_mut().filter(|_| self.armed) else {
            return false;
        };
        if sleep.as_mut().poll(cx) == Poll::Pending {
            return false;
        }
        self.armed = false;
        true
    }
}
