//! Typed details of a status: `google.rpc.Status` and the standard messages in it.
//!
//! They travel in `grpc-status-details-bin`, as the API Design Guide has it. The messages are
//! generated; a status' other parts are `protocall-core`'s.

#[rustfmt::skip]
mod generated {
    include!("generated/error_details/protocall.rs");
}
mod list;

/// The package `google.rpc`, as generated.
pub use generated::google::rpc;
pub use list::{ErrorDetail, ErrorDetails};
pub use rpc::{
    BadRequest, DebugInfo, ErrorInfo, Help, LocalizedMessage, PreconditionFailure, QuotaFailure,
    RequestInfo, ResourceInfo, RetryInfo,
};

use buffa::{DecodeError, Message};
use protocall_core::Status;
use std::time::Duration;

/// The descriptors of `google.rpc`'s details: an encoded `google.protobuf.FileDescriptorSet`.
pub use generated::FILE_DESCRIPTOR_SET;

/// Reads and writes the details of a [`Status`].
///
/// ```
/// use protocall_core::Status;
/// use protocall_services::error_details::{BadRequest, ErrorInfo, StatusExt};
///
/// let status = Status::invalid_argument("the name is empty")
///     .with_error_details([BadRequest::field("name", "must not be empty")])
///     .with_error_details([ErrorInfo::new("NAME_EMPTY", "example.com")]);
///
/// // on the other side
/// let details = status.error_details()?;
/// let violations = &details.bad_request().unwrap().field_violations;
/// assert_eq!(violations[0].field, "name");
/// assert_eq!(details.error_info().unwrap().reason, "NAME_EMPTY");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait StatusExt: Sized {
    /// The same status with these details behind those that it has. Details that it has and that
    /// are no `google.rpc.Status` are replaced.
    ///
    /// They travel as a header field: keep them small. The peer's limit to all header fields is
    /// often 8 KiB; a status that exceeds it reaches the peer without its details.
    #[must_use]
    fn with_error_details<D: Into<ErrorDetail>>(self, details: impl IntoIterator<Item = D>)
    -> Self;

    /// The details, in order; none when there are none.
    ///
    /// # Errors
    /// [`DecodeError`] when the details' bytes are no `google.rpc.Status`. A single detail that
    /// cannot be decoded is kept as [`ErrorDetail::Other`].
    fn error_details(&self) -> Result<ErrorDetails, DecodeError>;

    /// The whole of it as the message `google.rpc.Status`, for what keeps or forwards it. A status
    /// without details gives one of its code and message.
    ///
    /// # Errors
    /// As [`StatusExt::error_details`].
    fn to_rpc_status(&self) -> Result<rpc::Status, DecodeError>;
}

impl StatusExt for Status {
    fn with_error_details<D: Into<ErrorDetail>>(
        self,
        details: impl IntoIterator<Item = D>,
    ) -> Self {
        let mut message = self.to_rpc_status().unwrap_or_else(|_| without_details(&self));
        message.details.extend(details.into_iter().map(|detail| detail.into().into_any()));
        // what the peer reads must be what the status says, whoever wrote the details before
        message.code = self.code() as i32;
        self.message().clone_into(&mut message.message);
        self.with_details(message.encode_to_vec())
    }

    fn error_details(&self) -> Result<ErrorDetails, DecodeError> {
        let message = self.to_rpc_status()?;
        Ok(message.details.into_iter().map(ErrorDetail::from_any).collect())
    }

    fn to_rpc_status(&self) -> Result<rpc::Status, DecodeError> {
        if self.details().is_empty() {
            return Ok(without_details(self));
        }
        rpc::Status::decode_from_slice(self.details())
    }
}

fn without_details(status: &Status) -> rpc::Status {
    rpc::Status {
        code: status.code() as i32,
        message: status.message().to_owned(),
        ..rpc::Status::default()
    }
}

impl ErrorInfo {
    /// A reason (`UPPER_SNAKE_CASE`, at most 63 characters) within a domain, such as
    /// `example.com`.
    #[must_use]
    pub fn new(reason: impl Into<String>, domain: impl Into<String>) -> Self {
        Self { reason: reason.into(), domain: domain.into(), ..Self::default() }
    }

    /// The same with another pair of metadata.
    #[must_use]
    pub fn with(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.metadata.insert(key.into(), value.into());
        self
    }
}

