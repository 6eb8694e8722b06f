//! The invariants: those of every moment, and those of the quiet after everything has arrived.

use protocall_http2::config::MAX_SENT_FRAME_BYTES;

use super::operation::MOST_EXPECTED;
use super::violation::ensure;
use super::{Half, Pair, Violation};

const MAX_WINDOW: i64 = 0x7fff_ffff;

/// What a connection may have allocated with nothing under way, its output apart: tables, store,
/// buffers that are kept between bursts.
const RESTING_MEMORY: usize = 64 * 1024;
/// Capacity that the output keeps when it is empty.
const OUTPUT_KEPT: usize = 256 * 1024;
/// How far the output passes its flush target: by one frame, and by what is written and not yet
/// moved out of the buffer.
const OUTPUT_SLACK: usize = MAX_SENT_FRAME_BYTES + 64 * 1024;
/// What a stream's place costs, with what is queued for it apart.
const STREAM_MEMORY: usize = 1024;
/// What a queued piece costs beside its bytes.
const PIECE_MEMORY: usize = 128;
/// How far a buffer that grows is ahead of what it holds.
const GROWTH: usize = 2;

impl Pair {
    /// Checks what holds at every moment.
    pub(super) fn check(&mut self) -> Result<(), Violation> {
        for side in [0, 1] {
            self.check_windows(side)?;
            self.check_ledgers(side)?;
            self.check_memory(side)?;
        }
        self.forget_ended()
    }

    fn check_windows(&self, side: usize) -> Result<(), Violation> {
        let connection = &self.ends[side].connection;
        let windows = connection.flow_windows();
        ensure!((0..=MAX_WINDOW).contains(&windows.send), "send window {windows:?}");
        ensure!((0..=MAX_WINDOW).contains(&windows.receive), "receive window {windows:?}");
        let budget = if side == 0 { self.tuning.budgets.0 } else { self.tuning.budgets.1 };
        // twice the budget and a quarter at most, and one message that is let through
        let most = 9 * budget.max(65_535) / 4 + MOST_EXPECTED;
        ensure!(windows.unconsumed <= most, "more is held than {most}: {windows:?}");
        let mut held = 0;
        for (id, halves) in &self.streams {
            let half = &halves[side];
            let Some(windows) = half.key.and_then(|key| connection.stream_flow_windows(key)) else {
                continue;
            };
            ensure!(windows.send <= MAX_WINDOW, "stream {id}: {windows:?}");
            ensure!(windows.receive <= MAX_WINDOW, "stream {id}: {windows:?}");
            // a frame that has begun is held as a whole, before all of it arrived
            ensure!(
                windows.unconsumed >= half.unconsumed,
                "stream {id}: {windows:?}, but {} are unconsumed",
                half.unconsumed
            );
            held += windows.unconsumed;
        }
        ensure!(windows.unconsumed == held, "{windows:?}, but open streams hold {held}");
        Ok(())
    }

    /// Memory is explained by the limits, by what the application gave and the peer has not got
    /// yet, and by the streams that were open at once.
    fn check_memory(&mut self, side: usize) -> Result<(), Violation> {
        let end = &mut self.ends[side];
        let memory = end.memory.max(0) as usize;
        self.most_streams = self.most_streams.max(end.connection.active_streams());
        self.figures.memory = self.figures.memory.max(memory);
        let unsent: u64 = self
            .streams
            .values()
            .map(|halves| halves[side].sent.saturating_sub(halves[1 - side].received))
            .sum();
        let pieces: usize = self.streams.values().map(|halves| halves[side].sends).sum();
        let output = end.connection.output().len();
        let bound = RESTING_MEMORY
            + OUTPUT_KEPT.max(GROWTH * (self.tuning.flush_target + OUTPUT_SLACK))
            + STREAM_MEMORY * self.most_streams
            + PIECE_MEMORY * pieces
            + GROWTH * (unsent as usize + output);
        ensure!(memory <= bound, "side {side} holds {memory} bytes, the limits explain {bound}");
        Ok(())
    }

