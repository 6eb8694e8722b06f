//! The sending half: heads, data and what queues behind flow control. `head` encodes header lists,
//! `data` writes DATA frames, `queue` decides whose turn it is, `stream` opens and ends streams.

mod data;
mod head;
mod queue;
mod stream;

pub(crate) use head::{QueuedHead, Templates};
pub(crate) use queue::{Links, Place, Sending};

/// What follows a stream's queued data.
#[derive(Debug, Default)]
pub(crate) enum Ending {
    /// Nothing yet: the sender may send more.
    #[default]
    Open,
    /// END_STREAM on the last DATA frame.
    EndStream,
    /// Trailers.
    Trailers(Box<QueuedHead>),
}
