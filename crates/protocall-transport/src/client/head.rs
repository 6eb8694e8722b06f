//! The pieces of a request's header list, as HTTP/2 takes them.
//!
//! Which fields a call has is `protocall-core`'s; here they become templates and parts.

use super::Config;
use protocall_core::head::request::{CONSTANT, accept_encoding};
use protocall_http2::{self as http2, Field, Indexing, Part, TemplateId};

/// The fields that every request of the connection has: pseudo-fields before the path, and what
/// follows the timeout.
pub(super) fn templates(http2: &mut http2::Connection, config: &Config) -> [TemplateId; 2] {
    let field = |name, value| Field { name, value, indexing: Indexing::Indexed };
    let first = http2.add_template(&[
        field(&b":method"[..], &b"POST"[..]),
        field(b":scheme", config.scheme.as_bytes()),
        field(b":authority", config.authority.as_bytes()),
    ]);
    let mut constant: Vec<_> = CONSTANT.iter().map(|(name, value)| field(name, value)).collect();
    constant.extend(accept_encoding(&config.compressions).map(|(name, value)| field(name, value)));
    constant.push(field(b"user-agent", config.user_agent.as_bytes()));
    [first, http2.add_template(&constant)]
}

/// The path of a call, which comes again and again.
pub(super) fn path(path: &str) -> Part<'_> {
    Part::Field(Field { name: b":path", value: path.as_bytes(), indexing: Indexing::Indexed })
}

/// A field that the encoder need not remember; secrets stay out of every table on the way
/// (RFC 7541 section 7.1.3).
pub(super) fn literal<'a>((name, value): (&'a [u8], &'a [u8])) -> Part<'a> {
    let secret = matches!(name, b"authorization" | b"proxy-authorization" | b"cookie");
    let indexing = if secret { Indexing::Never } else { Indexing::Literal };
    Part::Field(Field { name, value, indexing })
}
