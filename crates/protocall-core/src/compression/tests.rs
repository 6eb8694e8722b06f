//! Tests of compressions: round trips, limits, broken input, who accepts what.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
use super::*;

fn all() -> Vec<Compression> {
    Compressions::default().iter().collect()
}

fn compressed(compression: Compression, message: &[u8]) -> Vec<u8> {
    let mut out = b"before".to_vec();
    compression.compress(message, &mut out).unwrap();
    assert!(out.starts_with(b"before"));
    out.split_off(6)
}

fn back(compression: Compression, bytes: &[u8], limit: usize) -> Result<Vec<u8>, CompressionError> {
    let mut out = b"before".to_vec();
    compression.decompress(bytes, limit, &mut out)?;
    assert!(out.starts_with(b"before"));
    Ok(out.split_off(6))
}

/// Bytes that no compression makes fewer.
fn noise(len: usize) -> Vec<u8> {
    let mut state = 1u64;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (state >> 33) as u8
    };
    (0..len).map(|_| next()).collect()
}

#[test]
fn what_was_compressed_comes_back_up_to_the_limit_exactly() {
    for compression in all() {
        for message in [Vec::new(), b"x".to_vec(), vec![0; 100_000], noise(70_000)] {
            let bytes = compressed(compression, &message);
            assert_eq!(back(compression, &bytes, message.len()).unwrap(), message, "{compression}");
            if let Some(less) = message.len().checked_sub(1) {
                let error = back(compression, &bytes, less).unwrap_err();
                assert!(matches!(error, CompressionError::TooLarge { limit } if limit == less));
            }
        }
    }
}

#[test]
fn little_that_stands_for_much_is_left_at_the_limit() {
    for compression in all() {
        let bomb = compressed(compression, &vec![0; 64 << 20]);
        let mut out = Vec::new();
        let error = compression.decompress(&bomb, 1000, &mut out).unwrap_err();
        assert!(matches!(error, CompressionError::TooLarge { limit: 1000 }), "{compression}");
        let status = Status::from(error);
        assert_eq!(status.code(), Code::ResourceExhausted);
        let text = "decompressed, a message is larger than the limit of 1000 bytes";
        assert_eq!(status.message(), text);
        let most = 2 * bomb.len().max(512) + 64 * 1024;
        assert!(out.capacity() <= most, "{compression}: {} of {most}", out.capacity());
    }
}

#[test]
fn input_that_is_cut_changed_or_followed_by_more_is_an_error_and_no_panic() {
    for compression in all() {
        let message = [noise(300), vec![7; 3000]].concat();
        let bytes = compressed(compression, &message);
        for len in 1..bytes.len() {
            let outcome = back(compression, &bytes[..len], 10_000);
            // a cut between two of snappy's chunks leaves a shorter stream that is whole
            assert!(outcome.is_err() || compression.name() == "snappy", "{compression} {len}");
        }
        for index in 0..bytes.len() {
            for bit in 0..8 {
                let mut broken = bytes.clone();
                broken[index] ^= 1 << bit;
                let _ = back(compression, &broken, 10_000);
            }
        }
        let followed = [&bytes[..], b"more"].concat();
        let status = Status::from(back(compression, &followed, 10_000).unwrap_err());
        assert_eq!(status.code(), Code::Internal);
        let start = format!("a message is not valid {compression}: ");
        assert!(status.message().starts_with(&start), "{}", status.message());
        assert!(Error::source(&status).is_some());
    }
}

#[test]
fn a_window_that_zstd_claims_is_bounded() {
    let Some(zstd) = Compressions::default().find(b"zstd") else { return };
    // magic, no flags, a window of 2^41 bytes
    let error = back(zstd, &[0x28, 0xb5, 0x2f, 0xfd, 0, 0xff, 1, 0, 0], 1000).unwrap_err();
    assert!(matches!(error, CompressionError::Failed { name: "zstd", .. }), "{error}");
}

#[test]
fn levels_are_other_settings_of_the_same_compression() {
    let Some(gzip) = Compressions::default().find(b"gzip") else { return };
    #[cfg(feature = "gzip")]
    {
        static STORE: Gzip = Gzip::with_level(0);
        let store = Compression::new(&STORE);
        assert_eq!(store, gzip);
        assert!(compressed(store, &[0; 1000]).len() > 1000);
        assert!(compressed(gzip, &[0; 1000]).len() < 100);
        let bytes = compressed(store, &[0; 1000]);
        assert_eq!(back(gzip, &bytes, 1000).unwrap().len(), 1000);
    }
}

/// Turns every bit over.
struct Not;

impl Compressor for Not {
    fn name(&self) -> &'static str {
        "not"
    }

    fn compress(&self, message: &[u8], out: &mut Vec<u8>) -> Result<(), CompressionError> {
        out.extend(message.iter().map(|byte| !byte));
        Ok(())
    }

    fn decompress(&self, c: &[u8], _: usize, out: &mut Vec<u8>) -> Result<(), CompressionError> {
        self.compress(c, out)
    }
}

static NOT: Not = Not;

#[test]
fn what_is_accepted_is_a_list_with_a_header() {
    let not = Compression::new(&NOT);
    assert_eq!(Compressions::none().header(), "identity");
    let ours = Compressions::none().with(not);
    assert_eq!(ours.header(), "identity,not");
    assert_eq!(ours.with(not).iter().count(), 1);
    assert_eq!(ours.find(b"not"), Some(not));
    assert_eq!(ours.find(b"identity"), Some(Compression::IDENTITY));
    assert_eq!(ours.find(b"gzip"), None);
    assert!(ours.allows(ours.accepted(b"gzip, not ,x"), not));
    assert!(!ours.allows(ours.accepted(b"gzip,nota"), not));
    assert!(ours.allows(ours.accepted(b""), Compression::IDENTITY));
}

#[test]
fn a_peers_last_answer_is_remembered_and_a_new_one_read() {
    let not = Compression::new(&NOT);
    let mut negotiation = Negotiation::new(Compressions::none().with(not));
    let yes = negotiation.accepted(b"not");
    assert_eq!(negotiation.accepted(b"not"), yes);
    assert!(negotiation.ours().allows(yes, not));
    let no = negotiation.accepted(b"gzip");
    assert!(!negotiation.ours().allows(no, not));
    let long = [&b"not,"[..], &[b'x'; LONG]].concat();
    assert_eq!(negotiation.accepted(&long), yes);
    assert_eq!(negotiation.accepted(b"gzip"), no);
    assert_eq!(negotiation.last, b"gzip");
}

const LONG: usize = 500;
