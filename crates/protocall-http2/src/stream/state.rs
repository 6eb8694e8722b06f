//! The state of a stream as a table (RFC 9113 section 5.1): a stream is two halves, one for each
//! direction, and each half goes from its head through its body to its end.

#[cfg(test)]
mod tests;

/// How far one direction of a stream is.
///
/// In the words of RFC 9113: both halves unfinished is "open", one at `Ended` is "half-closed",
/// both at `Ended` is "closed". "Idle" streams are not kept at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Half {
    /// The initial HEADERS are still to come.
    Head,
    /// The head is complete: DATA or trailers may follow.
    Body,
    /// END_STREAM was seen.
    Ended,
}

/// What passes along one direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Passage {
    /// HEADERS with a 1xx status.
    Interim,
    /// Any other HEADERS.
    Headers { end_stream: bool },
    /// DATA.
    Data { end_stream: bool },
}

/// Why a passage does not fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Misfit {
    /// The half has ended (STREAM_CLOSED).
    Ended,
    /// A message is not made in this order (PROTOCOL_ERROR; RFC 9113 section 8.1).
    Order,
}

impl Half {
    /// Where the half stands after `passage`.
    pub(crate) const fn after(self, passage: Passage) -> Result<Self, Misfit> {
        use Passage::{Data, Headers, Interim};
        match (self, passage) {
            (Self::Head, Interim) => Ok(Self::Head),
            (Self::Head, Headers { end_stream: false }) => Ok(Self::Body),
            (Self::Head, Headers { end_stream: true }) => Ok(Self::Ended),
            (Self::Head, Data { .. }) => Err(Misfit::Order),
            (Self::Body, Data { end_stream: false }) => Ok(Self::Body),
            (Self::Body, Data { end_stream: true } | Headers { end_stream: true }) => {
                Ok(Self::Ended)
            }
            (Self::Body, Interim | Headers { end_stream: false }) => Err(Misfit::Order),
            (Self::Ended, _) => Err(Misfit::Ended),
        }
    }

    pub(crate) const fn is_ended(self) -> bool {
        matches!(self, Self::Ended)
    }
}

/// How a stream came to be closed; it decides what a late frame means (RFC 9113 section 5.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Closed {
    /// Both sides sent END_STREAM: the peer should know better.
    Ended,
    /// The peer sent RST_STREAM: it should know better.
    ResetByPeer,
    /// We sent RST_STREAM: the peer may not know yet.
    ResetByUs,
}
