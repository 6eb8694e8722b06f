//! Where a handler's future runs: on its connection's task, or, once it has shown to be slow, in a
//! task of its own.
//!
//! Quick handlers run where their connection is: no task, no queue. A slow one would make the other
//! calls of its connection wait, so it is spawned, and comes back when it has become quick.

use protocall_transport::server::Cost;
use std::future::{Future, poll_fn};
use std::io;
use std::panic::resume_unwind;
use std::pin::{Pin, pin};
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, ready};
use std::time::Instant;
use tokio::runtime::{Builder, Handle, Runtime, RuntimeFlavor};
use tokio::sync::Semaphore;
use tokio::task::{JoinHandle, block_in_place};

/// Slow handlers that are polled at once, for each worker of the runtime; others wait for their
/// turn. Each keeps a thread busy, so without a bound an overload would be 512 of them. More than
/// one, since some do not compute but block.
const SLOW_AT_ONCE: usize = 8;

/// Where slow handlers run: known once the server serves.
pub(crate) type Elsewhere = Arc<OnceLock<Slow>>;

/// A runtime that slow handlers run on.
pub(crate) struct Slow {
    runtime: Handle,
    /// Who may keep a thread busy, where there are several.
    turns: Option<Arc<Semaphore>>,
}

impl Slow {
    pub(crate) fn on(runtime: Handle) -> Self {
        let has_workers = runtime.runtime_flavor() == RuntimeFlavor::MultiThread;
        let turns = SLOW_AT_ONCE * runtime.metrics().num_workers();
        let turns = has_workers.then(|| Arc::new(Semaphore::new(turns)));
        Self { runtime, turns }
    }

    fn spawn<F>(&self, future: F) -> Task<F::Output>
    where
        F: Future<Output: Send> + Send + 'static,
    {
        Task(match &self.turns {
            Some(turns) => self.runtime.spawn(in_turn(future, Arc::clone(turns))),
            None => self.runtime.spawn(future),
        })
    }
}

/// The runtime that slow handlers go to from servers with a runtime a thread.
pub(crate) struct SlowRuntime(Option<Runtime>);

impl SlowRuntime {
    /// The caller's, or one of its own where the caller's has a single thread: there each slow call
    /// would wait for all before it.
    pub(crate) fn beside_caller(threads: usize) -> io::Result<Self> {
        if Handle::current().runtime_flavor() != RuntimeFlavor::CurrentThread {
            return Ok(Self(None));
        }
        let mut builder = Builder::new_multi_thread();
        builder.worker_threads(threads.max(1)).thread_name("protocall-slow").enable_all();
        builder.build().map(Some).map(Self)
    }

    pub(crate) fn handle(&self) -> Handle {
        self.0.as_ref().map_or_else(Handle::current, |runtime| runtime.handle().clone())
    }
}

impl Drop for SlowRuntime {
    fn drop(&mut self) {
        // waiting for what still runs is not allowed where futures are dropped
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

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
        if self.cost.is_slow() && self.elsewhere.get().is_some() {
            let timed = Timed { future, cost: Arc::clone(&self.cost), current: Current::now() };
            return Placed::Leaving {
                future: Some(Box::new((timed, Arc::clone(&self.elsewhere)))),
            };
        }
        Placed::Here { future }
    }
}

pin_project_lite::pin_project! {
    /// A handler's future, wherever it runs. Dropping it ends it there too.
    #[project = PlacedProjection]
    pub(crate) enum Placed<Fut: Future> {
        Here { #[pin] future: Fut },
        /// It goes where slow ones run when it is polled: its call may have to wait until then.
        /// In a box, so that quick ones need no more room.
        Leaving { future: Option<Box<(Timed<Fut>, Elsewhere)>> },
        Elsewhere { task: Task<Fut::Output> },
    }
}

impl<Fut: Future<Output: Send> + Send + 'static> Future for Placed<Fut> {
    type Output = Fut::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Fut::Output> {
        if let PlacedProjection::Leaving { future } = self.as_mut().project()
            && let Some((future, elsewhere)) = future.take().map(|leaving| *leaving)
            && let Some(slow) = elsewhere.get()
        {
            self.set(Self::Elsewhere { task: slow.spawn(future) });
        }
        match self.project() {
            PlacedProjection::Here { future } => future.poll(cx),
            // it has become a task
            PlacedProjection::Leaving { .. } => Poll::Pending,
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

/// Polls a slow future on a thread of its own, when it is its turn.
///
/// A worker that is kept busy may be the one that watches the sockets, while others sleep on: so
/// what else it has to do is handed to another thread meanwhile.
async fn in_turn<F: Future>(future: F, turns: Arc<Semaphore>) -> F::Output {
    let mut future = pin!(future);
    loop {
        // the semaphore is never closed
        let turn = turns.acquire().await;
        let polled =
            poll_fn(|cx| Poll::Ready(block_in_place(|| behind_others(&mut future, cx)))).await;
        drop(turn);
        match polled {
            Poll::Ready(output) => return output,
            Poll::Pending => woken().await,
        }
    }
}

/// Polls once this thread has given its place up: one that has just been woken may keep its core
/// from those that wake after it for all of its slice, which is milliseconds on Linux, and among
/// them is the thread that woke it and has its connection.
fn behind_others<F: Future>(future: &mut Pin<&mut F>, cx: &mut Context<'_>) -> Poll<F::Output> {
    std::thread::yield_now();
    future.as_mut().poll(cx)
}

/// Until the task is woken, for whatever reason.
async fn woken() {
    let mut waited = false;
    poll_fn(|_| if std::mem::replace(&mut waited, true) { Poll::Ready(()) } else { Poll::Pending })
        .await;
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
