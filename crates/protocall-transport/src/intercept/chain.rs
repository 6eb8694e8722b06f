//! Interceptors one after the other, and the hooks that they have left with a call.

use super::{Beginning, CallHooks, Erased, Interceptor, Outcome, Passed};
use bytes::{Bytes, BytesMut};
use protocall_core::envelope::{self, PREFIX_LEN};
use protocall_core::{Compression, Metadata, Status};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

/// The interceptors of a channel or a server, the outermost first. Cheap to clone.
#[derive(Clone, Default)]
pub struct Chain(Option<Arc<[Arc<dyn Erased>]>>);

impl Chain {
    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// The same with another one, inside of those that are there.
    #[must_use]
    pub fn with(&self, interceptor: impl Interceptor) -> Self {
        let mut all = self.0.as_deref().unwrap_or_default().to_vec();
        all.push(Arc::new(interceptor));
        Self(Some(all.into()))
    }

    /// Asks all of them, until one refuses.
    ///
    /// # Errors
    /// Its status.
    ///
    /// # Cancel safety
    /// As the interceptors' own.
    pub async fn begin(&self, call: &mut Beginning) -> Result<(), Status> {
        for interceptor in self.0.as_deref().unwrap_or_default() {
            interceptor.begin(call).await?;
        }
        Ok(())
    }
}

impl fmt::Debug for Chain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Chain").field(&self.0.as_deref().map_or(0, <[_]>::len)).finish()
    }
}

/// What interceptors have left with a call, shared by its halves.
pub struct Hooks {
    state: Mutex<State>,
}

struct State {
    hooks: Vec<Box<dyn CallHooks>>,
    takes_messages: bool,
    /// The interceptors are still asked.
    waiting: bool,
    waker: Option<Waker>,
    /// Requests that were made meanwhile; `None` is their end.
    requests: Vec<(Option<Vec<u8>>, Compression)>,
    attempts: u32,
    /// Leading metadata as it has become.
    head: Option<Metadata>,
    ended: bool,
}

impl Hooks {
    pub(super) fn new(hooks: Vec<Box<dyn CallHooks>>) -> Arc<Self> {
        Arc::new(Self { state: Mutex::new(State::new(hooks, false)) })
    }

    /// Of a call whose interceptors are still asked: requests wait until `Hooks::ready`.
    #[must_use]
    pub fn waiting() -> Arc<Self> {
        Arc::new(Self { state: Mutex::new(State::new(Vec::new(), true)) })
    }

    /// The call has ended; does nothing when it had already.
    pub fn end(&self, outcome: &mut Outcome) {
        let mut state = self.lock();
        if !std::mem::replace(&mut state.ended, true) {
            state.hooks.iter_mut().rev().for_each(|hooks| hooks.end(outcome));
        }
        let waker = state.waker.take();
        drop(state);
        waker.into_iter().for_each(Waker::wake);
    }

    /// The call has ended with an error; returns what has become of it.
    #[must_use]
    pub fn fail(&self, status: Status) -> Status {
        let mut outcome = Err(status.clone());
        self.end(&mut outcome);
        outcome.err().unwrap_or(status)
    }

    /// The interceptors were asked: these are their hooks. Hands the requests that waited to
    /// `send`, in which `None` is their end.
    ///
    /// # Errors
    /// The status of a hook, or of `send`.
    pub(crate) fn ready(
        &self,
        other: &Self,
        mut send: impl FnMut(Option<Vec<u8>>, Compression) -> Result<(), Status>,
    ) -> Result<(), Status> {
        let mut state = self.lock();
        state.hooks = std::mem::take(&mut other.lock().hooks);
        state.takes_messages = state.hooks.iter().any(|hooks| hooks.takes_messages());
        state.waiting = false;
        let waker = state.waker.take();
        let mut outcome = Ok(());
        for (request, compression) in std::mem::take(&mut state.requests) {
            outcome = outcome.and_then(|()| {
                let request = request.map(|bytes| state.enveloped(bytes, true)).transpose()?;
                send(request, compression)
            });
        }
        drop(state);
        waker.into_iter().for_each(Waker::wake);
        outcome
    }

