//! snappy in its framing format, by snap: what the Go ecosystem's gRPC peers mean by the name.

use super::{CompressionError, Compressor, read_within};
use snap::read::FrameDecoder;
use snap::write::FrameEncoder;
use std::io::Write;

const NAME: &str = "snappy";

/// `snappy`.
#[derive(Debug)]
pub struct Snappy;

impl Compressor for Snappy {
    fn name(&self) -> &'static str {
        NAME
    }

    fn compress(&self, message: &[u8], out: &mut Vec<u8>) -> Result<(), CompressionError> {
        let mut encoder = FrameEncoder::new(out);
        encoder
            .write_all(message)
            .and_then(|()| encoder.flush())
            .map_err(|error| CompressionError::failed(NAME, error))
    }

    fn decompress(
        &self,
        compressed: &[u8],
        limit: usize,
        out: &mut Vec<u8>,
    ) -> Result<(), CompressionError> {
        read_within(FrameDecoder::new(compressed), NAME, limit, out)
    }
}
