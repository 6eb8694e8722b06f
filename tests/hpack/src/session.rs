//! Sessions from a seed. A plain model of the dynamic table says which indexes are there, so that
//! most blocks are sound and the unsound ones are so by intention.

use crate::List;
use crate::writer::{huffman, integer, plain};
use protocall_http2::Fields;
use protocall_http2::hpack::{DEFAULT_TABLE_SIZE, Decoder, HeaderLimits};
use protocall_sim::Random;
use std::collections::VecDeque;

/// Entries in the static table (RFC 7541 appendix A).
const STATIC: usize = 61;

/// What one decoder gets, in order.
#[derive(Clone, Debug)]
pub struct Session {
    /// The steps.
    pub steps: Vec<Step>,
}

/// One step of a session.
#[derive(Clone, Debug)]
pub enum Step {
    /// SETTINGS_HEADER_TABLE_SIZE of the decoding side, acknowledged.
    Allow(usize),
    /// A block.
    Block(Vec<u8>),
}

impl Session {
    /// The session of that seed.
    #[must_use]
    pub fn new(seed: u64, freedom: &Freedom) -> Self {
        let mut maker = Maker::new(seed, freedom.needless_octets);
        let mut steps = Vec::new();
        for _ in 0..maker.random.between(1, 16) {
            if freedom.resizes && maker.random.percent(10) {
                let size = maker.size(2 * DEFAULT_TABLE_SIZE);
                maker.allow(size);
                steps.push(Step::Allow(size));
            }
            steps.push(Step::Block(maker.block()));
        }
        Self { steps }
    }
}

/// What the judge of a session can be asked.
#[derive(Clone, Copy, Debug)]
pub struct Freedom {
    /// The decoding side changes its table's size.
    pub resizes: bool,
    /// The most octets by which integers are longer than they need be. Ours takes five behind the
    /// prefix, some decoders four, some any number.
    pub needless_octets: usize,
}

struct Maker {
    random: Random,
    needless_octets: usize,
    statics: List,
    /// The newest first.
    table: VecDeque<(Vec<u8>, Vec<u8>)>,
    size: usize,
    allowed: usize,
    /// The next block must lower the size.
    owes: bool,
}

impl Maker {
    fn new(seed: u64, needless_octets: usize) -> Self {
        Self {
            random: Random::new(seed),
            needless_octets,
            statics: statics(),
            table: VecDeque::new(),
            size: DEFAULT_TABLE_SIZE,
            allowed: DEFAULT_TABLE_SIZE,
            owes: false,
        }
    }

    fn allow(&mut self, size: usize) {
        self.allowed = size;
        self.owes |= size < self.size;
    }

    /// A table size up to `most`; small ones evict.
    fn size(&mut self, most: usize) -> usize {
        let most = if self.random.percent(50) { most.min(200) } else { most };
        self.random.between(0, most as u64) as usize
    }

    /// A table size at which the newest entries just fit, or just do not.
    fn edge(&mut self) -> usize {
        let kept = self.random.between(0, self.table.len() as u64) as usize;
        let fits: usize = self.table.iter().take(kept).map(entry_size).sum();
        fits.saturating_sub(self.random.between(0, 1) as usize)
    }

    fn block(&mut self) -> Vec<u8> {
        let mut out = Vec::new();
        if std::mem::take(&mut self.owes) && !self.random.percent(3) || self.random.percent(8) {
            let too_much = if self.random.percent(3) { 1 } else { 0 };
            let size = if self.random.percent(50) { self.edge() } else { self.size(self.allowed) };
            self.resize(size.min(self.allowed) + too_much * (self.allowed + 1), &mut out);
        }
        for _ in 0..self.random.between(0, 9) {
            self.field(&mut out);
        }
        if self.random.percent(8) {
            self.damage(&mut out);
        }
        out
    }

    fn resize(&mut self, size: usize, out: &mut Vec<u8>) {
        let zeros = self.zeros();
        integer(0x20, 5, size, if size < 31 { 0 } else { zeros }, out);
        self.size = size;
        self.evict();
    }

