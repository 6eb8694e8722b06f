//! Frames on the wire (RFC 9113 sections 4 and 6): one file a type, each a pure pair of reading and
//! writing. No state: what a frame means for a stream or the connection is decided in `recv`.

pub(crate) mod continuation;
pub(crate) mod data;
pub(crate) mod goaway;
pub(crate) mod headers;
pub(crate) mod ping;
pub(crate) mod priority;
pub(crate) mod rst_stream;
pub(crate) mod settings;
pub(crate) mod window_update;

#[cfg(test)]
mod tests;

/// Size of a frame's head (RFC 9113 section 4.1).
pub(crate) const HEAD_BYTES: usize = 9;

/// The largest stream identifier, and the largest window (RFC 9113 sections 5.1.1 and 6.9.1).
pub(crate) const MAX_31_BITS: u32 = 0x7fff_ffff;

/// The smallest maximum frame size, which every peer accepts (RFC 9113 section 4.2).
pub(crate) const MIN_MAX_FRAME_BYTES: u32 = 16_384;

/// The largest maximum frame size (RFC 9113 section 4.2).
pub(crate) const MAX_MAX_FRAME_BYTES: u32 = 16_777_215;

/// Frame types (RFC 9113 section 6).
pub(crate) mod kind {
    pub(crate) const DATA: u8 = 0x0;
    pub(crate) const HEADERS: u8 = 0x1;
    pub(crate) const PRIORITY: u8 = 0x2;
    pub(crate) const RST_STREAM: u8 = 0x3;
    pub(crate) const SETTINGS: u8 = 0x4;
    pub(crate) const PUSH_PROMISE: u8 = 0x5;
    pub(crate) const PING: u8 = 0x6;
    pub(crate) const GOAWAY: u8 = 0x7;
    pub(crate) const WINDOW_UPDATE: u8 = 0x8;
    pub(crate) const CONTINUATION: u8 = 0x9;
}

/// Frame flags (RFC 9113 section 6).
pub(crate) mod flag {
    pub(crate) const ACK: u8 = 0x1;
    pub(crate) const END_STREAM: u8 = 0x1;
    pub(crate) const END_HEADERS: u8 = 0x4;
    pub(crate) const PADDED: u8 = 0x8;
    pub(crate) const PRIORITY: u8 = 0x20;
}

/// A frame's head (RFC 9113 section 4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) length: u32,
    pub(crate) kind: u8,
    pub(crate) flags: u8,
    pub(crate) stream: u32,
}

impl Head {
    /// Reads the head at the front of `input`; `None` if it is not all there yet.
    pub(crate) fn read(input: &[u8]) -> Option<Self> {
        let &[l0, l1, l2, kind, flags, s0, s1, s2, s3] = input.first_chunk::<HEAD_BYTES>()?;
        Some(Self {
            length: u32::from_be_bytes([0, l0, l1, l2]),
            kind,
            flags,
            stream: u32::from_be_bytes([s0, s1, s2, s3]) & MAX_31_BITS,
        })
    }

    /// The head as bytes. A length above 24 bits is the caller's mistake and is cut.
    pub(crate) const fn to_bytes(self) -> [u8; HEAD_BYTES] {
        let [_, l0, l1, l2] = self.length.to_be_bytes();
        let [s0, s1, s2, s3] = self.stream.to_be_bytes();
        [l0, l1, l2, self.kind, self.flags, s0, s1, s2, s3]
    }

    pub(crate) fn write(self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.to_bytes());
    }

    pub(crate) const fn has(self, flag: u8) -> bool {
        self.flags & flag != 0
    }
}

/// The 31 bits at `at`, without the reserved or exclusive bit; `None` past the end.
fn u31_at(payload: &[u8], at: usize) -> Option<u32> {
    Some(u32_at(payload, at)? & MAX_31_BITS)
}

/// The 32 bits at `at`; `None` past the end.
fn u32_at(payload: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(*payload.get(at..)?.first_chunk::<4>()?))
}
