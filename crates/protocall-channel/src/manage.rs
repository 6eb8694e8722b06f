//! Keeps a channel connected: makes a connection when a call needs one, holds calls while it is
//! being made, waits between attempts that fail.
//!
//! Which stream of bytes a connection runs over is [`connect`](crate::connect)'s business.

use crate::backoff::Backoff;
use crate::connect::{Connect, Stream};
use crate::stats::{Open, Stats};
use protocall_core::Status;
use protocall_transport::chance::Chance;
use protocall_transport::client::{Call, Closed, Config, Connection, Handle, TakeBack};
use protocall_transport::stats::Totals;
use std::fmt;
use std::future::Future;
use std::io;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;
use tokio::runtime;
use tokio::sync::{Notify, watch};
use tokio::time::{Instant, sleep_until};

/// What a channel is doing (`connectivity-semantics-and-api.md`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// There is no connection, and no call needs one.
    Idle,
    /// A connection is being made; calls wait for it.
    Connecting,
    /// There is a connection.
    Ready,
    /// The last attempt failed and the next one is not due. Calls fail, or wait if they asked to.
    TransientFailure,
}

/// How a channel tries to connect.
#[derive(Debug)]
pub(crate) struct Retry {
    pub(crate) backoff: Backoff,
    pub(crate) chance: Chance,
    pub(crate) connect_timeout: Duration,
}

/// The connections of a channel, and the calls that wait for one.
pub(crate) struct Manager {
    connector: Box<dyn Connect>,
    config: Config,
    retry: Retry,
    stats: Stats,
    inner: Mutex<Inner>,
    state: watch::Sender<State>,
    /// A call that waits came or went: its deadline may be the next.
    changed: Notify,
}

#[derive(Default)]
struct Inner {
    current: Option<Current>,
    waiting: Vec<Waiting>,
    /// A task is connecting, or waits for the next attempt.
    driven: bool,
    failures: u32,
    last_error: Option<Status>,
    /// Connections in a row that ended soon and served nothing.
    useless: u32,
    /// The next attempt to connect is not due before.
    pause: Option<Instant>,
    /// How often servers have said "too_many_pings": the interval is doubled as often (gRFC A8).
    slower_pings: u32,
}

/// The connection that takes calls.
struct Current {
    handle: Handle,
    since: Instant,
}

/// Why an attempt to connect led to nothing.
enum Failure {
    Io(io::Error),
    /// The server spoke HTTP/2, and said that it takes no calls.
    Left,
}

struct Waiting {
    call: Call,
    patient: bool,
}

impl Manager {
    pub(crate) fn new(connector: Box<dyn Connect>, mut config: Config, retry: Retry) -> Arc<Self> {
        config.name = connector.name();
        let stats = Stats::default();
        config.totals = stats.totals().clone();
        Arc::new_cyclic(|this| {
            config.take_back = Some(take_back(Weak::clone(this)));
            Self {
                connector,
                config,
                retry,
                stats,
                inner: Mutex::default(),
                state: watch::Sender::new(State::Idle),
                changed: Notify::new(),
            }
        })
    }

    /// Whether nobody else can read what goes over the connections.
    pub(crate) fn is_secure(&self) -> bool {
        self.connector.is_secure()
    }

    /// The target as errors name it.
    pub(crate) fn target(&self) -> String {
        self.connector.name()
    }

    /// The value of `:authority`.
    pub(crate) fn authority(&self) -> &str {
        &self.config.authority
    }

    pub(crate) fn stats(&self) -> Stats {
        self.stats.clone()
    }

    /// Where its connections and calls count.
    pub(crate) const fn totals(&self) -> &Totals {
        self.stats.totals()
    }

    pub(crate) fn state(&self) -> watch::Receiver<State> {
        self.state.subscribe()
    }

    pub(crate) fn last_error(&self) -> Option<Status> {
        self.lock().last_error.clone()
    }