    /// Waits until the interceptors were asked.
    pub(crate) fn poll_ready(&self, cx: &Context<'_>) -> Poll<()> {
        let mut state = self.lock();
        if !state.waiting || state.ended {
            return Poll::Ready(());
        }
        state.waker = Some(cx.waker().clone());
        Poll::Pending
    }

    /// A request in its envelope goes out; `None` when it is to wait.
    ///
    /// # Errors
    /// The status of a hook.
    pub(crate) fn outgoing(
        &self,
        bytes: Vec<u8>,
        compression: Compression,
    ) -> Result<Option<Vec<u8>>, Status> {
        let mut state = self.lock();
        if state.waiting {
            state.requests.push((Some(bytes), compression));
            return Ok(None);
        }
        state.enveloped(bytes, true).map(Some)
    }

    /// The requests end; `false` when that is to wait.
    pub(crate) fn finish(&self) -> bool {
        let mut state = self.lock();
        if state.waiting {
            state.requests.push((None, Compression::IDENTITY));
        }
        !state.waiting
    }

    /// A response in its envelope goes out.
    ///
    /// # Errors
    /// The status of a hook.
    pub(crate) fn reply(&self, bytes: Vec<u8>) -> Result<Vec<u8>, Status> {
        self.lock().enveloped(bytes, false)
    }

    /// A message has come in.
    ///
    /// # Errors
    /// The status of a hook.
    pub fn incoming(&self, which: Passed, message: Bytes) -> Result<Bytes, Status> {
        self.lock().pass(which, message)
    }

    /// Leading metadata passes, once.
    pub(crate) fn head(&self, metadata: Metadata) -> Metadata {
        let mut state = self.lock();
        if let Some(head) = &state.head {
            return head.clone();
        }
        let mut metadata = metadata;
        state.hooks.iter_mut().rev().for_each(|hooks| hooks.response_metadata(&mut metadata));
        state.head.insert(metadata).clone()
    }

    /// The call goes to a connection.
    pub(crate) fn attempt(&self) {
        let mut state = self.lock();
        let previous = state.attempts;
        state.attempts = previous.saturating_add(1);
        state.hooks.iter_mut().for_each(|hooks| hooks.attempt(previous));
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // a hook that panicked fails its call, and the others are still told
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Hooks {
    fn drop(&mut self) {
        self.end(&mut Err(Status::cancelled("the call was dropped")));
    }
}

impl fmt::Debug for Hooks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hooks").finish_non_exhaustive()
    }
}

impl State {
    fn new(hooks: Vec<Box<dyn CallHooks>>, waiting: bool) -> Self {
        Self {
            takes_messages: hooks.iter().any(|hooks| hooks.takes_messages()),
            hooks,
            waiting,
            waker: None,
            requests: Vec::new(),
            attempts: 0,
            head: None,
            ended: false,
        }
    }

    fn pass(&mut self, which: Passed, mut message: Bytes) -> Result<Bytes, Status> {
        let request = which == Passed::Request;
        let mut one = |hooks: &mut Box<dyn CallHooks>| {
            if hooks.takes_messages() {
                match which {
                    Passed::Request => hooks.request(&mut message)?,
                    Passed::Response => hooks.response(&mut message)?,
                }
            }
            hooks.passed(which, message.len());
            Ok::<(), Status>(())
        };
        if request {
            self.hooks.iter_mut().try_for_each(&mut one)?;
        } else {
            self.hooks.iter_mut().rev().try_for_each(&mut one)?;
        }
        Ok(message)
    }

    /// Passes a message that is in its envelope, and puts what has become of it into one.
    fn enveloped(&mut self, bytes: Vec<u8>, request: bool) -> Result<Vec<u8>, Status> {
        let which = if request { Passed::Request } else { Passed::Response };
        if !self.takes_messages {
            let size = bytes.len().saturating_sub(PREFIX_LEN);
            self.hooks.iter_mut().for_each(|hooks| hooks.passed(which, size));
            return Ok(bytes);
        }
        let message = BytesMut::from(bytes.get(PREFIX_LEN..).unwrap_or_default()).freeze();
        let message = self.pass(which, message)?;
        let mut bytes = Vec::with_capacity(PREFIX_LEN + message.len());
        envelope::append(&mut bytes, usize::MAX, |buffer| {
            buffer.extend_from_slice(&message);
            Ok::<(), Status>(())
        })?;
        Ok(bytes)
    }
}
