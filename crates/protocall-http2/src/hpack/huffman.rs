//! HPACK's Huffman code (RFC 7541 section 5.2 and appendix B).
//! The code is canonical, so the lengths of the codes say everything; the tables are built from
//! them at compile time. Decoding looks up 12 bits at a time, which yields up to two symbols, and
//! joins the character flags of `text` as it goes.

#[cfg(test)]
mod tests;

use super::DecodeError;
use super::text::CLASSES;

/// The bits in each code, by symbol; the last is EOS (RFC 7541 appendix B).
#[rustfmt::skip]
static LENGTHS: [u8; SYMBOLS] = [
    13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28,
    28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 28,
     6, 10, 10, 12, 13,  6,  8, 11, 10, 10,  8, 11,  8,  6,  6,  6,
     5,  5,  5,  6,  6,  6,  6,  6,  6,  6,  7,  8, 15,  6, 12, 10,
    13,  6,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,
     7,  7,  7,  7,  7,  7,  7,  7,  8,  7,  8, 13, 19, 13, 14,  6,
    15,  5,  6,  5,  6,  5,  6,  6,  6,  5,  7,  7,  6,  6,  6,  5,
     6,  7,  6,  5,  5,  6,  7,  7,  7,  7,  7, 15, 11, 14, 13, 28,
    20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23,
    24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24,
    22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23,
    21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23,
    26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25,
    19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27,
    20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23,
    26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26,
    30,
];

/// The octets and EOS.
const SYMBOLS: usize = 257;
/// The symbol that no string may contain; its beginning is the padding.
const EOS: u16 = 256;
/// Bits in the shortest code: a string of n octets decodes to at most 8n/5.
const SHORTEST: usize = 5;
/// Bits in the longest code, that of EOS: a string of n octets decodes to at least (8n-7)/30.
const LONGEST: u32 = 30;
/// Bits of the primary table's index. Every printable octet but sixteen rare ones has a code this
/// short, two letters mostly fit together, and the table's 16 KiB leave room in the L1 cache.
const PRIMARY_BITS: u32 = 12;
const PRIMARY_SIZE: usize = 1 << PRIMARY_BITS;
/// Padding is shorter than an octet.
const MAX_PADDING: u32 = 7;

/// Octets that one write may touch beyond the last decoded one, since it always writes two.
const SLACK: usize = 2;

/// The least number of octets that `encoded_len` octets of code can stand for: what may be
/// checked against a limit before any work is done.
pub(super) fn min_decoded_len(encoded_len: usize) -> usize {
    encoded_len.saturating_mul(8).saturating_sub(MAX_PADDING as usize).div_ceil(LONGEST as usize)
}

/// Decodes `input` to the end of `out` and returns the joined character flags.
///
/// After an error `out` may hold a part of the string.
pub(super) fn decode(input: &[u8], out: &mut Vec<u8>) -> Result<u8, DecodeError> {
    let start = out.len();
    out.resize(start + input.len() * 8 / SHORTEST + SLACK, 0);
    let target = out.get_mut(start..).unwrap_or_default();
    let (len, flags) = decode_into(input, target)?;
    out.truncate(start + len);
    Ok(flags)
}

/// The bits not yet decoded: `bits` of them at the top of `window`.
struct Bits<'a> {
    input: &'a [u8],
    window: u64,
    bits: u32,
}

impl Bits<'_> {
    /// Fills the window to more than 56 bits, or with all that is left.
    #[inline]
    fn refill(&mut self) {
        if let Some((chunk, _)) = self.input.split_first_chunk::<8>() {
            self.window |= u64::from_be_bytes(*chunk) >> self.bits;
            let octets = (63 - self.bits) / 8;
            self.input = self.input.get(octets as usize..).unwrap_or_default();
            self.bits += octets * 8;
            // Below `bits` the window may hold a part of the next octet. The next refill puts the
            // same bits in the same place.
            return;
        }
        while self.bits <= 56 {
            let Some((&octet, rest)) = self.input.split_first() else { return };
            self.input = rest;
            self.window |= u64::from(octet) << (56 - self.bits);
            self.bits += 8;
        }
    }

    #[inline]
    fn primary(&self) -> PrimaryEntry {
        PRIMARY[(self.window >> (64 - PRIMARY_BITS)) as usize]
    }

    #[inline]
    fn consume(&mut self, bits: u32) {
        self.window <<= bits;
        self.bits -= bits;
    }
}

