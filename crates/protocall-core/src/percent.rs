//! The percent-encoding of `grpc-message`: UTF-8 text in a header value.
//!
//! Bytes outside 0x20 to 0x7E and `%` itself are escaped. Decoding never fails, since a status must
//! reach its caller whatever a peer wrote: a bad escape stays as it is, bad UTF-8 is replaced.

use percent_encoding::{AsciiSet, CONTROLS};
use std::borrow::Cow;

/// Space to `~` stay, but not `%`. Bytes of 0x80 and more are always escaped by the encoder.
const ESCAPED: &AsciiSet = &CONTROLS.add(b'%');

/// Text in the form that a header value may have.
#[must_use]
pub fn encode(text: &str) -> Cow<'_, str> {
    let escaped: Cow<'_, str> = percent_encoding::utf8_percent_encode(text, ESCAPED).into();
    if !escaped.starts_with(' ') && !escaped.ends_with(' ') {
        return escaped;
    }
    // a field value must not begin or end with a space (RFC 9113 section 8.2.1)
    let rest = escaped.trim_start_matches(' ');
    let before = escaped.len() - rest.len();
    let middle = rest.trim_end_matches(' ');
    let after = rest.len() - middle.len();
    Cow::Owned(["%20".repeat(before).as_str(), middle, "%20".repeat(after).as_str()].concat())
}

/// The text of a header value.
#[must_use]
pub fn decode(value: &[u8]) -> String {
    percent_encoding::percent_decode(value).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_survives() {
        for text in [
            "",
            "plain text",
            "100 % sure",
            "\t\r\n",
            "Grüße, 世界 \u{1f600}",
            "a%20b",
            "\u{7f}",
            " ",
            "  a b  ",
        ] {
            let wire = encode(text);
            assert!(wire.bytes().all(|b| (0x20..=0x7e).contains(&b)), "{wire:?}");
            assert_eq!(wire.trim(), wire, "HTTP/2 forbids spaces at the edges");
            assert_eq!(decode(wire.as_bytes()), text);
        }
    }

    #[test]
    fn bad_escapes_are_kept_as_they_are() {
        assert_eq!(decode(b"50% of %zz and %4"), "50% of %zz and %4");
        assert_eq!(decode(b"%ff!"), "\u{fffd}!");
    }
}
