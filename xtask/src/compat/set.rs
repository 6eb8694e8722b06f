//! Takes `FileDescriptorSet`s apart, as bytes: which file's record differs between two of them.
//! Knows the wire format of that one message and nothing else of protobuf.

use std::collections::HashMap;

/// The names of the files, of those that were asked for, whose descriptors differ; all of them if
/// the sets are of other files or in another order.
pub(super) fn different(
    theirs: &[u8],
    ours: &[u8],
    asked: &[String],
) -> Result<Vec<String>, String> {
    if theirs == ours {
        return Ok(Vec::new());
    }
    let (theirs, ours) = (records(theirs)?, records(ours)?);
    let order = |records: &[(String, &[u8])]| -> Vec<String> {
        records.iter().map(|(name, _)| name.clone()).collect()
    };
    if order(&theirs) != order(&ours) {
        return Ok(asked.to_vec());
    }
    let ours: HashMap<&str, &[u8]> =
        ours.iter().map(|(name, bytes)| (name.as_str(), *bytes)).collect();
    let differs = |(name, bytes): &&(String, &[u8])| ours.get(name.as_str()) != Some(bytes);
    Ok(theirs.iter().filter(differs).map(|(name, _)| name.clone()).collect())
}

/// Name and bytes of each file's descriptor.
fn records(mut set: &[u8]) -> Result<Vec<(String, &[u8])>, String> {
    let mut records = Vec::new();
    while !set.is_empty() {
        let file = field_one(&mut set).ok_or("a descriptor set is cut off")?;
        let name = field_one(&mut { file }).ok_or("a file's descriptor begins without a name")?;
        records.push((String::from_utf8_lossy(name).into_owned(), file));
    }
    Ok(records)
}

/// A length-delimited field with number 1, which is taken from the bytes.
fn field_one<'a>(bytes: &mut &'a [u8]) -> Option<&'a [u8]> {
    let (tag, rest) = bytes.split_first()?;
    if *tag != 0x0a {
        return None;
    }
    let mut rest = rest;
    let mut length = 0usize;
    for shift in (0..35).step_by(7) {
        let (byte, after) = rest.split_first()?;
        rest = after;
        length |= usize::from(byte & 0x7f) << shift;
        if *byte < 0x80 {
            let (field, after) = rest.split_at_checked(length)?;
            *bytes = after;
            return Some(field);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_that_differs_is_named() {
        let file = |name: u8, package: u8| [0x0a, 6, 0x0a, 1, name, 0x12, 1, package];
        let theirs = [file(b'a', b'x'), file(b'b', b'x')].concat();
        let ours = [file(b'a', b'x'), file(b'b', b'y')].concat();
        let asked = ["a".to_owned(), "b".to_owned()];
        assert_eq!(different(&theirs, &theirs, &asked), Ok(Vec::new()));
        assert_eq!(different(&theirs, &ours, &asked), Ok(vec!["b".to_owned()]));
        let swapped = [file(b'b', b'x'), file(b'a', b'x')].concat();
        assert_eq!(different(&theirs, &swapped, &asked), Ok(asked.to_vec()));
        assert!(different(&theirs, &theirs[..5], &asked).is_err());
    }
}
