//! The error that a call ends with: code, message, details, metadata and cause.
//!
//! One pointer wide, so that `Result<T, Status>` stays small. Reading and writing it as header
//! fields is [`head`](crate::head); which code a lower failure becomes is
//! [`mapping`](crate::mapping).

mod convert;

pub use convert::OrStatus;

use crate::{Code, Metadata, Method};
use bytes::Bytes;
use std::borrow::Cow;
use std::error::Error;
use std::fmt;
use std::sync::Arc;

/// Why a call failed.
///
/// A status with [`Code::Ok`] is not an error and is never the `Err` of a call: a handler that
/// returns one as its error is answered with `UNKNOWN`, which says so.
#[derive(Clone)]
pub struct Status(Box<Inner>);

#[derive(Clone)]
struct Inner {
    code: Code,
    message: Cow<'static, str>,
    details: Bytes,
    metadata: Metadata,
    headers: Metadata,
    source: Option<Arc<dyn Error + Send + Sync>>,
}

macro_rules! constructors {
    ($($(#[$doc:meta])* $name:ident $code:ident;)*) => {$(
        $(#[$doc])*
        #[must_use]
        pub fn $name(message: impl Into<Cow<'static, str>>) -> Self {
            Self::new(Code::$code, message)
        }
    )*};
}

impl Status {
    /// A status of that code; the message is for people and is sent to the peer.
    #[must_use]
    pub fn new(code: Code, message: impl Into<Cow<'static, str>>) -> Self {
        Self(Box::new(Inner {
            code,
            message: message.into(),
            details: Bytes::new(),
            metadata: Metadata::new(),
            headers: Metadata::new(),
            source: None,
        }))
    }

    constructors! {
        /// [`Code::Cancelled`].
        cancelled Cancelled;
        /// [`Code::Unknown`].
        unknown Unknown;
        /// [`Code::InvalidArgument`].
        invalid_argument InvalidArgument;
        /// [`Code::DeadlineExceeded`].
        deadline_exceeded DeadlineExceeded;
        /// [`Code::NotFound`].
        not_found NotFound;
        /// [`Code::AlreadyExists`].
        already_exists AlreadyExists;
        /// [`Code::PermissionDenied`].
        permission_denied PermissionDenied;
        /// [`Code::ResourceExhausted`].
        resource_exhausted ResourceExhausted;
        /// [`Code::FailedPrecondition`].
        failed_precondition FailedPrecondition;
        /// [`Code::Aborted`].
        aborted Aborted;
        /// [`Code::OutOfRange`].
        out_of_range OutOfRange;
        /// [`Code::Unimplemented`].
        unimplemented Unimplemented;
        /// [`Code::Internal`].
        internal Internal;
        /// [`Code::Unavailable`].
        unavailable Unavailable;
        /// [`Code::DataLoss`].
        data_loss DataLoss;
        /// [`Code::Unauthenticated`].
        unauthenticated Unauthenticated;
    }

    /// What a server answers for a method that its author did not write.
    #[must_use]
    pub fn unimplemented_method(method: &Method) -> Self {
        Self::unimplemented(format!(
            "method {} of service {} is not implemented",
            method.name(),
            method.service()
        ))
    }

    /// The code.
    #[must_use]
    pub fn code(&self) -> Code {
        self.0.code
    }

    /// The message for people; may be empty.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The bytes of `grpc-status-details-bin`: an encoded `google.rpc.Status`, or empty.
    #[must_use]
    pub fn details(&self) -> &Bytes {
        &self.0.details
    }

    /// The trailing metadata that came, or goes, with the status.
    #[must_use]
    pub fn metadata(&self) -> &Metadata {
        &self.0.metadata
    }

    /// The trailing metadata, to change it.
    pub fn metadata_mut(&mut self) -> &mut Metadata {
        &mut self.0.metadata
    }

    /// The same status with these details (an encoded `google.rpc.Status`).
    #[must_use]
    pub fn with_details(mut self, details: impl Into<Bytes>) -> Self {
        self.0.details = details.into();
        self
    }

    /// The same status with this trailing metadata.
    #[must_use]
    pub fn with_metadata(mut self, metadata: Metadata) -> Self {
        self.0.metadata = metadata;
        self
    }

    /// The leading metadata of a call that failed behind it. On a client: what the server sent
    /// before the status, of calls with one response (streams tell it themselves). On a server:
    /// what [`Status::with_headers`] was given.
    #[must_use]
    pub fn headers(&self) -> &Metadata {
        &self.0.headers
    }

    /// The same status with leading metadata, which a server sends in front of it if it has not
    /// sent any yet.
    #[must_use]
    pub fn with_headers(mut self, headers: Metadata) -> Self {
        self.0.headers = headers;
        self
    }

    /// The same status with its cause, which stays on this side and is never sent.
    #[must_use]
    pub fn with_source(mut self, source: Arc<dyn Error + Send + Sync>) -> Self {
        self.0.source = Some(source);
        self
    }
}

impl fmt::Debug for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct("Status");
        out.field("code", &self.0.code).field("message", &self.0.message);
        if !self.0.details.is_empty() {
            out.field("details", &self.0.details);
        }
        if !self.0.metadata.is_empty() {
            out.field("metadata", &self.0.metadata);
        }
        if !self.0.headers.is_empty() {
            out.field("headers", &self.0.headers);
        }
        if let Some(source) = &self.0.source {
            out.field("source", source);
        }
        out.finish()
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.code)?;
        if !self.0.message.is_empty() {
            write!(f, ": {}", self.0.message)?;
        }
        Ok(())
    }
}

impl Error for Status {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.source.as_deref().map(|source| source as &(dyn Error + 'static))
    }
}

#[cfg(test)]
mod tests;
