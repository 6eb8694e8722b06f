//! How large messages may be: put into envelopes and taken out of compression within a limit, and
//! counted when they are beyond it. Whether an envelope that comes is too large is seen where it is
//! scanned, by the ends of a connection.

use crate::stats::Totals;
use protocall_core::Compression;
use protocall_core::Status;
use protocall_core::codec::{Codec, CodecError};
use protocall_core::compression::CompressionError;
use protocall_core::envelope::{self, EnvelopeError};

/// Appends a message that goes out, of at most `limit` bytes, in its envelope. On error `buffer` is
/// as it was.
pub(crate) fn enclose<C: Codec<M>, M>(
    message: &M,
    buffer: &mut Vec<u8>,
    limit: usize,
    totals: &Totals,
) -> Result<(), Status> {
    envelope::append(buffer, limit, |buffer| C::encode(message, buffer).map_err(Unfit::from))
        .map_err(|unfit| unfit.refuse(totals))
}

/// The bytes of a compressed message that came, of at most `limit` bytes.
pub(crate) fn inflate(
    message: &[u8],
    compression: Compression,
    limit: usize,
    totals: &Totals,
) -> Result<Vec<u8>, Status> {
    envelope::decompress(message, compression, limit).map_err(|error| {
        if matches!(error, CompressionError::TooLarge { .. }) {
            totals.count(|tally| &tally.messages_too_large);
        }
        error.into()
    })
}

/// Why a message cannot go out.
enum Unfit {
    Codec(CodecError),
    Envelope(EnvelopeError),
}

impl Unfit {
    #[cold]
    fn refuse(self, totals: &Totals) -> Status {
        match self {
            Self::Codec(error) => error.into(),
            Self::Envelope(error) => {
                if matches!(error, EnvelopeError::TooLarge { .. }) {
                    totals.count(|tally| &tally.messages_too_large_to_send);
                }
                error.into()
            }
        }
    }
}

impl From<CodecError> for Unfit {
    fn from(error: CodecError) -> Self {
        Self::Codec(error)
    }
}

impl From<EnvelopeError> for Unfit {
    fn from(error: EnvelopeError) -> Self {
        Self::Envelope(error)
    }
}
