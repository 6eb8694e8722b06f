//! CONTINUATION (RFC 9113 section 6.10): a further fragment of a header block, for blocks that do
//! not fit the peer's frames. Reading needs nothing: the whole payload is the fragment.

use super::{Head, flag, kind};

/// Rewrites the header block at the end of `out`, from `at` on (a HEADERS head, then the encoded
/// fields), as frames of at most `max` payload bytes.
pub(crate) fn split(out: &mut Vec<u8>, at: usize, head: Head, max: usize) {
    let max = max.max(1);
    let block = out.split_off(at.min(out.len()));
    let block = block.get(super::HEAD_BYTES..).unwrap_or_default();
    let mut fragments = block.chunks(max).peekable();
    let mut first = true;
    while let Some(fragment) = fragments.next() {
        let end = if fragments.peek().is_none() { flag::END_HEADERS } else { 0 };
        let (kind, kept) = if first {
            (head.kind, head.flags & !flag::END_HEADERS)
        } else {
            (kind::CONTINUATION, 0)
        };
        first = false;
        Head { length: fragment.len() as u32, kind, flags: kept | end, stream: head.stream }
            .write(out);
        out.extend_from_slice(fragment);
    }
}
