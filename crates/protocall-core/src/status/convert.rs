//! Errors of other kinds as statuses: what `?` makes of them in a handler.
//!
//! Only errors whose code is the same wherever they happen are converted by themselves; for all
//! others [`OrStatus`] names the code where it is known.

use super::Status;
use crate::Code;
use std::borrow::Cow;
use std::error::Error;
use std::fmt;
use std::io;
use std::sync::Arc;

impl From<io::Error> for Status {
    /// What the system says of *this* program, never of the caller's request: a file that is
    /// missing here is not what the caller did not find. So `UNAVAILABLE` when a connection could
    /// not be made or was lost or took too long, `RESOURCE_EXHAUSTED` when storage or memory ran
    /// out, `UNKNOWN` else. The text is the error's own; a `Status` in the error comes out again.
    fn from(error: io::Error) -> Self {
        use io::ErrorKind as Kind;
        let code = match error.kind() {
            Kind::ConnectionRefused
            | Kind::ConnectionReset
            | Kind::ConnectionAborted
            | Kind::NotConnected
            | Kind::AddrNotAvailable
            | Kind::HostUnreachable
            | Kind::NetworkUnreachable
            | Kind::NetworkDown
            | Kind::TimedOut => Code::Unavailable,
            Kind::StorageFull | Kind::QuotaExceeded | Kind::OutOfMemory => Code::ResourceExhausted,
            _ => Code::Unknown,
        };
        match error.downcast::<Self>() {
            Ok(status) => status,
            Err(error) => Self::new(code, error.to_string()).with_source(Arc::new(error)),
        }
    }
}

impl From<fmt::Error> for Status {
    /// `INTERNAL`: text that cannot be written into memory is a mistake of the program.
    fn from(error: fmt::Error) -> Self {
        Self::internal(error.to_string()).with_source(Arc::new(error))
    }
}

impl From<Box<dyn Error + Send + Sync>> for Status {
    /// The status that is in the box; any other error becomes `UNKNOWN` with its text, as gRPC has
    /// it for errors that say nothing of a code.
    fn from(error: Box<dyn Error + Send + Sync>) -> Self {
        match error.downcast::<Self>() {
            Ok(status) => *status,
            Err(error) => Self::unknown(error.to_string()).with_source(error.into()),
        }
    }
}

/// Names the code of an error where it is known.
///
/// ```
/// use protocall_core::{Code, Status, status::OrStatus};
///
/// fn age(text: &str) -> Result<u8, Status> {
///     text.parse().or_status(Code::InvalidArgument, "age is no number from 0 to 255")
/// }
/// let status = age("old").unwrap_err();
/// assert_eq!(status.code(), Code::InvalidArgument);
/// assert!(std::error::Error::source(&status).is_some());
/// ```
pub trait OrStatus<T>: Sized {
    /// The value, or a status of that code and message. The message alone is sent to the peer; the
    /// error becomes the status' source, which stays here.
    ///
    /// # Errors
    /// When there is no value.
    fn or_status(self, code: Code, message: impl Into<Cow<'static, str>>) -> Result<T, Status>;
}

impl<T, E: Into<Box<dyn Error + Send + Sync>>> OrStatus<T> for Result<T, E> {
    fn or_status(self, code: Code, message: impl Into<Cow<'static, str>>) -> Result<T, Status> {
        self.map_err(|error| Status::new(code, message).with_source(error.into().into()))
    }
}

impl<T> OrStatus<T> for Option<T> {
    fn or_status(self, code: Code, message: impl Into<Cow<'static, str>>) -> Result<T, Status> {
        self.ok_or_else(|| Status::new(code, message))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn code(kind: io::ErrorKind) -> Code {
        Status::from(io::Error::from(kind)).code()
    }

    #[test]
    fn errors_of_the_system_speak_of_this_program_and_not_of_the_request() {
        assert_eq!(code(io::ErrorKind::ConnectionRefused), Code::Unavailable);
        assert_eq!(code(io::ErrorKind::TimedOut), Code::Unavailable);
        assert_eq!(code(io::ErrorKind::StorageFull), Code::ResourceExhausted);
        assert_eq!(code(io::ErrorKind::NotFound), Code::Unknown);
        assert_eq!(code(io::ErrorKind::PermissionDenied), Code::Unknown);
        assert_eq!(code(io::ErrorKind::InvalidInput), Code::Unknown);
    }

    #[test]
    fn a_question_mark_keeps_the_cause() {
        fn handler() -> Result<(), Status> {
            Err(io::Error::other("the disk is on fire"))?;
            Ok(())
        }
        let status = handler().unwrap_err();
        assert_eq!(status.to_string(), "UNKNOWN: the disk is on fire");
        assert_eq!(status.source().unwrap().to_string(), "the disk is on fire");
        assert_eq!(Status::from(fmt::Error).code(), Code::Internal);
    }

    #[test]
    fn a_status_in_a_box_or_an_error_of_the_system_comes_out_again() {
        let status =
            Status::from(Box::from(Status::aborted("again")) as Box<dyn Error + Send + Sync>);
        assert_eq!((status.code(), status.message()), (Code::Aborted, "again"));
        let status = Status::from(io::Error::other(Status::aborted("again")));
        assert_eq!((status.code(), status.message()), (Code::Aborted, "again"));
        let status = Status::from(Box::<dyn Error + Send + Sync>::from("odd"));
        assert_eq!((status.code(), status.message()), (Code::Unknown, "odd"));
        assert!(status.source().is_some());
    }

    #[test]
    fn only_the_message_that_was_given_is_sent() {
        let secret: Result<(), _> = Err(io::Error::other("secret"));
        let status = secret.or_status(Code::Internal, "no luck").unwrap_err();
        assert_eq!(status.to_string(), "INTERNAL: no luck");
        assert_eq!(status.source().unwrap().to_string(), "secret");
        let status = None::<()>.or_status(Code::NotFound, "no such thing").unwrap_err();
        assert_eq!(status.code(), Code::NotFound);
        assert_eq!(size_of::<Result<(), Status>>(), size_of::<usize>());
    }
}
