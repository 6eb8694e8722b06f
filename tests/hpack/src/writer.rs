//! The format itself (RFC 7541 sections 5 and 6), with every freedom it leaves to an encoder.
//! Which of them is taken is `session`'s choice.

use protocall_http2::Field;
use protocall_http2::hpack::Encoder;

/// An integer with a prefix of `bits` bits behind the pattern in `first` (section 5.1); `zeros`
/// octets of value zero make it longer than it need be.
pub(crate) fn integer(first: u8, bits: u32, value: usize, zeros: usize, out: &mut Vec<u8>) {
    let limit = (1_usize << bits) - 1;
    if value < limit && zeros == 0 {
        return out.push(first | value as u8);
    }
    out.push(first | limit as u8);
    // what does not fit the prefix; a value that does cannot be written longer
    let mut rest = value.saturating_sub(limit);
    while rest >= 128 {
        out.push(rest as u8 | 128);
        rest >>= 7;
    }
    if zeros == 0 {
        return out.push(rest as u8);
    }
    out.push(rest as u8 | 128);
    out.extend(std::iter::repeat_n(128, zeros - 1));
    out.push(0);
}

/// A string as it is (section 5.2).
pub(crate) fn plain(text: &[u8], zeros: usize, out: &mut Vec<u8>) {
    let zeros = if text.len() < 127 { 0 } else { zeros };
    integer(0, 7, text.len(), zeros, out);
    out.extend_from_slice(text);
}

/// A Huffman-coded string (section 5.2). Our encoder codes what becomes shorter by it, so what
/// does not is written as it is.
pub(crate) fn huffman(text: &[u8], out: &mut Vec<u8>) {
    let (mut encoder, mut block) = (Encoder::new(), Vec::new());
    encoder.set_huffman(true);
    encoder.begin_block(&mut block);
    // a literal whose name is one octet: its pattern, then two octets of name, then the value
    encoder.encode(&Field::secret(b"~", text), &mut block);
    out.extend_from_slice(block.get(3..).unwrap_or_default());
}
