//! Work of a handler that goes on when its call is over.
//!
//! A handler's future is dropped with its call. What must not be cut off runs in a task of its own,
//! and its connection counts it: towards the limit on concurrent streams, and when it drains.

use super::Context;
use std::future::{Future, pending};
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{self, Poll, Waker};
use tokio::task::JoinHandle;

impl Context {
    /// Runs a future to its end, in a task of its own, also when the call is over before: it is
    /// told by [`Context::cancellation`] and decides for itself what to do then. Returns what it
    /// yields, to a handler that is still there.
    ///
    /// Work whose call is over counts as a concurrent stream of its connection, and a server that
    /// drains waits for it, as long as it waits for calls.
    ///
    /// ```
    /// # use protocall_core::Status;
    /// # use protocall_transport::message::{Request, Response};
    /// # async fn write(_: String) -> std::io::Result<()> { Ok(()) }
    /// async fn store(request: Request<String>) -> Result<Response<()>, Status> {
    ///     let (context, text) = (request.context().clone(), request.into_inner());
    ///     let work = async move { write(text).await };
    ///     // it is written to its end, whatever the client does
    ///     match context.run_to_end(work).await {
    ///         Ok(()) => Ok(Response::new(())),
    ///         Err(error) => Err(Status::unavailable(error.to_string())),
    ///     }
    /// }
    /// ```
    ///
    /// # Panics
    /// Outside of a tokio runtime; and when the future panics.
    ///
    /// # Cancel safety
    /// Dropping what is returned leaves the work running.
    pub fn run_to_end<F>(&self, future: F) -> impl Future<Output = F::Output> + Send + use<F>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        let run = Arc::new(Run {
            work: self.connection().map(|connection| Arc::clone(connection.work())),
            half_over: AtomicBool::new(false),
        });
        let ending = Ending(Arc::clone(&run));
        let task = tokio::spawn(async move {
            let _ending = ending;
            future.await
        });
        Awaited { task, watch: Watch(run) }.output()
    }
}

/// What goes on in a connection's name beside its calls.
#[derive(Debug, Default)]
pub(crate) struct Work {
    /// Runs whose call is over.
    orphans: AtomicUsize,
    /// The connection no longer waits for them.
    abandoned: AtomicBool,
    waiting: Mutex<Option<Waker>>,
}

impl Work {
    /// How many runs there are whose call is over.
    pub(crate) fn orphans(&self) -> usize {
        self.orphans.load(Ordering::Acquire)
    }

    /// Waits until there are none, or nobody waits for them any more.
    pub(crate) fn poll_idle(&self, cx: &task::Context<'_>) -> Poll<()> {
        if self.is_idle() {
            return Poll::Ready(());
        }
        *self.waiting.lock().unwrap_or_else(PoisonError::into_inner) = Some(cx.waker().clone());
        // one may have ended meanwhile
        if self.is_idle() { Poll::Ready(()) } else { Poll::Pending }
    }

    /// Waits for none of them any more.
    pub(crate) fn abandon(&self) {
        self.abandoned.store(true, Ordering::Release);
        self.wake();
    }

    fn is_idle(&self) -> bool {
        self.orphans() == 0 || self.abandoned.load(Ordering::Acquire)
    }

    fn wake(&self) {
        let waker = self.waiting.lock().unwrap_or_else(PoisonError::into_inner).take();
        waker.into_iter().for_each(Waker::wake);
    }
}

/// A future that runs to its end, and the handler that may wait for it.
#[derive(Debug)]
struct Run {
    work: Option<Arc<Work>>,
    /// One of the two is over.
    half_over: AtomicBool,
}

/// Dropped when the future is over.
struct Ending(Arc<Run>);

impl Drop for Ending {
    fn drop(&mut self) {
        let Run { work: Some(work), half_over } = &*self.0 else { return };
        if half_over.swap(true, Ordering::AcqRel)
            && work.orphans.fetch_sub(1, Ordering::AcqRel) == 1
        {
            work.wake();
        }
    }
}

/// Dropped when the handler waits no more.
struct Watch(Arc<Run>);

impl Drop for Watch {
    fn drop(&mut self) {
        let Run { work: Some(work), half_over } = &*self.0 else { return };
        // counted first, so that the end cannot take away what was not there
        work.orphans.fetch_add(1, Ordering::AcqRel);
        if half_over.swap(true, Ordering::AcqRel) {
            work.orphans.fetch_sub(1, Ordering::AcqRel);
        }
    }
}

struct Awaited<T> {
    task: JoinHandle<T>,
    watch: Watch,
}

impl<T> Awaited<T> {
    async fn output(self) -> T {
        let Self { task, watch } = self;
        let ended = task.await;
        drop(watch);
        match ended {
            Ok(output) => output,
            Err(error) => match error.try_into_panic() {
                Ok(panic) => resume_unwind(panic),
                // its runtime is shutting down, and with it this call
                Err(_) => pending().await,
            },
        }
    }
}
