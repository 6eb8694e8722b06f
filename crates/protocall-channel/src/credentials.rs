//! Asks call credentials for a call's metadata before a connection gets the call.
//!
//! What credentials are is `protocall-core`'s business.

use crate::manage::Manager;
use protocall_core::{CallOptions, CallTarget, Credentials, Metadata, Path, Status};
use protocall_transport::client::Call;
use std::future::Future;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use tokio::runtime;
use tokio::time::sleep_until;

/// A call's credentials: the channel's, then its own. Most calls have none.
pub(crate) fn of(defaults: &CallOptions, options: &CallOptions) -> [Option<Credentials>; 2] {
    [defaults.credentials.clone(), options.credentials.clone()]
}

/// Gives a call to its channel once its credentials have yielded their metadata. A token that is
/// at hand costs no task; while one is fetched, the call's deadline counts.
pub(crate) fn submit(
    manager: &Arc<Manager>,
    path: Path,
    credentials: [Option<Credentials>; 2],
    call: Call,
    patient: bool,
) {
    let exposed = credentials.iter().flatten().any(|one| !one.allows_plaintext());
    if exposed && !manager.is_secure() {
        call.fail(Status::unauthenticated(format!(
            "call credentials are not sent to {} in plaintext: use https://, or \
             Credentials::allow_plaintext where that is safe",
            manager.target()
        )));
        return;
    }
    let Ok(runtime) = runtime::Handle::try_current() else {
        call.fail(Status::unavailable(
            "there is no tokio runtime to ask call credentials in: make the call from within one",
        ));
        return;
    };
    let target = CallTarget::new(path, manager.authority().into());
    let mut fetching = Box::pin(fetch(credentials, target));
    match fetching.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(fetched) => proceed(manager, call, fetched, patient),
        Poll::Pending => {
            let manager = Arc::clone(manager);
            runtime.spawn(async move {
                let deadline = call.deadline();
                let passed = async {
                    match deadline {
                        Some(at) => sleep_until(at).await,
                        None => std::future::pending().await,
                    }
                };
                let fetched = tokio::select! {
                    fetched = fetching => fetched,
                    () = passed => Err(Status::deadline_exceeded(
                        "the call's deadline passed while it waited for its credentials",
                    )),
                };
                proceed(&manager, call, fetched, patient);
            });
        }
    }
}

async fn fetch(
    credentials: [Option<Credentials>; 2],
    target: CallTarget,
) -> Result<Metadata, Status> {
    let mut all = Metadata::new();
    for one in credentials.iter().flatten() {
        all.extend(&one.fetch(&target).await?);
    }
    Ok(all)
}

fn proceed(manager: &Arc<Manager>, call: Call, fetched: Result<Metadata, Status>, patient: bool) {
    match fetched {
        // its caller has given up
        _ if call.is_over() => {}
        Ok(metadata) => {
            call.add_metadata(&metadata);
            manager.submit(call, patient);
        }
        Err(status) => call.fail(status),
    }
}
