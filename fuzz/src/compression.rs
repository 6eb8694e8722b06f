//! Compressed messages: any bytes, as each of the compressions.

use protocall_core::Compression;

const ALL: [Compression; 4] =
    [Compression::GZIP, Compression::DEFLATE, Compression::ZSTD, Compression::SNAPPY];
/// The limit that messages are held to; small, so that inputs can pass it.
const LIMIT: usize = 2000;
/// What a decompressor may have in hand beside the message and as much again.
const SLACK: usize = 64 * 1024;

/// A compressed message; the first byte says by what. What comes out is within the limit, and comes
/// back when it is compressed; what does not cost no memory beyond it.
///
/// # Panics
/// When it is not so.
pub fn compression(input: &[u8]) {
    let Some((which, compressed)) = input.split_first() else { return };
    let compression = ALL[usize::from(*which) % ALL.len()];
    let mut plain = Vec::new();
    let outcome = compression.decompress(compressed, LIMIT, &mut plain);
    let most = 2 * (LIMIT + compressed.len()) + SLACK;
    assert!(plain.capacity() <= most, "{} bytes of memory", plain.capacity());
    if outcome.is_ok() {
        assert!(plain.len() <= LIMIT, "{} bytes", plain.len());
        let (mut again, mut back) = (Vec::new(), Vec::new());
        let there = compression.compress(&plain, &mut again);
        let outcome = compression.decompress(&again, LIMIT, &mut back);
        assert!(there.is_ok() && outcome.is_ok() && back == plain, "{there:?} {outcome:?}");
    }
}
