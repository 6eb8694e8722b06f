//! The files of an encoded `FileDescriptorSet`, each as the bytes that it consists of.
//! What is in a file is read by the message library; this only finds where each begins and ends.

/// The field `file` of `FileDescriptorSet`, as a length-delimited field.
const FILE: u64 = 1 << 3 | 2;

/// The files of a set that is well-formed; of another those in front of its first mistake.
pub(super) fn files(mut set: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        loop {
            let tag = varint(&mut set)?;
            let content = match tag & 7 {
                0 => {
                    varint(&mut set)?;
                    continue;
                }
                1 => take(&mut set, 8)?,
                2 => {
                    let length = usize::try_from(varint(&mut set)?).ok()?;
                    take(&mut set, length)?
                }
                5 => take(&mut set, 4)?,
                _ => return None,
            };
            if tag == FILE {
                return Some(content);
            }
        }
    })
}

fn take<'a>(bytes: &mut &'a [u8], length: usize) -> Option<&'a [u8]> {
    let (taken, rest) = bytes.split_at_checked(length)?;
    *bytes = rest;
    Some(taken)
}

fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let (&byte, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some(value);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_fields_are_passed_over() {
        let set = b"\x10\x81\x01\x0a\x02ab\x19........\x1a\x01z\x0a\x00\x25....\x0a\x01c";
        assert_eq!(files(set).collect::<Vec<_>>(), [&b"ab"[..], b"", b"c"]);
    }

    #[test]
    fn a_mistake_ends_it() {
        for set in [&b"\x0a\x01a\x0a\x05b"[..], b"\x0a\x01a\x0b", b"\x0a\x01a\xff"] {
            assert_eq!(files(set).collect::<Vec<_>>(), [b"a"]);
        }
        assert_eq!(files(&[0xff; 11]).count(), 0);
    }
}
