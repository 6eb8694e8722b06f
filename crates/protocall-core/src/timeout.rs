//! The `grpc-timeout` field: at most eight digits and a unit (`PROTOCOL-HTTP2.md`).
//!
//! Only the wire form; who waits for it is the transport.

use std::fmt;
use std::time::Duration;

/// The digits that the field may have.
const MAX_DIGITS: usize = 8;
/// The first number that does not fit [`MAX_DIGITS`].
const LIMIT: u128 = 100_000_000;

/// A `grpc-timeout` value that is not digits and a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidTimeout;

impl fmt::Display for InvalidTimeout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("malformed grpc-timeout: expected 1 to 8 digits and one of H, M, S, m, u, n")
    }
}

impl std::error::Error for InvalidTimeout {}

/// A timeout's wire form, without allocating.
#[derive(Clone, Copy)]
pub struct Encoded {
    bytes: [u8; MAX_DIGITS + 1],
    len: u8,
}

impl Encoded {
    /// The value of the field.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.len)).unwrap_or_default()
    }
}

impl fmt::Debug for Encoded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", String::from_utf8_lossy(self.as_bytes()))
    }
}

/// Writes a timeout in the smallest unit that fits, rounded up, so that the peer never gives up
/// before the caller does. Nothing left is `0n`; what is too long for hours is the longest value.
#[must_use]
pub fn encode(timeout: Duration) -> Encoded {
    const UNITS: [(u128, u8); 6] = [
        (1, b'n'),
        (1_000, b'u'),
        (1_000_000, b'm'),
        (1_000_000_000, b'S'),
        (60_000_000_000, b'M'),
        (3_600_000_000_000, b'H'),
    ];
    let nanos = timeout.as_nanos();
    let (number, unit) = UNITS
        .iter()
        .map(|&(size, unit)| (nanos.div_ceil(size), unit))
        .find(|&(number, _)| number < LIMIT)
        .unwrap_or((LIMIT - 1, b'H'));
    let mut bytes = [0; MAX_DIGITS + 1];
    let mut start = MAX_DIGITS;
    let mut rest = number;
    bytes[MAX_DIGITS] = unit;
    loop {
        start -= 1;
        bytes[start] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 || start == 0 {
            break;
        }
    }
    bytes.copy_within(start.., 0);
    Encoded { bytes, len: (MAX_DIGITS + 1 - start) as u8 }
}

/// Reads a timeout.
///
/// # Errors
/// [`InvalidTimeout`] unless it is one to eight digits and a unit.
pub fn decode(value: &[u8]) -> Result<Duration, InvalidTimeout> {
    let (unit, digits) = value.split_last().ok_or(InvalidTimeout)?;
    if digits.is_empty() || digits.len() > MAX_DIGITS || !digits.iter().all(u8::is_ascii_digit) {
        return Err(InvalidTimeout);
    }
    let number = digits.iter().fold(0u64, |sum, digit| sum * 10 + u64::from(digit - b'0'));
    Ok(match unit {
        b'H' => Duration::from_secs(number * 3600),
        b'M' => Duration::from_secs(number * 60),
        b'S' => Duration::from_secs(number),
        b'm' => Duration::from_millis(number),
        b'u' => Duration::from_micros(number),
        b'n' => Duration::from_nanos(number),
        _ => return Err(InvalidTimeout),
    })
}

#[cfg(test)]
mod tests;