    /// Gives a call to the connection, or keeps it until there is one. A `patient` call waits
    /// through failed attempts, others end with the last error.
    pub(crate) fn submit(self: &Arc<Self>, call: Call, patient: bool) {
        call.set_patient(patient);
        let mut inner = self.lock();
        let call = match &inner.current {
            Some(current) => match current.handle.start(call) {
                Ok(()) => return,
                Err(call) => {
                    self.retire(&mut inner);
                    call
                }
            },
            None => call,
        };
        if *self.state.borrow() == State::TransientFailure && !patient {
            let status = inner.last_error.clone();
            // the connection may have gone just now: somebody must end the pause
            self.drive(inner);
            call.fail(status.unwrap_or_else(|| Status::unavailable("there is no connection")));
            return;
        }
        inner.waiting.push(Waiting { call, patient });
        self.changed.notify_one();
        self.drive(inner);
    }

    /// Makes a connection if there is none and none is being made.
    pub(crate) fn connect(self: &Arc<Self>) {
        let inner = self.lock();
        if inner.current.as_ref().is_none_or(|current| !current.handle.is_open()) {
            self.drive(inner);
        }
    }

    /// Starts the task that connects, unless there is one.
    fn drive(self: &Arc<Self>, mut inner: MutexGuard<'_, Inner>) {
        if inner.driven {
            return;
        }
        let Ok(runtime) = runtime::Handle::try_current() else {
            let waiting = std::mem::take(&mut inner.waiting);
            let status = Status::unavailable(
                "there is no tokio runtime to connect with: make the call from within one",
            );
            inner.last_error = Some(status.clone());
            drop(inner);
            waiting.into_iter().for_each(|waiting| waiting.call.fail(status.clone()));
            return;
        };
        inner.driven = true;
        if inner.pause.is_none() {
            self.state.send_replace(State::Connecting);
        }
        drop(inner);
        runtime.spawn(Arc::clone(self).run());
    }

    /// Connects, waiting between attempts, until there is a connection or nobody wants one.
    async fn run(self: Arc<Self>) {
        let mut driving = Driving { manager: Arc::clone(&self), over: false };
        loop {
            let pause = self.lock().pause.take();
            if let Some(until) = pause {
                self.with_deadlines(sleep_until(until)).await;
                if self.rest() {
                    driving.over = true;
                    return;
                }
            }
            self.state.send_replace(State::Connecting);
            let attempt = tokio::time::timeout(self.retry.connect_timeout, self.attempt());
            match self.with_deadlines(attempt).await {
                Ok(Ok((connection, handle))) => {
                    driving.over = true;
                    return self.connected(connection, handle);
                }
                Ok(Err(Failure::Io(error))) => self.failed(&error),
                Ok(Err(Failure::Left)) => self.left(),
                Err(_elapsed) => {
                    self.stats.count(|tally| &tally.connects_timed_out);
                    let what = format!("no connection within {:?}", self.retry.connect_timeout);
                    self.failed(&io::Error::new(io::ErrorKind::TimedOut, what));
                }
            }
        }
    }

    /// Connects, and waits until the server has shown that it speaks HTTP/2: only then is the
    /// channel ready (`connectivity-semantics-and-api.md`). Calls that wait are safe until then,
    /// also from a server that accepts connections and closes them.
    async fn attempt(&self) -> Result<(Connection<Box<dyn Stream>>, Handle), Failure> {
        let stream = self.connector.connect().await.map_err(Failure::Io)?;
        let (mut connection, handle) = Connection::new(stream, &self.connection_config());
        match connection.established().await {
            Ok(()) => Ok((connection, handle)),
            Err(Closed { established: true, status: None, .. }) => Err(Failure::Left),
            Err(closed) => {
                let why = closed.status.map_or_else(
                    || "the connection was closed".to_owned(),
                    |status| status.message().to_owned(),
                );
                let text = format!("no HTTP/2 with it: {why}");
                Err(Failure::Io(io::Error::new(io::ErrorKind::InvalidData, text)))
            }
        }
    }

