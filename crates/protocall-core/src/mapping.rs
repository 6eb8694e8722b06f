//! Which gRPC code a failure below gRPC becomes (`http-grpc-status-mapping.md` and
//! `PROTOCOL-HTTP2.md` of the gRPC project). One table a cause, so that no other place guesses.

use crate::Code;

/// The code of a response that carries no `grpc-status`, by its HTTP status.
#[must_use]
pub const fn from_http_status(status: u16) -> Code {
    match status {
        400 => Code::Internal,
        401 => Code::Unauthenticated,
        403 => Code::PermissionDenied,
        404 => Code::Unimplemented,
        429 | 502 | 503 | 504 => Code::Unavailable,
        _ => Code::Unknown,
    }
}

/// The code of a stream that the peer ended by RST_STREAM, by its HTTP/2 error code.
///
/// `REFUSED_STREAM` says that the peer did nothing with the call, so it may be tried again.
#[must_use]
pub const fn from_reset(http2_error: u32) -> Code {
    match http2_error {
        0x7 => Code::Unavailable,
        0x8 => Code::Cancelled,
        0xb => Code::ResourceExhausted,
        0xc => Code::PermissionDenied,
        _ => Code::Internal,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn http_statuses() {
        assert_eq!(from_http_status(404), Code::Unimplemented);
        assert_eq!(from_http_status(431), Code::Unknown);
        assert_eq!(from_http_status(200), Code::Unknown);
        assert_eq!(from_http_status(503), Code::Unavailable);
    }

    #[test]
    fn resets() {
        assert_eq!(from_reset(0), Code::Internal);
        assert_eq!(from_reset(7), Code::Unavailable);
        assert_eq!(from_reset(8), Code::Cancelled);
        assert_eq!(from_reset(0xffff), Code::Internal);
    }
}
