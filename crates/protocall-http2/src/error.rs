//! What can go wrong, as values: wire error codes (RFC 9113 section 7), the end of a connection,
//! and the answers to commands that came too late.

use core::fmt;

use crate::budget::Limit;

/// An HTTP/2 error code as it travels in RST_STREAM and GOAWAY (RFC 9113 section 7).
///
/// Unknown codes are kept as they came, since RFC 9113 gives them no special meaning.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ErrorCode(u32);

macro_rules! error_codes {
    ($($(#[$doc:meta])* $name:ident = $value:literal;)*) => {
        impl ErrorCode {
            $($(#[$doc])* pub const $name: Self = Self($value);)*

            /// The registered name; `None` for a code that RFC 9113 does not define.
            pub const fn name(self) -> Option<&'static str> {
                match self.0 {
                    $($value => Some(stringify!($name)),)*
                    _ => None,
                }
            }
        }
    };
}

error_codes! {
    /// Not an error: a graceful end.
    NO_ERROR = 0x0;
    /// The peer broke the protocol and no better code fits.
    PROTOCOL_ERROR = 0x1;
    /// The sender failed for a reason of its own.
    INTERNAL_ERROR = 0x2;
    /// The peer sent more than flow control allowed.
    FLOW_CONTROL_ERROR = 0x3;
    /// SETTINGS were not acknowledged in time.
    SETTINGS_TIMEOUT = 0x4;
    /// A frame came on a stream that was half-closed or closed.
    STREAM_CLOSED = 0x5;
    /// A frame had a size that its type forbids.
    FRAME_SIZE_ERROR = 0x6;
    /// The stream was refused before any of it was processed: safe to retry.
    REFUSED_STREAM = 0x7;
    /// The stream is no longer wanted.
    CANCEL = 0x8;
    /// The header compression state cannot be kept.
    COMPRESSION_ERROR = 0x9;
    /// The connection behind a CONNECT request failed.
    CONNECT_ERROR = 0xa;
    /// The peer's behaviour causes excessive load.
    ENHANCE_YOUR_CALM = 0xb;
    /// The transport's security does not suffice.
    INADEQUATE_SECURITY = 0xc;
    /// The request needs HTTP/1.1.
    HTTP_1_1_REQUIRED = 0xd;
}

impl ErrorCode {
    /// The code with this wire value.
    pub const fn from_wire(value: u32) -> Self {
        Self(value)
    }

    /// The value on the wire.
    pub const fn to_wire(self) -> u32 {
        self.0
    }
}

impl fmt::Debug for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.write_str(name),
            None => write!(f, "error code {:#x}", self.0),
        }
    }
}

/// Why a connection died, by culprit: what a driver does next depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ConnectionErrorKind {
    /// The first bytes were not HTTP/2. No GOAWAY was queued and output that was not yet written
    /// was dropped, so that the driver can answer in the peer's own protocol (HTTP/1.1 400).
    NotHttp2,
    /// The peer broke RFC 9113 or RFC 7541.
    Protocol,
    /// The peer kept to the protocol but went over a limit of ours.
    Abuse,
    /// The peer stayed silent for too long (preface, header block, keepalive).
    Timeout,
}

/// The end of a connection. Except for [`ConnectionErrorKind::NotHttp2`], the GOAWAY that says so
/// is already in the output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConnectionError {
    /// The code that GOAWAY carries.
    pub code: ErrorCode,
    /// What happened, in plain words; GOAWAY carries it as debug data.
    pub reason: &'static str,
    /// Whose fault it was.
    pub kind: ConnectionErrorKind,
    /// The limit that was crossed, if it was one.
    pub limit: Option<Limit>,
}

impl fmt::Display for ConnectionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.reason, self.code)
    }
}

impl core::error::Error for ConnectionError {}

impl ConnectionError {
    pub(crate) const fn protocol(reason: &'static str) -> Self {
        Self::broken(ErrorCode::PROTOCOL_ERROR, reason)
    }

    pub(crate) const fn frame_size(reason: &'static str) -> Self {
        Self::broken(ErrorCode::FRAME_SIZE_ERROR, reason)
    }

    pub(crate) const fn flow_control(reason: &'static str) -> Self {
        Self::broken(ErrorCode::FLOW_CONTROL_ERROR, reason)
    }

    pub(crate) const fn broken(code: ErrorCode, reason: &'static str) -> Self {
        Self { code, reason, kind: ConnectionErrorKind::Protocol, limit: None }
    }

    /// The peer broke a limit that the protocol itself knows.
    pub(crate) const fn beyond(code: ErrorCode, limit: Limit) -> Self {
        Self { limit: Some(limit), ..Self::broken(code, limit.reason()) }
    }

    pub(crate) const fn abuse(limit: Limit) -> Self {
        let code = ErrorCode::ENHANCE_YOUR_CALM;
        Self { kind: ConnectionErrorKind::Abuse, ..Self::beyond(code, limit) }
    }

    pub(crate) const fn timeout(code: ErrorCode, limit: Limit) -> Self {
        Self { kind: ConnectionErrorKind::Timeout, ..Self::beyond(code, limit) }
    }

    pub(crate) const fn not_http2(reason: &'static str) -> Self {
        let code = ErrorCode::PROTOCOL_ERROR;
        Self { kind: ConnectionErrorKind::NotHttp2, ..Self::broken(code, reason) }
    }
}

/// The stream that a command named is closed and its slot freed (or reused).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StreamGone;

impl fmt::Display for StreamGone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the stream is closed")
    }
}

impl core::error::Error for StreamGone {}

/// Why headers or data could not be sent. Nothing was sent or changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SendError {
    /// The stream is closed; [`StreamGone`].
    StreamGone,
    /// The command does not fit the stream's state: data before headers, headers in the middle of
    /// data without ending the stream, or anything after the end.
    OutOfOrder,
    /// The header list is larger than the peer accepts (its SETTINGS_MAX_HEADER_LIST_SIZE).
    HeaderListTooLarge,
}

impl fmt::Display for SendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::StreamGone => "the stream is closed",
            Self::OutOfOrder => "the stream's state does not allow this to be sent",
            Self::HeaderListTooLarge => "the header list is larger than the peer accepts",
        })
    }
}

impl core::error::Error for SendError {}

impl From<StreamGone> for SendError {
    fn from(_: StreamGone) -> Self {
        Self::StreamGone
    }
}

/// Why a stream could not be opened. Nothing was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum OpenError {
    /// As many streams are open as the peer allows; wait for one to end, or use another connection.
    ConcurrencyLimit,
    /// The stream ids of this connection are used up; use another connection.
    IdsExhausted,
    /// The connection is shutting down or dead; use another connection.
    GoingAway,
    /// The header list is larger than the peer accepts (its SETTINGS_MAX_HEADER_LIST_SIZE).
    HeaderListTooLarge,
    /// Only a client opens streams.
    NotClient,
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ConcurrencyLimit => "the peer allows no further concurrent stream",
            Self::IdsExhausted => "the connection's stream ids are used up",
            Self::GoingAway => "the connection is going away",
            Self::HeaderListTooLarge => "the header list is larger than the peer accepts",
            Self::NotClient => "only a client opens streams",
        })
    }
}

impl core::error::Error for OpenError {}
