//! Tests of the wire form of timeouts.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
use super::*;
use proptest::prelude::*;

fn text(timeout: Duration) -> String {
    format!("{:?}", encode(timeout))
}

#[test]
fn units() {
    assert_eq!(text(Duration::ZERO), "0n");
    assert_eq!(text(Duration::from_nanos(99_999_999)), "99999999n");
    assert_eq!(text(Duration::from_nanos(100_000_001)), "100001u");
    assert_eq!(text(Duration::from_millis(1)), "1000000n");
    assert_eq!(text(Duration::from_secs(100)), "100000m");
    assert_eq!(text(Duration::from_secs(99_999_999)), "99999999S");
    assert_eq!(text(Duration::from_secs(100_000_000)), "1666667M");
    assert_eq!(text(Duration::MAX), "99999999H");
}

#[test]
fn malformed() {
    for value in ["", "n", "1", "123456789S", "-1S", "1s", "1 S", "+1S", "1.5S", "S1"] {
        assert_eq!(decode(value.as_bytes()), Err(InvalidTimeout), "{value:?}");
    }
    assert_eq!(decode(b"99999999H").unwrap(), Duration::from_secs(99_999_999 * 3600));
    assert_eq!(decode(b"00000001m").unwrap(), Duration::from_millis(1));
}

proptest! {
    // of all magnitudes, so that every unit has its share
    #[test]
    fn never_shorter_and_less_than_the_smallest_unit_that_fits_longer(
        nanos in any::<u64>(),
        shift in 0..u64::BITS,
    ) {
        const UNITS: [u128; 6] =
            [1, 1_000, 1_000_000, 1_000_000_000, 60_000_000_000, 3_600_000_000_000];
        let timeout = Duration::from_nanos(nanos >> shift);
        let encoded = encode(timeout);
        let back = decode(encoded.as_bytes()).unwrap();
        prop_assert!(back >= timeout);
        let unit = encoded.as_bytes().last().unwrap();
        let unit = b"numSMH".iter().position(|letter| letter == unit).unwrap();
        prop_assert!((back - timeout).as_nanos() < UNITS[unit]);
        if unit > 0 {
            prop_assert!(timeout.as_nanos().div_ceil(UNITS[unit - 1]) > 99_999_999);
        }
    }

    #[test]
    fn any_bytes_are_read_or_refused(value in proptest::collection::vec(any::<u8>(), 0..12)) {
        let _ = decode(&value);
    }
}
