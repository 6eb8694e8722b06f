//! Which compressions a peer can undo: ours as a list with its header value, the other's as a set.

use super::Compression;
use std::sync::Arc;

/// Compressions that this side undoes, in the order of its preference. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Compressions {
    list: Arc<[Compression]>,
    /// As `grpc-accept-encoding` says it.
    header: Arc<str>,
}

/// More are left out: no peer has nearly as many.
const MOST: usize = 32;

impl Compressions {
    /// None: messages must come as they are.
    #[must_use]
    pub fn none() -> Self {
        Self::of(&[])
    }

    /// These, best first; [`Compression::IDENTITY`] is always accepted and need not be among them.
    /// Of two with one name the first counts; at most 32 are kept.
    #[must_use]
    pub fn of(compressions: &[Compression]) -> Self {
        let mut list: Vec<Compression> = Vec::new();
        for one in compressions {
            if !one.is_identity() && !list.contains(one) && list.len() < MOST {
                list.push(*one);
            }
        }
        let names = std::iter::once("identity").chain(list.iter().map(|one| one.name()));
        let header = names.collect::<Vec<_>>().join(",").into();
        Self { list: list.into(), header }
    }

    /// The same ones and another, or another of the same name in place of one.
    #[must_use]
    pub fn with(&self, compression: Compression) -> Self {
        let mut list: Vec<_> =
            self.list.iter().filter(|one| **one != compression).copied().collect();
        list.push(compression);
        Self::of(&list)
    }

    /// The one of that name, [`Compression::IDENTITY`] included.
    #[must_use]
    pub fn find(&self, name: &[u8]) -> Option<Compression> {
        if name == b"identity" {
            return Some(Compression::IDENTITY);
        }
        self.list.iter().find(|one| one.name().as_bytes() == name).copied()
    }

    /// The value of `grpc-accept-encoding`.
    #[must_use]
    pub fn header(&self) -> &str {
        &self.header
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The compressions, best first.
    pub fn iter(&self) -> impl Iterator<Item = Compression> + '_ {
        self.list.iter().copied()
    }

    /// Those that a `grpc-accept-encoding` names.
    #[must_use]
    pub fn accepted(&self, header: &[u8]) -> Accepts {
        let mut set = 0;
        for name in header.split(|byte| *byte == b',').map(<[u8]>::trim_ascii) {
            let index = self.list.iter().position(|one| one.name().as_bytes() == name);
            set |= index.map_or(0, |index| 1 << index);
        }
        Accepts(set)
    }

    /// Whether the peer undoes that compression.
    #[must_use]
    pub fn allows(&self, accepts: Accepts, compression: Compression) -> bool {
        let index = self.list.iter().position(|one| *one == compression);
        compression.is_identity() || index.is_some_and(|index| accepts.0 & (1 << index) != 0)
    }
}

impl Default for Compressions {
    /// All that this build has: features `gzip` (gzip and deflate), `zstd`, `snappy`.
    fn default() -> Self {
        Self::of(&[
            #[cfg(feature = "gzip")]
            Compression::GZIP,
            #[cfg(feature = "gzip")]
            Compression::DEFLATE,
            #[cfg(feature = "zstd")]
            Compression::ZSTD,
            #[cfg(feature = "snappy")]
            Compression::SNAPPY,
        ])
    }
}

/// Which of our compressions a peer undoes; of the [`Compressions`] that made it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Accepts(u32);

impl Accepts {
    /// None of them.
    pub const NONE: Self = Self(0);
}

/// Reads what peers accept, and remembers the last answer: a connection's calls nearly all say the
/// same.
#[derive(Debug, Default)]
pub struct Negotiation {
    ours: Compressions,
    pub(super) last: Vec<u8>,
    accepts: Accepts,
}

/// Longer header values are read each time, so that a peer cannot make a connection hold them.
const LONGEST: usize = 128;

impl Negotiation {
    /// Of peers that may be sent those compressions, and may send them.
    #[must_use]
    pub const fn new(ours: Compressions) -> Self {
        Self { ours, last: Vec::new(), accepts: Accepts(0) }
    }

    /// The compressions of this side.
    #[must_use]
    pub const fn ours(&self) -> &Compressions {
        &self.ours
    }

    /// Those of ours that a `grpc-accept-encoding` names.
    pub fn accepted(&mut self, header: &[u8]) -> Accepts {
        if header == self.last {
            return self.accepts;
        }
        let accepts = self.ours.accepted(header);
        if header.len() <= LONGEST {
            self.last.clear();
            self.last.extend_from_slice(header);
            self.accepts = accepts;
        }
        accepts
    }
}
