//! Which calls may make their responses now. What waits for its client is [`Stalled`]'s to know.
//!
//! [`Stalled`]: crate::server::stalled::Stalled

use super::Calls;
use protocall_http2::Connection;

impl Calls {
    /// Whether the call in a slot may go on: one that makes a whole response waits while too much
    /// of such has not gone out. What runs elsewhere makes it whatever waits by then, so no more
    /// begin than there is room for, if theirs are as large as the method's that had to wait.
    pub(super) fn may_answer(&mut self, http2: &Connection, index: usize) -> bool {
        let Some(slot) = self.slots.get(index).filter(|slot| slot.is_occupied()) else {
            return true;
        };
        let route = slot.route();
        let Some(handler) = self.home.handler(route).filter(|one| !one.server_streams()) else {
            return true;
        };
        let (elsewhere, one) = (handler.cost().is_slow(), handler.cost().waiting());
        if self.stalled.is_full(http2, self.stalled_limit) {
            return false;
        }
        if !elsewhere || slot.is_begun(route) {
            return true;
        }
        let begun = self.slots.iter().filter(|slot| slot.is_begun(route)).count();
        let room = self.stalled_limit.saturating_sub(begun.saturating_mul(one));
        room > 0 && !self.stalled.is_full(http2, room)
    }

    /// Polls the calls that had to wait until responses were taken; says whether there were any.
    pub(crate) fn resume(&mut self, http2: &mut Connection) -> bool {
        let (mut any, mut refused) = (false, false);
        let mut full = self.stalled.is_full(http2, self.stalled_limit);
        for _ in 0..self.stalled.parked() {
            if full {
                break;
            }
            let Some(index) = self.stalled.unpark() else { break };
            // to find out costs a walk over all calls: once a turn is enough
            let asks = !refused || !self.runs_elsewhere(index);
            if asks && self.may_answer(http2, index) {
                any = true;
                self.run(http2, index);
                full = self.stalled.is_full(http2, self.stalled_limit);
            } else {
                refused = true;
                self.stalled.park(index);
            }
        }
        any
    }

    fn runs_elsewhere(&self, index: usize) -> bool {
        let route = self.slots.get(index).map(super::Slot::route);
        route.and_then(|route| self.home.handler(route)).is_some_and(|one| one.cost().is_slow())
    }
}
