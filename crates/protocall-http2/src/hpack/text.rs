//! Which characters a field's name and value may hold (RFC 9113 section 8.2.1). A breach is no
//! compression error: it makes the message malformed, and travels beside the decoded bytes.

/// Set by a symbol that no field name may hold: anything but `tchar` in lower case (RFC 9110
/// section 5.6.2) and the colon.
pub(super) const BAD_IN_NAME: u8 = 1;
/// Set by the colon, which may only open a name, that of a pseudo-header field.
pub(super) const COLON: u8 = 2;
/// Set by NUL, CR and LF, which no value may hold.
pub(super) const BAD_IN_VALUE: u8 = 4;

/// The flags of each octet.
pub(super) static CLASSES: [u8; 256] = classes();

/// What is wrong with a field; small, because each entry of the dynamic table keeps one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flaw {
    EmptyName,
    NameCharacter,
    ValueCharacter,
    ValueEdge,
}

impl Flaw {
    /// The reason that the malformed list carries.
    pub(super) const fn reason(self) -> &'static str {
        match self {
            Self::EmptyName => "field name is empty",
            Self::NameCharacter => "field name has a character that is not allowed",
            Self::ValueCharacter => "field value has NUL, CR or LF",
            Self::ValueEdge => "field value begins or ends with white space",
        }
    }
}

/// The flags of a run of octets, joined.
pub(super) fn classify(bytes: &[u8]) -> u8 {
    bytes.iter().fold(0, |flags, &byte| flags | CLASSES[usize::from(byte)])
}

/// What is wrong with `name`, whose octets have the joined `flags`.
pub(super) fn name_flaw(name: &[u8], flags: u8) -> Option<Flaw> {
    if flags & (BAD_IN_NAME | COLON) == 0 && !name.is_empty() {
        return None;
    }
    match name {
        [] => Some(Flaw::EmptyName),
        _ if flags & BAD_IN_NAME != 0 => Some(Flaw::NameCharacter),
        [b':', rest @ ..] if !rest.is_empty() && !rest.contains(&b':') => None,
        _ => Some(Flaw::NameCharacter),
    }
}

/// What is wrong with `value`, whose octets have the joined `flags`.
pub(super) fn value_flaw(value: &[u8], flags: u8) -> Option<Flaw> {
    if flags & BAD_IN_VALUE != 0 {
        return Some(Flaw::ValueCharacter);
    }
    let white = |byte: Option<&u8>| matches!(byte, Some(b' ' | b'\t'));
    (white(value.first()) || white(value.last())).then_some(Flaw::ValueEdge)
}

const fn classes() -> [u8; 256] {
    let mut table = [0; 256];
    let mut octet = 0;
    while octet < 256 {
        table[octet] = class(octet as u8);
        octet += 1;
    }
    table
}

const fn class(octet: u8) -> u8 {
    let name = match octet {
        b':' => COLON,
        b'a'..=b'z' | b'0'..=b'9' => 0,
        b'!' | b'#' | b'$' | b'%' | b'&' | b'\'' | b'*' | b'+' | b'-' | b'.' | b'^' | b'_'
        | b'`' | b'|' | b'~' => 0,
        _ => BAD_IN_NAME,
    };
    let value = match octet {
        0 | b'\r' | b'\n' => BAD_IN_VALUE,
        _ => 0,
    };
    name | value
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(name: &[u8]) -> Option<Flaw> {
        name_flaw(name, classify(name))
    }

    fn value(value: &[u8]) -> Option<Flaw> {
        value_flaw(value, classify(value))
    }

    #[test]
    fn names() {
        for good in [&b"a"[..], b":path", b"x-request-id", b"!#$%&'*+-.^_`|~09az"] {
            assert_eq!(name(good), None, "{}", good.escape_ascii());
        }
        assert_eq!(name(b""), Some(Flaw::EmptyName));
        for bad in [&b":"[..], b"::a", b"a:b", b":a:", b"Path", b"a b", b"a\0", b"\x7f", b"\xc3"] {
            assert_eq!(name(bad), Some(Flaw::NameCharacter), "{}", bad.escape_ascii());
        }
    }

    #[test]
    fn values() {
        for good in [&b""[..], b"a b", b"\xff\x80", b"a\tb", b"\x01"] {
            assert_eq!(value(good), None, "{}", good.escape_ascii());
        }
        for bad in [&b"a\0"[..], b"\r", b"a\nb"] {
            assert_eq!(value(bad), Some(Flaw::ValueCharacter), "{}", bad.escape_ascii());
        }
        for bad in [&b" a"[..], b"a ", b"\ta", b"a\t", b" "] {
            assert_eq!(value(bad), Some(Flaw::ValueEdge), "{}", bad.escape_ascii());
        }
    }
}
