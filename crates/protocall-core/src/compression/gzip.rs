//! gzip (RFC 1952) and deflate (RFC 1950), by flate2 over zlib-rs.
//!
//! A compressor's state is 270 KB that zlib wants zeroed, so a few are kept between messages.

use super::{CompressionError, Compressor};
use flate2::{Compress, Compression as Level, Decompress, FlushCompress, FlushDecompress, Status};
use std::sync::Mutex;

/// zlib's own default: the last level at which a step up still saves a visible part.
const DEFAULT_LEVEL: u32 = 6;
/// RFC 1950's largest window, 32 KiB.
const WINDOW_BITS: u8 = 15;
/// States that are kept; at 270 KB each what eight threads at work need.
const KEPT: usize = 8;
/// What is made room for at least, so that small messages take one step.
const STEP: usize = 512;

/// `gzip`.
#[derive(Debug)]
pub struct Gzip {
    level: u32,
}

/// `deflate`: what HTTP calls so, which is zlib's format.
#[derive(Debug)]
pub struct Deflate {
    level: u32,
}

macro_rules! compressor {
    ($type:ident, $name:literal, $compress:expr, $decompress:expr) => {
        impl $type {
            /// The level of [`Compression`](super::Compression)'s constant: 6.
            pub const DEFAULT: Self = Self::with_level(DEFAULT_LEVEL);

            /// With a level from 0, which only wraps, to 9, the slowest; higher ones are 9.
            #[must_use]
            pub const fn with_level(level: u32) -> Self {
                Self { level: if level > 9 { 9 } else { level } }
            }
        }

        impl Compressor for $type {
            fn name(&self) -> &'static str {
                $name
            }

            fn compress(&self, message: &[u8], out: &mut Vec<u8>) -> Result<(), CompressionError> {
                static KEEP: Keep = Keep::new();
                let make: fn(Level) -> Compress = $compress;
                let mut state = KEEP.take(self.level, || make(Level::new(self.level)));
                deflate(&mut state, message, out)
                    .map_err(|error| CompressionError::failed($name, error))?;
                KEEP.put(self.level, state);
                Ok(())
            }

            fn decompress(
                &self,
                compressed: &[u8],
                limit: usize,
                out: &mut Vec<u8>,
            ) -> Result<(), CompressionError> {
                let make: fn() -> Decompress = $decompress;
                inflate($name, &mut make(), compressed, limit, out)
            }
        }
    };
}

compressor!(Gzip, "gzip", |level| Compress::new_gzip(level, WINDOW_BITS), || Decompress::new_gzip(
    WINDOW_BITS
));
compressor!(Deflate, "deflate", |level| Compress::new(level, true), || Decompress::new(true));

/// States that are not in use, with their levels.
struct Keep(Mutex<Vec<(u32, Compress)>>);

impl Keep {
    const fn new() -> Self {
        Self(Mutex::new(Vec::new()))
    }

    /// One of that level; nobody waits for one, since making one takes no longer.
    fn take(&self, level: u32, make: impl FnOnce() -> Compress) -> Compress {
        let kept = self.0.try_lock().ok().and_then(|mut kept| {
            let index = kept.iter().rposition(|(of, _)| *of == level)?;
            Some(kept.swap_remove(index).1)
        });
        kept.map_or_else(make, |mut state| {
            state.reset();
            state
        })
    }

    fn put(&self, level: u32, state: Compress) {
        if let Ok(mut kept) = self.0.try_lock()
            && kept.len() < KEPT
        {
            kept.push((level, state));
        }
    }
}

fn deflate(
    state: &mut Compress,
    message: &[u8],
    out: &mut Vec<u8>,
) -> Result<(), flate2::CompressError> {
    loop {
        let rest = remaining(message, state.total_in());
        out.reserve(STEP.max(rest.len() / 4));
        if state.compress_vec(rest, out, FlushCompress::Finish)? == Status::StreamEnd {
            return Ok(());
        }
    }
}

fn inflate(
    name: &'static str,
    state: &mut Decompress,
    compressed: &[u8],
    limit: usize,
    out: &mut Vec<u8>,
) -> Result<(), CompressionError> {
    let start = out.len();
    loop {
        let before = (state.total_in(), out.len());
        // by what has come, so that a short message cannot claim much
        out.reserve(STEP.max(compressed.len()).max(out.len() - start));
        let rest = remaining(compressed, state.total_in());
        let status = state
            .decompress_vec(rest, out, FlushDecompress::None)
            .map_err(|error| CompressionError::failed(name, error))?;
        if out.len() - start > limit {
            return Err(CompressionError::TooLarge { limit });
        }
        if status == Status::StreamEnd {
            let all = remaining(compressed, state.total_in()).is_empty();
            return if all { Ok(()) } else { Err(CompressionError::failed(name, "bytes follow")) };
        }
        if before == (state.total_in(), out.len()) {
            return Err(CompressionError::failed(name, "its end is missing"));
        }
    }
}

fn remaining(bytes: &[u8], done: u64) -> &[u8] {
    usize::try_from(done).ok().and_then(|done| bytes.get(done..)).unwrap_or_default()
}