    /// What a connection is told: as the channel, but for the interval of its keepalive.
    fn connection_config(&self) -> Config {
        let mut config = self.config.clone();
        let slower = 1u32.checked_shl(self.lock().slower_pings).unwrap_or(u32::MAX);
        if let Some(interval) = &mut config.http2.keepalive_interval {
            *interval = interval.saturating_mul(slower);
        }
        config
    }

    /// After a wait: stops driving when no call waits.
    fn rest(&self) -> bool {
        let mut inner = self.lock();
        let rest = inner.waiting.is_empty();
        if rest {
            inner.driven = false;
            self.state.send_replace(State::Idle);
        }
        rest
    }

    fn connected(self: &Arc<Self>, connection: Connection<Box<dyn Stream>>, handle: Handle) {
        let mut inner = self.lock();
        inner.driven = false;
        inner.failures = 0;
        inner.current = Some(Current { handle: handle.clone(), since: Instant::now() });
        let waiting = std::mem::take(&mut inner.waiting);
        self.state.send_replace(State::Ready);
        drop(inner);
        let open = self.stats.connected();
        tokio::spawn(watch_over(Arc::downgrade(self), handle.downgrade(), connection, open));
        for Waiting { call, patient } in waiting {
            if let Err(call) = handle.start(call) {
                self.submit(call, patient);
            }
        }
    }

    fn failed(&self, error: &io::Error) {
        self.stats.count(|tally| &tally.connects_failed);
        let text = format!("cannot connect to {}: {error}", self.connector.name());
        let cause = Arc::new(io::Error::new(error.kind(), error.to_string()));
        let status = Status::unavailable(text).with_source(cause);
        let mut inner = self.lock();
        inner.failures = inner.failures.saturating_add(1);
        inner.pause = self.pause_after(inner.failures);
        self.note_failure(inner, status);
    }

    /// The server left while it was being connected to.
    fn left(&self) {
        let mut inner = self.lock();
        if let Some(status) = self.note_useless(&mut inner) {
            self.note_failure(inner, status);
        }
    }

    /// Keeps the error for calls to come, and ends those that do not wait.
    fn note_failure(&self, mut inner: MutexGuard<'_, Inner>, status: Status) {
        inner.last_error = Some(status.clone());
        let (patient, others) =
            std::mem::take(&mut inner.waiting).into_iter().partition(|waiting| waiting.patient);
        inner.waiting = patient;
        self.state.send_replace(State::TransientFailure);
        drop(inner);
        let others: Vec<Waiting> = others;
        others.into_iter().for_each(|waiting| waiting.call.fail(status.clone()));
    }

    /// When to connect again after so many failures in a row.
    fn pause_after(&self, failures: u32) -> Option<Instant> {
        Instant::now().checked_add(self.retry.backoff.wait(failures, &self.retry.chance))
    }

    /// The connection takes no more calls. The first one that ends soon and has served nothing may
    /// have met a server that was stopping, and is made again at once; further ones are failures.
    fn retire(&self, inner: &mut Inner) {
        let Some(Current { handle, since }) = inner.current.take() else { return };
        if handle.pinged_too_often() {
            inner.slower_pings = inner.slower_pings.saturating_add(1);
        }
        if handle.has_answered() || since.elapsed() >= self.retry.backoff.first {
            inner.useless = 0;
            return;
        }
        if let Some(status) = self.note_useless(inner) {
            inner.last_error = Some(status);
            self.state.send_replace(State::TransientFailure);
        }
    }

    /// A connection ended soon and has served nothing. From the second one in a row on that is a
    /// failure, and the next attempt waits.
    fn note_useless(&self, inner: &mut Inner) -> Option<Status> {
        inner.useless = inner.useless.saturating_add(1);
        let failures = inner.useless.checked_sub(1).filter(|failures| *failures > 0)?;
        inner.pause = self.pause_after(failures);
        let name = self.connector.name();
        let text = format!("the server at {name} leaves as soon as it is connected to");
        Some(Status::unavailable(text))
    }

