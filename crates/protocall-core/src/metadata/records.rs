//! The buffer of metadata: its own, or shared with others that hold the same pairs.

use std::ops::Deref;
use std::sync::Arc;

/// Records of key length (2 bytes), value length (4 bytes), key, value.
#[derive(Clone)]
pub(super) enum Records {
    Own(Vec<u8>),
    Shared(Arc<[u8]>),
}

impl Records {
    /// No records; does not allocate.
    pub(super) const fn new() -> Self {
        Self::Own(Vec::new())
    }

    /// Changes the bytes, after copying them if they are shared.
    pub(super) fn change(&mut self, change: impl FnOnce(&mut Vec<u8>)) {
        let mut bytes = match std::mem::take(self) {
            Self::Own(bytes) => bytes,
            Self::Shared(bytes) => bytes.to_vec(),
        };
        change(&mut bytes);
        *self = Self::Own(bytes);
    }
}

impl Deref for Records {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Own(bytes) => bytes,
            Self::Shared(bytes) => bytes,
        }
    }
}

impl Default for Records {
    fn default() -> Self {
        Self::new()
    }
}

impl PartialEq for Records {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for Records {}
