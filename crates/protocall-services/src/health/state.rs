//! Which service is in which state, and who waits for changes.
//! What goes over the wire is made of it in the module above.

use super::HealthService;
use protocall_server::Service;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;

/// The most services that `List` tells (gRFC A90).
pub const MAX_LISTED: usize = 100;

/// Whether a service can take calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ServingStatus {
    /// Not known yet.
    Unknown,
    /// It can.
    Serving,
    /// It cannot, for the time being.
    NotServing,
}

/// Tells what is well and what is not. Cheap to clone; all clones share their state.
///
/// The empty name stands for the server as a whole and is serving from the start. Every other
/// service is unknown until it is set: `Check` answers `NOT_FOUND`, `Watch` `SERVICE_UNKNOWN`.
///
/// When a server with its [`service`](Self::service) is told to stop, everything becomes
/// [`NotServing`](ServingStatus::NotServing) and watchers are told before their streams end.
///
/// ```
/// use protocall_services::health::{HealthReporter, ServingStatus};
///
/// let health = HealthReporter::new();
/// health.set_serving("example.HelloService");
/// let server = protocall_server::Server::builder().add_service(health.service());
///
/// health.set_not_serving("example.HelloService"); // say, its database is gone
/// assert_eq!(health.status("example.HelloService"), Some(ServingStatus::NotServing));
/// # drop(server);
/// ```
#[derive(Clone, Debug, Default)]
pub struct HealthReporter {
    shared: Arc<Shared>,
}

impl HealthReporter {
    /// The server as a whole is serving, nothing else is known.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The service to add to a server.
    #[must_use]
    pub fn service(&self) -> HealthService {
        HealthService { shared: Arc::clone(&self.shared) }
    }

    /// Sets a service's state; its name is the full one (`example.HelloService`), empty for the
    /// server as a whole. After [`HealthReporter::shutdown`] it is remembered and takes effect
    /// with [`HealthReporter::resume`].
    pub fn set(&self, service: impl Into<String>, status: ServingStatus) {
        self.shared.change(|state| {
            state.statuses.insert(service.into(), status);
        });
    }

    /// Sets the state of a service that is at hand, under the name that its `.proto` file gives it:
    /// before it is added to a server, say.
    pub fn set_service(&self, service: &impl Service, status: ServingStatus) {
        self.set(service.name(), status);
    }

    /// Sets a service's state to [`ServingStatus::Serving`].
    pub fn set_serving(&self, service: impl Into<String>) {
        self.set(service, ServingStatus::Serving);
    }

    /// Sets a service's state to [`ServingStatus::NotServing`].
    pub fn set_not_serving(&self, service: impl Into<String>) {
        self.set(service, ServingStatus::NotServing);
    }

    /// Forgets a service: nobody knows it any more.
    pub fn clear(&self, service: &str) {
        self.shared.change(|state| {
            state.statuses.remove(service);
        });
    }

    /// What is told of a service; `None` when it is not known.
    #[must_use]
    pub fn status(&self, service: &str) -> Option<ServingStatus> {
        self.shared.get(service)
    }

    /// Everything that is known is [`ServingStatus::NotServing`] from now on, so that clients go
    /// elsewhere while running calls go on. A draining server does this by itself.
    pub fn shutdown(&self) {
        self.shared.change(|state| state.down = true);
    }

    /// Takes [`HealthReporter::shutdown`] back.
    pub fn resume(&self) {
        self.shared.change(|state| state.down = false);
    }
}

/// What the reporter's clones and the service share.
pub(super) struct Shared {
    state: Mutex<State>,
    changes: watch::Sender<()>,
}

struct State {
    statuses: BTreeMap<String, ServingStatus>,
    /// All are not serving, whatever they were set to.
    down: bool,
    /// The server drains: nobody watches any more.
    draining: bool,
}

impl Default for Shared {
    fn default() -> Self {
        let statuses = BTreeMap::from([(String::new(), ServingStatus::Serving)]);
        let state = Mutex::new(State { statuses, down: false, draining: false });
        Self { state, changes: watch::Sender::new(()) }
    }
}

impl Shared {
    pub(super) fn get(&self, service: &str) -> Option<ServingStatus> {
        self.lock().get(service)
    }

    /// What a watcher is told, and whether it is the last that it is told.
    pub(super) fn watched(&self, service: &str) -> (Option<ServingStatus>, bool) {
        let state = self.lock();
        (state.get(service), state.draining)
    }

    /// All services; `Err` with their number when there are too many.
    pub(super) fn all(&self) -> Result<Vec<(String, ServingStatus)>, usize> {
        let state = self.lock();
        if state.statuses.len() > MAX_LISTED {
            return Err(state.statuses.len());
        }
        let told = |(name, status): (&String, &ServingStatus)| (name.clone(), state.told(*status));
        Ok(state.statuses.iter().map(told).collect())
    }

    /// Ready whenever something may have changed.
    pub(super) fn changes(&self) -> watch::Receiver<()> {
        self.changes.subscribe()
    }

    pub(super) fn drain(&self) {
        self.change(|state| (state.down, state.draining) = (true, true));
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.lock());
        self.changes.send_replace(());
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn get(&self, service: &str) -> Option<ServingStatus> {
        self.statuses.get(service).map(|status| self.told(*status))
    }

    const fn told(&self, set: ServingStatus) -> ServingStatus {
        if self.down { ServingStatus::NotServing } else { set }
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.lock();
        f.debug_struct("Health")
            .field("statuses", &state.statuses)
            .field("down", &state.down)
            .finish_non_exhaustive()
    }
}