/// The loop: while the window is known to hold a whole code, symbols go two at a time; the last
/// few bits are told apart from padding one symbol at a time.
fn decode_into(input: &[u8], out: &mut [u8]) -> Result<(usize, u8), DecodeError> {
    let mut source = Bits { input, window: 0, bits: 0 };
    let (mut len, mut flags) = (0, 0);
    loop {
        if source.bits < LONGEST {
            source.refill();
            if source.bits < LONGEST {
                break;
            }
        }
        let entry = source.primary();
        if entry.bits() != 0 {
            put(out, len, entry.symbols());
            len += entry.count();
            flags |= entry.flags();
            source.consume(entry.bits());
        } else {
            let (symbol, bits) = long_code(source.window)?;
            put(out, len, [symbol, 0]);
            len += 1;
            flags |= CLASSES[usize::from(symbol)];
            source.consume(bits);
        }
    }
    while let Some((symbol, bits)) = last_symbols(&source)? {
        put(out, len, [symbol, 0]);
        len += 1;
        flags |= CLASSES[usize::from(symbol)];
        source.consume(bits);
    }
    Ok((len, flags))
}

#[inline]
fn put(out: &mut [u8], at: usize, symbols: [u8; 2]) {
    // Always true: `decode` sizes the target for the shortest codes, and two more.
    if let Some(target) = out.get_mut(at..at + 2) {
        target.copy_from_slice(&symbols);
    }
}

/// The next symbol and its bits if the window, which holds all that is left, has a whole one;
/// none if only valid padding is left.
fn last_symbols(source: &Bits<'_>) -> Result<Option<(u8, u32)>, DecodeError> {
    let unknown = u64::MAX >> source.bits;
    // With ones behind it, padding reads as the beginning of EOS.
    let padded = Bits { input: &[], window: source.window | unknown, bits: source.bits };
    let entry = padded.primary();
    let (symbol, bits) = if entry.first_bits() != 0 {
        (entry.symbols()[0], entry.first_bits())
    } else if padded.window == u64::MAX && source.bits <= MAX_PADDING {
        return Ok(None);
    } else {
        long_code(padded.window)?
    };
    if bits <= source.bits {
        return Ok(Some((symbol, bits)));
    }
    Err(DecodeError::InvalidHuffman)
}

/// Decodes a code longer than the primary table's index, at the top of `window`.
#[cold]
fn long_code(window: u64) -> Result<(u8, u32), DecodeError> {
    let code = (window >> (64 - LONGEST)) as u32;
    for length in PRIMARY_BITS + 1..=LONGEST {
        let Some(row) = LONG.get((length - PRIMARY_BITS - 1) as usize) else { break };
        if code < row.end {
            let offset = (code - row.first) >> (LONGEST - length);
            let symbol = SORTED.get(usize::from(row.rank) + offset as usize);
            return match symbol.map(|&symbol| u8::try_from(symbol)) {
                Some(Ok(symbol)) => Ok((symbol, length)),
                _ => Err(DecodeError::InvalidHuffman),
            };
        }
    }
    Err(DecodeError::InvalidHuffman)
}

/// The number of octets that `input` takes when coded.
pub(super) fn encoded_len(input: &[u8]) -> usize {
    let bits: usize = input.iter().map(|&octet| usize::from(LENGTHS[usize::from(octet)])).sum();
    bits.div_ceil(8)
}

/// Appends the code of `input` to `out`.
pub(super) fn encode(input: &[u8], out: &mut Vec<u8>) {
    let (mut window, mut bits) = (0_u64, 0_u32);
    for &octet in input {
        let symbol = usize::from(octet);
        let length = u32::from(LENGTHS[symbol]);
        window = (window << length) | u64::from(CODES[symbol]);
        bits += length;
        if bits >= 32 {
            bits -= 32;
            out.extend_from_slice(&((window >> bits) as u32).to_be_bytes());
        }
    }
    while bits >= 8 {
        bits -= 8;
        out.push((window >> bits) as u8);
    }
    if bits > 0 {
        out.push((window << (8 - bits)) as u8 | (0xff >> bits));
    }
}

/// What twelve bits stand for, packed: first symbol, second symbol, bits of all, bits of the first
/// alone, number of symbols, flags. All zero if they open a longer code.
#[derive(Clone, Copy)]
struct PrimaryEntry(u32);

impl PrimaryEntry {
    #[inline]
    fn symbols(self) -> [u8; 2] {
        [self.0 as u8, (self.0 >> 8) as u8]
    }

    #[inline]
    fn bits(self) -> u32 {
        self.0 >> 16 & 0xf
    }

    #[inline]
    fn first_bits(self) -> u32 {
        self.0 >> 20 & 0xf
    }

    #[inline]
    fn count(self) -> usize {
        (self.0 >> 24 & 0x3) as usize
    }

