//! Values into a buffer, front to back, in one pass.
//!
//! The length of a nested message is not known before it is written: room is left for as many bytes
//! as the last one at that depth took, and the message is moved if it needs others. The functions
//! are named as buffa's, which generated code would call instead.

use buffa::AsSharedBytes;

/// Room for a tag and a varint of ten bytes each, as a power of two.
const WINDOW: usize = 32;
/// The least by which the buffer grows at a time.
const MIN_GROWTH: usize = 64;
/// How many levels of messages may be moved when their length turns out longer. Below, buffa sizes
/// a message before it writes it, so that no depth makes the work quadratic.
pub(super) const ONE_PASS_DEPTH: usize = 16;

/// The end of a buffer, being written. What was in the buffer before stays.
#[derive(Debug)]
pub struct Writer<'b> {
    /// Longer than what was written; [`Writer::finish`] cuts it.
    buf: &'b mut Vec<u8>,
    at: usize,
    start: usize,
    depth: usize,
    /// How many bytes the length of the last message at each depth took.
    lengths: [u8; ONE_PASS_DEPTH],
}

/// Where a nested message began.
#[derive(Debug)]
pub struct Mark {
    body: usize,
    reserved: usize,
}

impl<'b> Writer<'b> {
    /// Writes behind what is in `buf`.
    pub fn new(buf: &'b mut Vec<u8>) -> Self {
        let at = buf.len();
        Self { buf, at, start: at, depth: 0, lengths: [1; ONE_PASS_DEPTH] }
    }

    /// Ends the buffer behind what was written.
    pub fn finish(self) {
        self.buf.truncate(self.at);
    }

    /// Makes room for `len` more bytes.
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn room(&mut self, len: usize) {
        if self.buf.len() - self.at < len {
            self.grow(len);
        }
    }

    #[cold]
    #[inline(never)]
    fn grow(&mut self, len: usize) {
        let growth = len.max(self.at - self.start);
        if growth <= MIN_GROWTH {
            self.buf.truncate(self.at);
            // a known length, which is a few instructions and no call
            self.buf.extend_from_slice(&[0; MIN_GROWTH]);
        } else {
            self.buf.resize(self.at + growth, 0);
        }
    }

    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn window(&mut self) -> &mut [u8] {
        self.room(WINDOW);
        &mut self.buf[self.at..self.at + WINDOW]
    }

    /// A varint.
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn varint(&mut self, value: u64) {
        let len = varint_at(self.window(), 0, value);
        self.at += len;
    }

    /// A tag and a varint.
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn tag_and_varint(&mut self, tag: u32, value: u64) {
        let window = self.window();
        let len = tag_at(window, tag);
        let len = varint_at(window, len, value);
        self.at += len;
    }

    /// Bytes as they are.
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn slice(&mut self, bytes: &[u8]) {
        self.room(bytes.len());
        self.buf[self.at..self.at + bytes.len()].copy_from_slice(bytes);
        self.at += bytes.len();
    }

    /// A tag, a length and as many bytes.
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn tag_and_slice(&mut self, tag: u32, bytes: &[u8]) {
        self.room(bytes.len().saturating_add(WINDOW));
        let window = &mut self.buf[self.at..self.at + WINDOW];
        let len = tag_at(window, tag);
        let len = varint_at(window, len, bytes.len() as u64);
        let body = self.at + len;
        self.at = body + bytes.len();
        self.buf[body..self.at].copy_from_slice(bytes);
    }

    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn tag_and_array<const N: usize>(&mut self, tag: u32, bytes: [u8; N]) {
        let window = self.window();
        let len = tag_at(window, tag);
        window[len..len + N].copy_from_slice(&bytes);
        self.at += len + N;
    }

    /// The depth that a message written now would be at, if it is one to write in one pass.
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) const fn may_nest(&self) -> bool {
        self.depth < ONE_PASS_DEPTH
    }

    /// Begins a group, which needs no length but nests.
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn begin_group(&mut self, number: u32) {
        put_tag(number << 3 | 3, self);
        self.depth += 1;
    }

    /// Ends a group.
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn end_group(&mut self, number: u32) {
        self.depth -= 1;
        put_tag(number << 3 | 4, self);
    }

    /// Begins a message behind a length.
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub fn begin(&mut self, number: u32) -> Mark {
        let reserved = match self.lengths.get(self.depth) {
            Some(len) => usize::from(*len),
            None => 1,
        };
        self.depth += 1;
        let window = self.window();
        let len = tag_at(window, number << 3 | 2);
        self.at += len + reserved;
        Mark { body: self.at, reserved }
    }

    /// Ends the message that began at `mark`: writes its length.
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub fn end(&mut self, mark: Mark) {
        self.depth -= 1;
        let len = self.at - mark.body;
        if len < 0x80 && mark.reserved == 1 {
            self.buf[mark.body - 1] = len as u8;
        } else {
            self.end_longer(len, &mark);
        }
    }

    #[inline(never)]
    fn end_longer(&mut self, len: usize, mark: &Mark) {
        let needed = varint_len(len as u64);
        let from = mark.body - mark.reserved;
        if needed != mark.reserved {
            self.room(needed);
            self.buf.copy_within(mark.body..self.at, from + needed);
            self.at = from + needed + len;
        }
        let mut value = len;
        let (last, front) = match self.buf[from..from + needed].split_last_mut() {
            Some(parts) => parts,
            None => return,
        };
        for byte in front {
            *byte = value as u8 | 0x80;
            value >>= 7;
        }
        *last = value as u8;
        if let Some(length) = self.lengths.get_mut(self.depth) {
            *length = needed as u8;
        }
    }

    /// Lets something else append, such as buffa.
    pub(super) fn append(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        self.buf.truncate(self.at);
        write(self.buf);
        self.at = self.buf.len();
    }
}

