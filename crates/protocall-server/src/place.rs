//! Where a handler's future runs: on its connection's task, or, once it has shown to be slow, in a
//! task of its own.
//!
//! Quick handlers run where their connection is: no task, no queue. A slow one would make the other
//! calls of its connection wait, so it is spawned, and comes back when it has become quick.

use protocall_transport::server::Cost;
use std::future::Future;
use std::panic::resume_unwind;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, ready};
use std::time::Instant;
use tokio::runtime::Handle;
use tokio::task::JoinHandle;

/// The runtime that slow handlers run on: known once the server serves.
pub(crate) type Elsewhere = Arc<OnceLock<Handle>>;

/// Decides where the futures of one handler run.
pub(crate) struct Place {
    cost: Arc<Cost>,
    elsewhere: Elsewhere,
}

impl Place {
    pub(crate) fn new(elsewhere: Elsewhere) -> Self {
        Self { cost: Arc::default(), elsewhere }
    }

    pub(crate) fn cost(&self) -> &Cost {
        &self.cost
    }

    /// Takes a future that was not polled yet.
    pub(crate) fn put<Fut>(&self, future: Fut) -> Placed<Fut>
    where
        Fut: Future<Output: Send> + Send + 'static,
    {
        match self.elsewhere.get().filter(|_| self.cost.is_slow()) {
            Some(runtime) => {
                let (cost, current) = (Arc::clone(&self.cost), Current::now());
                let timed = Timed { future, cost, current };
                Placed::Elsewhere { task: Task(runtime.spawn(timed)) }
            }
            None => Placed::Here { future },
        }
    }
}

pin_project_lite::pin_project! {
    /// A handler's future, wherever it runs. Dropping it ends it there too.
    #[project = PlacedProjection]
    pub(crate) enum Placed<Fut: Future> {
        Here { #[pin] future: Fut },
        Elsewhere { task: Task<Fut::Output> },
    }
}

impl<Fut: Future> Future for Placed<Fut> {
    type Output = Fut::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Fut::Output> {
        match self.project() {
            PlacedProjection::Here { future } => future.poll(cx),
            PlacedProjection::Elsewhere { task } => {
                match ready!(Pin::new(&mut task.0).poll(cx)) {
                    Ok(output) => Poll::Ready(output),
                    // a panic goes on here, where it ends this call; a task that was cancelled
                    // means that its runtime is shutting down, and with it this call
                    Err(error) => match error.try_into_panic() {
                        Ok(panic) => resume_unwind(panic),
                        Err(_) => Poll::Pending,
                    },
                }
            }
        }
    }
}

/// A task that ends with whoever waits for it.
pub(crate) struct Task<T>(JoinHandle<T>);

impl<T> Drop for Task<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

pin_project_lite::pin_project! {
    /// Measures each poll, so that a handler that has become quick is found out.
    struct Timed<Fut> {
        #[pin]
        future: Fut,
        cost: Arc<Cost>,
        current: Current,
    }
}

/// The span that a call is served in, which goes with its handler.
struct Current {
    #[cfg(feature = "tracing")]
    span: tracing::Span,
}

impl Current {
    fn now() -> Self {
        Self {
            #[cfg(feature = "tracing")]
            span: tracing::Span::current(),
        }
    }

    fn within<T>(&self, run: impl FnOnce() -> T) -> T {
        #[cfg(feature = "tracing")]
        let _entered = self.span.enter();
        run()
    }
}

impl<Fut: Future> Future for Timed<Fut> {
    type Output = Fut::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Fut::Output> {
        let this = self.project();
        let began = Instant::now();
        let polled = this.current.within(|| this.future.poll(cx));
        this.cost.note(began.elapsed());
        polled
    }
}