    /// A connection has ended.
    fn closed(self: &Arc<Self>, closed: Closed, which: &protocall_transport::client::WeakHandle) {
        let mut inner = self.lock();
        if inner.current.as_ref().is_some_and(|current| which.is(&current.handle)) {
            self.retire(&mut inner);
        }
        if inner.pause.is_some() {
            // calls fail meanwhile, so nobody else would end the pause
            self.drive(inner);
        } else {
            if inner.current.is_none() && !inner.driven {
                self.state.send_replace(State::Idle);
            }
            drop(inner);
        }
        for call in closed.unsent {
            let patient = call.is_patient();
            self.submit(call, patient);
        }
    }

    /// Waits for a future, and meanwhile ends waiting calls whose deadline passes.
    async fn with_deadlines<F: Future>(&self, future: F) -> F::Output {
        let mut future = pin!(future);
        loop {
            let deadline = self.expire();
            tokio::select! {
                biased;
                output = &mut future => return output,
                () = self.changed.notified() => {}
                () = sleep_to(deadline) => {}
            }
        }
    }

    /// Ends waiting calls whose deadline has passed, forgets those that are over, and says which
    /// deadline is next.
    fn expire(&self) -> Option<Instant> {
        let now = Instant::now();
        let mut late = Vec::new();
        let mut inner = self.lock();
        inner.waiting.retain(|waiting| {
            let is_late = waiting.call.deadline().is_some_and(|at| at <= now);
            if is_late {
                late.push(waiting.call.clone());
            }
            !is_late && !waiting.call.is_over()
        });
        let next = inner.waiting.iter().filter_map(|waiting| waiting.call.deadline()).min();
        let error = inner.last_error.clone();
        drop(inner);
        for call in late {
            let text = "the call's deadline passed while it waited for a connection";
            let status = match &error {
                Some(error) => Status::deadline_exceeded(format!("{text}: {}", error.message()))
                    .with_source(Arc::new(error.clone())),
                None => Status::deadline_exceeded(text),
            };
            call.fail(status);
        }
        next
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Manager {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = *self.state.borrow();
        f.debug_struct("Manager").field("state", &state).finish_non_exhaustive()
    }
}

/// Held by the task that connects: when its runtime ends before it does, calls are told, and the
/// next call drives the channel from its own runtime.
struct Driving {
    manager: Arc<Manager>,
    over: bool,
}

impl Drop for Driving {
    fn drop(&mut self) {
        if self.over {
            return;
        }
        let mut inner = self.manager.lock();
        inner.driven = false;
        let waiting = std::mem::take(&mut inner.waiting);
        self.manager.state.send_replace(State::Idle);
        drop(inner);
        let status = Status::unavailable("the runtime that was connecting has ended");
        waiting.into_iter().for_each(|waiting| waiting.call.fail(status.clone()));
    }
}

/// Takes calls back from connections that do not serve them.
fn take_back(manager: Weak<Manager>) -> TakeBack {
    TakeBack::new(move |call| match manager.upgrade() {
        Some(manager) => {
            let patient = call.is_patient();
            manager.submit(call, patient);
        }
        None => call.fail(Status::unavailable("the channel was dropped")),
    })
}

async fn sleep_to(deadline: Option<Instant>) {
    match deadline {
        Some(at) => sleep_until(at).await,
        None => std::future::pending().await,
    }
}

/// Runs a connection and tells its manager when it has ended.
async fn watch_over(
    manager: Weak<Manager>,
    handle: protocall_transport::client::WeakHandle,
    connection: Connection<Box<dyn Stream>>,
    open: Open,
) {
    let closed = connection.await;
    drop(open);
    match manager.upgrade() {
        Some(manager) => manager.closed(closed, &handle),
        None => {
            for call in closed.unsent {
                call.fail(Status::unavailable("the channel was dropped"));
            }
        }
    }
}
