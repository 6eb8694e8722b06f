//! What the calls of an idle connection give back. When, `lull` says.

use super::{Calls, Recent, Spares};

impl Calls {
    /// Gives back memory that only calls at work need.
    pub(crate) fn trim(&mut self) {
        self.spares = Spares::default();
        self.recent = Recent::default();
        self.rounds.clear();
        self.tarpit.trim();
        self.space.trim();
        let used = self.slots.iter().rposition(|slot| slot.key.is_some());
        self.slots.truncate(used.map_or(0, |last| last + 1));
        self.slots.shrink_to_fit();
        for slot in self.slots.iter_mut().filter(|slot| slot.message.is_empty()) {
            slot.message = Vec::new();
        }
    }
}