    fn field(&mut self, out: &mut Vec<u8>) {
        let entries = STATIC + self.table.len();
        if self.random.percent(45) {
            let index = match self.random.between(0, 99) {
                0 => 0,
                1 => entries + 1,
                2 => entries + 2 + self.size(3000),
                _ => self.random.between(1, entries as u64) as usize,
            };
            let zeros = if index < 127 { 0 } else { self.zeros() };
            return integer(0x80, 7, index, zeros, out);
        }
        if self.random.percent(1) {
            let size = self.size(self.allowed);
            return self.resize(size, out);
        }
        let (pattern, bits) =
            [(0x40, 6), (0x40, 6), (0x00, 4), (0x10, 4)][self.random.between(0, 3) as usize];
        let name = if self.random.percent(50) {
            let index = self.random.between(1, entries as u64) as usize;
            integer(pattern, bits, index, 0, out);
            self.entry(index).0
        } else {
            out.push(pattern);
            let name = self.name();
            self.string(&name, out);
            name
        };
        let value = self.value();
        self.string(&value, out);
        if bits == 6 {
            self.table.push_front((name, value));
            self.evict();
        }
    }

    fn entry(&self, index: usize) -> (Vec<u8>, Vec<u8>) {
        match index.checked_sub(STATIC + 1) {
            Some(back) => self.table.get(back).cloned().unwrap_or_default(),
            None => self.statics.get(index - 1).cloned().unwrap_or_default(),
        }
    }

    fn evict(&mut self) {
        while self.table.iter().map(entry_size).sum::<usize>() > self.size {
            self.table.pop_back();
        }
    }

    fn string(&mut self, text: &[u8], out: &mut Vec<u8>) {
        if self.random.percent(50) {
            return huffman(text, out);
        }
        let zeros = self.zeros();
        plain(text, zeros, out);
    }

    /// Needless octets of an integer: rarely any.
    fn zeros(&mut self) -> usize {
        let most = self.needless_octets as u64;
        if self.random.percent(3) { self.random.between(1, most) as usize } else { 0 }
    }

    fn name(&mut self) -> Vec<u8> {
        match self.random.between(0, 19) {
            0 => self.octets(12),
            1..=8 => self.pick(b"ab", 2),
            _ => self.pick(b"abcdefghijklmnopqrstuvwxyz0123456789-", 30),
        }
    }

    fn value(&mut self) -> Vec<u8> {
        match self.random.between(0, 19) {
            0 => self.octets(40),
            1 => self.pick(b"0123456789 /;=", 400),
            2..=9 => self.pick(b"01", 2),
            _ => self.pick(b"abcdefghijklmnopqrstuvwxyzABCDEF0123456789/.:;=%&+~ ", 60),
        }
    }

    fn pick(&mut self, alphabet: &[u8], most: u64) -> Vec<u8> {
        let last = alphabet.len() as u64 - 1;
        let letter = |random: &mut Random| alphabet[random.between(0, last) as usize];
        (0..self.random.between(1, most)).map(|_| letter(&mut self.random)).collect()
    }

    fn octets(&mut self, most: u64) -> Vec<u8> {
        (0..self.random.between(0, most)).map(|_| self.random.next_u64() as u8).collect()
    }

    /// Breaks a block, or tries to. The model is wrong from here on, which makes further blocks
    /// wrong, too.
    fn damage(&mut self, out: &mut Vec<u8>) {
        let at = self.random.between(0, out.len() as u64) as usize;
        match self.random.between(0, 3) {
            0 => out.truncate(at),
            1 => out.extend(self.octets(20)),
            2 => {
                if let Some(octet) = out.get_mut(at) {
                    *octet ^= 1 << self.random.between(0, 7);
                }
            }
            _ => {
                if let Some(octet) = out.get_mut(at) {
                    *octet = self.random.next_u64() as u8;
                }
            }
        }
    }
}

/// What an entry counts (RFC 7541 section 4.1).
fn entry_size((name, value): &(Vec<u8>, Vec<u8>)) -> usize {
    name.len() + value.len() + 32
}

/// The static table as our decoder has it; its own tests hold it against the RFC.
fn statics() -> List {
    let (mut decoder, mut fields) = (Decoder::new(DEFAULT_TABLE_SIZE), Fields::new());
    let block: Vec<u8> = (1..=STATIC as u8).map(|index| 0x80 | index).collect();
    let outcome = decoder.decode(&block, &HeaderLimits::default(), &mut fields);
    debug_assert!(outcome.is_ok());
    fields.iter().map(|field| (field.name.to_vec(), field.value.to_vec())).collect()
}
