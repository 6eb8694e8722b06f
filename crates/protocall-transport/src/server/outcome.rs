//! What comes of a request's head and of the pieces of its body. `calls` finds it, `connection`
//! acts on it once HTTP/2 can be commanded again.

use crate::exchange::Credit;
use protocall_core::Status;
use protocall_core::head::request::Refusal;

/// Why a request gets no handler.
#[derive(Debug)]
pub(crate) enum Rejected {
    NotGrpc(Refusal),
    Status(Status),
    Unsupported(String),
}

impl From<Refusal> for Rejected {
    fn from(refusal: Refusal) -> Self {
        Self::NotGrpc(refusal)
    }
}

impl From<Status> for Rejected {
    fn from(status: Status) -> Self {
        Self::Status(status)
    }
}

/// What is to be done once a piece of DATA was looked at.
#[derive(Debug)]
pub(crate) enum Then {
    /// Nobody wants what the stream holds: its credit goes back at once.
    Drop,
    /// It was copied; so much of its message is there, and so much is still to come.
    Collect { partial: usize, missing: usize },
    /// It went to a stream's holder, who gives its credit back by taking it.
    Expect(Credit),
    /// The call can run.
    Run,
    /// The call is over.
    Fail(Status),
}