    #[inline]
    fn flags(self) -> u8 {
        (self.0 >> 26) as u8
    }

    const fn one(symbol: u8, bits: u32) -> Self {
        let flags = CLASSES[symbol as usize] as u32;
        Self(symbol as u32 | bits << 16 | bits << 20 | 1 << 24 | flags << 26)
    }

    const fn followed_by(self, next: Self) -> Self {
        let bits = (self.0 >> 16 & 0xf) + (next.0 >> 16 & 0xf);
        let flags = (self.0 | next.0) >> 26;
        Self(
            self.0 & 0xff
                | (next.0 & 0xff) << 8
                | bits << 16
                | self.0 & 0xf << 20
                | 2 << 24
                | flags << 26,
        )
    }
}

/// The codes of one length, with EOS's length as the common width.
#[derive(Clone, Copy)]
struct LongRow {
    /// The first code, shifted to 30 bits.
    first: u32,
    /// The end of the codes, shifted to 30 bits.
    end: u32,
    /// Where in [`SORTED`] the symbols of this length begin.
    rank: u16,
}

const LONG_ROWS: usize = (LONGEST - PRIMARY_BITS) as usize;

/// The symbols in the order of their codes: by length, then by value.
static SORTED: [u16; SYMBOLS] = sorted();
/// The code of each symbol, in the low bits.
static CODES: [u32; SYMBOLS] = codes();
static PRIMARY: [PrimaryEntry; PRIMARY_SIZE] = primary();
static LONG: [LongRow; LONG_ROWS] = long_rows();

const fn sorted() -> [u16; SYMBOLS] {
    let mut table = [EOS; SYMBOLS];
    let mut rank = 0;
    let mut length = SHORTEST as u32;
    while length <= LONGEST {
        let mut symbol = 0;
        while symbol < SYMBOLS {
            if LENGTHS[symbol] as u32 == length {
                table[rank] = symbol as u16;
                rank += 1;
            }
            symbol += 1;
        }
        length += 1;
    }
    table
}

const fn codes() -> [u32; SYMBOLS] {
    let order = sorted();
    let mut table = [0; SYMBOLS];
    let mut code = 0;
    let mut rank = 0;
    while rank < SYMBOLS {
        let symbol = order[rank] as usize;
        table[symbol] = code;
        if rank + 1 < SYMBOLS {
            code = (code + 1) << (LENGTHS[order[rank + 1] as usize] - LENGTHS[symbol]);
        }
        rank += 1;
    }
    table
}

const fn primary() -> [PrimaryEntry; PRIMARY_SIZE] {
    let single = primary_singles();
    let mut table = single;
    let mut index = 0;
    while index < PRIMARY_SIZE {
        let first = single[index];
        let bits = first.0 >> 16 & 0xf;
        if bits != 0 {
            // What follows the first code, with zeros where nothing is known yet.
            let next = single[index << bits & (PRIMARY_SIZE - 1)];
            let next_bits = next.0 >> 16 & 0xf;
            if next_bits != 0 && bits + next_bits <= PRIMARY_BITS {
                table[index] = first.followed_by(next);
            }
        }
        index += 1;
    }
    table
}

const fn primary_singles() -> [PrimaryEntry; PRIMARY_SIZE] {
    let codes = codes();
    let mut table = [PrimaryEntry(0); PRIMARY_SIZE];
    let mut symbol = 0;
    while symbol < EOS as usize {
        let bits = LENGTHS[symbol] as u32;
        if bits <= PRIMARY_BITS {
            let spare = PRIMARY_BITS - bits;
            let mut index = (codes[symbol] as usize) << spare;
            let end = index + (1 << spare);
            while index < end {
                table[index] = PrimaryEntry::one(symbol as u8, bits);
                index += 1;
            }
        }
        symbol += 1;
    }
    table
}

const fn long_rows() -> [LongRow; LONG_ROWS] {
    let (order, codes) = (sorted(), codes());
    let mut rows = [LongRow { first: 0, end: 0, rank: 0 }; LONG_ROWS];
    let mut rank = 0;
    while rank < SYMBOLS {
        let symbol = order[rank] as usize;
        let length = LENGTHS[symbol] as u32;
        if length > PRIMARY_BITS {
            let row = &mut rows[(length - PRIMARY_BITS - 1) as usize];
            let code = codes[symbol] << (LONGEST - length);
            if row.end == 0 {
                row.first = code;
                row.rank = rank as u16;
            }
            row.end = code + (1 << (LONGEST - length));
        }
        rank += 1;
    }
    rows
}