impl RetryInfo {
    /// Not again before that much time has passed. At most 10,000 years, as protobuf has it.
    #[must_use]
    pub fn after(delay: Duration) -> Self {
        /// What `google.protobuf.Duration` can say (duration.proto).
        const LONGEST: i64 = 315_576_000_000;
        let seconds = i64::try_from(delay.as_secs()).unwrap_or(LONGEST).min(LONGEST);
        let nanos = i32::try_from(delay.subsec_nanos()).unwrap_or_default();
        let delay =
            buffa_types::google::protobuf::Duration { seconds, nanos, ..Default::default() };
        Self { retry_delay: buffa::MessageField::some(delay), ..Self::default() }
    }

    /// How long to wait before trying again; `None` when it is absent or negative.
    #[must_use]
    pub fn delay(&self) -> Option<Duration> {
        let delay = self.retry_delay.as_option()?;
        Some(Duration::new(
            u64::try_from(delay.seconds).ok()?,
            u32::try_from(delay.nanos).ok().filter(|nanos| *nanos < 1_000_000_000)?,
        ))
    }
}

impl DebugInfo {
    /// What helps whoever looks for the mistake. Do not send it to strangers.
    #[must_use]
    pub fn new(detail: impl Into<String>) -> Self {
        Self { detail: detail.into(), ..Self::default() }
    }
}

impl QuotaFailure {
    /// A quota of a subject (`project:example`) that was exceeded.
    #[must_use]
    pub fn violation(subject: impl Into<String>, description: impl Into<String>) -> Self {
        Self::default().and(subject, description)
    }

    /// The same with another violation.
    #[must_use]
    pub fn and(mut self, subject: impl Into<String>, description: impl Into<String>) -> Self {
        let (subject, description) = (subject.into(), description.into());
        let violation =
            rpc::quota_failure::Violation { subject, description, ..Default::default() };
        self.violations.push(violation);
        self
    }
}

impl PreconditionFailure {
    /// A precondition of a type (`TOS`) that a subject does not meet.
    #[must_use]
    pub fn violation(
        r#type: impl Into<String>,
        subject: impl Into<String>,
        description: impl Into<String>,
    ) -> Self {
        Self::default().and(r#type, subject, description)
    }

    /// The same with another violation.
    #[must_use]
    pub fn and(
        mut self,
        r#type: impl Into<String>,
        subject: impl Into<String>,
        description: impl Into<String>,
    ) -> Self {
        self.violations.push(rpc::precondition_failure::Violation {
            r#type: r#type.into(),
            subject: subject.into(),
            description: description.into(),
            ..Default::default()
        });
        self
    }
}

impl BadRequest {
    /// What is wrong with a field of the request, named by its path (`address.lines[0]`).
    #[must_use]
    pub fn field(field: impl Into<String>, description: impl Into<String>) -> Self {
        Self::default().and(field, description)
    }

    /// The same with another field.
    #[must_use]
    pub fn and(mut self, field: impl Into<String>, description: impl Into<String>) -> Self {
        let (field, description) = (field.into(), description.into());
        let violation =
            rpc::bad_request::FieldViolation { field, description, ..Default::default() };
        self.field_violations.push(violation);
        self
    }
}

impl RequestInfo {
    /// By which the service's owner finds the request again.
    #[must_use]
    pub fn new(request_id: impl Into<String>) -> Self {
        Self { request_id: request_id.into(), ..Self::default() }
    }
}

impl ResourceInfo {
    /// A resource by its type (`file`) and name.
    #[must_use]
    pub fn new(resource_type: impl Into<String>, resource_name: impl Into<String>) -> Self {
        Self {
            resource_type: resource_type.into(),
            resource_name: resource_name.into(),
            ..Self::default()
        }
    }
}

impl Help {
    /// A page that helps.
    #[must_use]
    pub fn link(description: impl Into<String>, url: impl Into<String>) -> Self {
        Self::default().and(description, url)
    }

    /// The same with another page.
    #[must_use]
    pub fn and(mut self, description: impl Into<String>, url: impl Into<String>) -> Self {
        let (description, url) = (description.into(), url.into());
        self.links.push(rpc::help::Link { description, url, ..Default::default() });
        self
    }
}

impl LocalizedMessage {
    /// A message for the user, in the language of a BCP 47 tag (`en-US`).
    #[must_use]
    pub fn new(locale: impl Into<String>, message: impl Into<String>) -> Self {
        Self { locale: locale.into(), message: message.into(), ..Self::default() }
    }
}

#[cfg(test)]
mod tests;