    /// Lets go of the streams that are over on both sides, so that a late event of one is found
    /// out as the event of an unknown stream.
    fn forget_ended(&mut self) -> Result<(), Violation> {
        let mut over = Vec::new();
        for (id, halves) in &self.streams {
            let known = halves[1].key.is_some();
            let open = [0, 1].into_iter().any(|side| {
                halves[side].key.is_some_and(|key| self.ends[side].connection.is_open(key))
            });
            if known && !open {
                compare(*id, halves)?;
                over.push(*id);
            }
        }
        for id in over {
            self.streams.remove(&id);
        }
        Ok(())
    }

    /// Carries and consumes until nothing moves any more, or for so many rounds.
    pub(super) fn settle(&mut self, rounds: usize) -> Result<(), Violation> {
        for _ in 0..rounds {
            let mut moved = 0;
            for side in [0, 1] {
                moved += self.write(side, usize::MAX)? + self.read(side, usize::MAX)?;
                let mut taken = Vec::new();
                for halves in self.streams.values_mut() {
                    let half = &mut halves[side];
                    if let Some(key) = half.key.filter(|_| half.unconsumed > 0) {
                        taken.push((key, std::mem::take(&mut half.unconsumed)));
                    }
                }
                for (key, bytes) in taken {
                    moved += bytes as usize;
                    self.ends[side].command(|c| c.consume(key, bytes as usize));
                }
            }
            self.check()?;
            let on_its_way = self.network.advance(None);
            if moved == 0 && !on_its_way {
                break;
            }
        }
        Ok(())
    }

    /// Everything has arrived: what one side sent, the other has, and all credit is back.
    pub(super) fn check_settled(&self) -> Result<(), Violation> {
        for side in [0, 1] {
            let (here, there) = (&self.ends[side], &self.ends[1 - side]);
            ensure!(here.pings == here.pongs, "{} pings, {} pongs", here.pings, here.pongs);
            let mine = here.connection.flow_windows();
            let theirs = there.connection.flow_windows();
            ensure!(mine.send == theirs.receive, "credit is lost: {mine:?}, {theirs:?}");
            ensure!(mine.unconsumed == 0, "held by nobody: {mine:?}");
            ensure!(mine.receive > 65_535 / 2, "not enough is granted again: {mine:?}");
            for (id, halves) in &self.streams {
                self.check_settled_stream(*id, halves, side)?;
            }
        }
        Ok(())
    }

    fn check_settled_stream(
        &self,
        id: u32,
        halves: &[Half; 2],
        side: usize,
    ) -> Result<(), Violation> {
        let (mine, theirs) = (&halves[side], &halves[1 - side]);
        let cut = halves.iter().any(|half| half.reset || half.given_up);
        let windows = |side: usize| {
            let key = halves[side].key?;
            self.ends[side].connection.stream_flow_windows(key)
        };
        ensure!(!mine.waits || mine.sent_end || cut, "stream {id}: its sender was never woken");
        if cut {
            ensure!(windows(side).is_none(), "stream {id} was cut and is still open");
            return Ok(());
        }
        ensure!(theirs.key.is_some(), "stream {id} never arrived");
        ensure!(theirs.received == mine.sent, "stream {id}: {theirs:?} has not all of {mine:?}");
        ensure!(theirs.ended == mine.sent_end, "stream {id}: {theirs:?} of {mine:?}");
        let done = mine.sent_end && theirs.sent_end;
        ensure!(windows(side).is_none() == done, "stream {id}: open or not? {mine:?}");
        if let (Some(ours), Some(others)) = (windows(side), windows(1 - side))
            && !theirs.ended
        {
            ensure!(ours.send == others.receive, "stream {id}: {ours:?} against {others:?}");
        }
        Ok(())
    }
}

/// A stream that is over: whole unless it was cut, and never more than was sent.
fn compare(id: u32, halves: &[Half; 2]) -> Result<(), Violation> {
    let cut = halves.iter().any(|half| half.reset || half.given_up);
    for (sender, receiver) in [(&halves[0], &halves[1]), (&halves[1], &halves[0])] {
        ensure!(receiver.received <= sender.sent, "stream {id} has more than was sent");
        let whole = receiver.received == sender.sent && receiver.ended && sender.sent_end;
        ensure!(whole || cut, "stream {id} is over, but not whole: {sender:?} {receiver:?}");
    }
    Ok(())
}
