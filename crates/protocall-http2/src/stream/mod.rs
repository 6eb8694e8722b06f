//! Streams: their names, their states and where they are kept.

/// Names a stream of one connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct StreamKey {
    slot: u32,
    id: u32,
}

impl StreamKey {
    pub(crate) const fn new(slot: u32, id: u32) -> Self {
        Self { slot, id }
    }

    /// The stream identifier on the wire (RFC 9113 section 5.1.1). Never reused in a connection.
    pub const fn id(self) -> u32 {
        self.id
    }

    /// The stream's place: dense, and reused after the stream is gone, so that a driver can keep
    /// its own state in a `Vec` beside (with the id as a guard against the reuse).
    pub const fn slot(self) -> usize {
        self.slot as usize
    }
}
