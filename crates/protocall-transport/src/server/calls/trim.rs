//! What the calls of an idle connection give back. When, `lull` says.

use super::{Calls, Recent, Slot, Spares};

impl Calls {
    /// Gives back memory that only calls at work need.
    pub(crate) fn trim(&mut self) {
        self.spares = Spares::default();
        self.recent = Recent::default();
        self.rounds.clear();
        self.tarpit.trim();
        self.space.trim();
        let used = self.slots.iter().rposition(Slot::is_occupied);
        self.slots.truncate(used.map_or(0, |last| last + 1));
        self.slots.shrink_to_fit();
        self.slots.iter_mut().for_each(Slot::trim);
    }
}
