//! zstd (RFC 8878), by ruzstd: no C, and slower than the original in C.

use super::{CompressionError, Compressor, read_within};
use ruzstd::decoding::StreamingDecoder;
use ruzstd::encoding::{CompressionLevel, compress};

const NAME: &str = "zstd";
/// The largest window that a message may ask for: what RFC 8878, 3.1.1.1.2 asks decoders to have.
const MAX_WINDOW: u64 = 8 * 1024 * 1024;

/// `zstd` at about its original's level 1.
#[derive(Debug)]
pub struct Zstd;

impl Compressor for Zstd {
    fn name(&self) -> &'static str {
        NAME
    }

    fn compress(&self, message: &[u8], out: &mut Vec<u8>) -> Result<(), CompressionError> {
        compress(message, out, CompressionLevel::Fastest);
        Ok(())
    }

    fn decompress(
        &self,
        mut compressed: &[u8],
        limit: usize,
        out: &mut Vec<u8>,
    ) -> Result<(), CompressionError> {
        let reader = StreamingDecoder::new_with_max_window_size(&mut compressed, MAX_WINDOW)
            .map_err(|error| CompressionError::failed(NAME, error.to_string()))?;
        read_within(reader, NAME, limit, out)?;
        if compressed.is_empty() {
            Ok(())
        } else {
            Err(CompressionError::failed(NAME, "bytes follow"))
        }
    }
}