/// Writes a varint at an index of a window, and returns the index behind it.
#[cfg_attr(debug_assertions, inline)]
#[cfg_attr(not(debug_assertions), inline(always))]
fn varint_at(window: &mut [u8], mut at: usize, mut value: u64) -> usize {
    while value >= 0x80 {
        window[at] = value as u8 | 0x80;
        value >>= 7;
        at += 1;
    }
    window[at] = value as u8;
    at + 1
}

/// A tag is a constant wherever this is inlined.
#[cfg_attr(debug_assertions, inline)]
#[cfg_attr(not(debug_assertions), inline(always))]
fn tag_at(window: &mut [u8], tag: u32) -> usize {
    if tag < 0x80 {
        window[0] = tag as u8;
        1
    } else if tag < 0x4000 {
        window[0] = tag as u8 | 0x80;
        window[1] = (tag >> 7) as u8;
        2
    } else {
        varint_at(window, 0, u64::from(tag))
    }
}

fn varint_len(value: u64) -> usize {
    buffa::encoding::varint_len(value)
}

/// A tag alone.
#[cfg_attr(debug_assertions, inline)]
#[cfg_attr(not(debug_assertions), inline(always))]
pub(super) fn put_tag(tag: u32, buf: &mut Writer<'_>) {
    let len = tag_at(buf.window(), tag);
    buf.at += len;
}

macro_rules! varints {
    ($($put:ident, $encode:ident: $type:ty, $convert:expr;)*) => {$(
        /// A varint field.
        #[cfg_attr(debug_assertions, inline)]
        #[cfg_attr(not(debug_assertions), inline(always))]
        pub fn $put(number: u32, value: $type, buf: &mut Writer<'_>) {
            let convert: fn($type) -> u64 = $convert;
            buf.tag_and_varint(number << 3, convert(value));
        }

        /// An element of a packed field.
        #[cfg_attr(debug_assertions, inline)]
        #[cfg_attr(not(debug_assertions), inline(always))]
        pub fn $encode(value: $type, buf: &mut Writer<'_>) {
            let convert: fn($type) -> u64 = $convert;
            buf.varint(convert(value));
        }
    )*};
}

varints! {
    put_int32_field, encode_int32: i32, |value| i64::from(value) as u64;
    put_int64_field, encode_int64: i64, |value| value as u64;
    put_uint32_field, encode_uint32: u32, u64::from;
    put_uint64_field, encode_uint64: u64, |value| value;
    put_sint32_field, encode_sint32: i32, |value| u64::from((value << 1 ^ value >> 31) as u32);
    put_sint64_field, encode_sint64: i64, |value| (value << 1 ^ value >> 63) as u64;
    put_bool_field, encode_bool: bool, u64::from;
}

macro_rules! fixed {
    ($($put:ident, $encode:ident: $type:ty, $wire_type:literal;)*) => {$(
        /// A field of fixed width.
        #[cfg_attr(debug_assertions, inline)]
        #[cfg_attr(not(debug_assertions), inline(always))]
        pub fn $put(number: u32, value: $type, buf: &mut Writer<'_>) {
            buf.tag_and_array(number << 3 | $wire_type, value.to_le_bytes());
        }

        /// An element of a packed field.
        #[cfg_attr(debug_assertions, inline)]
        #[cfg_attr(not(debug_assertions), inline(always))]
        pub fn $encode(value: $type, buf: &mut Writer<'_>) {
            buf.slice(&value.to_le_bytes());
        }
    )*};
}

fixed! {
    put_float_field, encode_float: f32, 5;
    put_double_field, encode_double: f64, 1;
    put_fixed32_field, encode_fixed32: u32, 5;
    put_fixed64_field, encode_fixed64: u64, 1;
    put_sfixed32_field, encode_sfixed32: i32, 5;
    put_sfixed64_field, encode_sfixed64: i64, 1;
}

/// A string field.
#[cfg_attr(debug_assertions, inline)]
#[cfg_attr(not(debug_assertions), inline(always))]
pub fn put_string_field(number: u32, value: &str, buf: &mut Writer<'_>) {
    buf.tag_and_slice(number << 3 | 2, value.as_bytes());
}

/// A bytes field, of whatever type.
#[cfg_attr(debug_assertions, inline)]
#[cfg_attr(not(debug_assertions), inline(always))]
pub fn put_shared_bytes_field<B: AsSharedBytes>(number: u32, value: &B, buf: &mut Writer<'_>) {
    buf.tag_and_slice(number << 3 | 2, value.as_bytes_slice());
}

/// Tag and length of a packed field.
#[cfg_attr(debug_assertions, inline)]
#[cfg_attr(not(debug_assertions), inline(always))]
pub fn put_len_delimited_header(number: u32, len: u64, buf: &mut Writer<'_>) {
    buf.tag_and_varint(number << 3 | 2, len);
}
