//! Bytes as Python literals, in the two ways that protobuf's generator writes them.

/// For descriptors: hexadecimal. Python reads a hexadecimal escape to its second digit, C to the
/// last that follows; the generator plays safe, so a digit after an escape is escaped too.
pub(super) fn hex(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len() * 2);
    let mut after_escape = false;
    for &byte in bytes {
        if push_readable(&mut out, byte, !(after_escape && byte.is_ascii_hexdigit())) {
            after_escape = false;
        } else {
            out.push_str("\\x");
            push_digits(&mut out, byte, 16, 2);
            after_escape = true;
        }
    }
    out
}

/// For options: always three octal digits.
pub(super) fn octal(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len() * 2);
    for &byte in bytes {
        if !push_readable(&mut out, byte, true) {
            out.push('\\');
            push_digits(&mut out, byte, 8, 3);
        }
    }
    out
}

/// Writes a byte that needs no number: whether there was one to write.
fn push_readable(out: &mut String, byte: u8, plain: bool) -> bool {
    match byte {
        b'\n' => out.push_str("\\n"),
        b'\r' => out.push_str("\\r"),
        b'\t' => out.push_str("\\t"),
        b'"' | b'\'' | b'\\' => {
            out.push('\\');
            out.push(char::from(byte));
        }
        b' '..=b'~' if plain => out.push(char::from(byte)),
        _ => return false,
    }
    true
}

fn push_digits(out: &mut String, byte: u8, base: u32, count: u32) {
    for place in (0..count).rev() {
        let digit = u32::from(byte) / base.pow(place) % base;
        out.extend(char::from_digit(digit, base));
    }
}

#[cfg(test)]
mod tests {
    //! Both escapings, at their edges.

    use super::{hex, octal};

    #[test]
    fn readable_bytes_stay() {
        assert_eq!(hex(b"az AZ ~"), "az AZ ~");
        assert_eq!(octal(b"az AZ ~"), "az AZ ~");
        assert_eq!(hex(b"\n\r\t\"'\\"), "\\n\\r\\t\\\"\\'\\\\");
        assert_eq!(octal(b"\n\r\t\"'\\"), "\\n\\r\\t\\\"\\'\\\\");
    }

    #[test]
    fn a_digit_after_a_hexadecimal_escape_is_escaped() {
        assert_eq!(hex(b"\x01f\x0aG"), "\\x01\\x66\\nG");
        assert_eq!(hex(b"\x01faFg9"), "\\x01\\x66\\x61\\x46g9");
        assert_eq!(hex(b"\x01\nf"), "\\x01\\nf");
        assert_eq!(octal(b"\x017"), "\\0017");
    }

    #[test]
    fn everything_else_is_a_number() {
        assert_eq!(hex(&[0, 0x1f, 0x7f, 0x80, 0xff]), "\\x00\\x1f\\x7f\\x80\\xff");
        assert_eq!(octal(&[0, 0x1f, 0x7f, 0x80, 0xff]), "\\000\\037\\177\\200\\377");
    }
}
