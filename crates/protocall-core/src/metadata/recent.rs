//! Metadata that comes again and again, kept once: the calls of a connection mostly carry the same
//! pairs, such as a `user-agent` and a token.

use super::Metadata;
use super::records::Records;
use std::sync::Arc;

/// Metadata longer than this is not kept: it would stay with an idle connection.
const LONGEST: usize = 1024;

/// What the calls of a connection carried last.
///
/// [`room`](Self::room) gives memory to read metadata into, [`settle`](Self::settle) takes it back
/// when the same pairs came before. What came twice is shared from then on, so repeating
/// it costs no allocation; what differs from call to call costs one each, and a copy of its bytes.
#[derive(Debug, Default)]
pub struct Recent {
    room: Vec<u8>,
    last: Vec<u8>,
    shared: Option<Arc<[u8]>>,
}

impl Recent {
    /// Empty metadata with memory to fill.
    #[must_use]
    pub fn room(&mut self) -> Metadata {
        Metadata { records: Records::Own(std::mem::take(&mut self.room)) }
    }

    /// The metadata that was read, shared with the calls before if it is the same.
    #[must_use]
    pub fn settle(&mut self, metadata: Metadata) -> Metadata {
        let records = match metadata.records {
            Records::Own(records) if records.len() <= LONGEST => records,
            records => return Metadata { records },
        };
        if records.is_empty() {
            self.room = records;
            return Metadata::new();
        }
        let known = self.shared.as_ref().filter(|shared| ***shared == *records);
        let shared = match known {
            Some(shared) => Arc::clone(shared),
            None if self.last == records => {
                Arc::clone(self.shared.insert(records.as_slice().into()))
            }
            None => {
                self.last.clear();
                self.last.extend_from_slice(&records);
                return Metadata { records: Records::Own(records) };
            }
        };
        self.room = records;
        self.room.clear();
        Metadata { records: Records::Shared(shared) }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn read(recent: &mut Recent, value: &str) -> Metadata {
        let mut metadata = recent.room();
        assert!(metadata.is_empty());
        metadata.append("key", value).unwrap();
        let settled = recent.settle(metadata);
        assert_eq!(settled.get("key"), Some(value));
        settled
    }

    fn is_shared(metadata: &Metadata) -> bool {
        matches!(metadata.records, Records::Shared(_))
    }

    #[test]
    fn what_repeats_is_shared_and_what_differs_is_not() {
        let mut recent = Recent::default();
        let values = ["a", "a", "a", "b", "a", "b", "a", "a"];
        let shared = values.map(|value| is_shared(&read(&mut recent, value)));
        // "a" stays shared until something else has come twice
        assert_eq!(shared, [false, true, true, false, true, true, false, true]);
    }

    #[test]
    fn changing_what_is_shared_changes_no_other() {
        let mut recent = Recent::default();
        let first = read(&mut recent, "a");
        let mut second = read(&mut recent, "a");
        let third = read(&mut recent, "a");
        second.append("other", "b").unwrap();
        assert_eq!(first, third);
        assert_eq!(second.len(), 2);
        assert_eq!(third.len(), 1);
    }

    #[test]
    fn long_and_empty_metadata_is_not_kept() {
        let mut recent = Recent::default();
        let long = "x".repeat(LONGEST);
        assert!(!is_shared(&read(&mut recent, &long)) && !is_shared(&read(&mut recent, &long)));
        let room = recent.room();
        assert!(recent.settle(room).is_empty());
    }
}
