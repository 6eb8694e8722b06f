//! Credit as it can be seen on the wire: who sent how much DATA, who granted what. The windows that
//! both connections tell must follow from that alone, for the connection and for each stream: what
//! was granted is what came, what is under way, and the window.

use std::collections::{BTreeMap, VecDeque};

use protocall_http2::StreamKey;

use super::violation::ensure;
use super::{Pair, Violation};

const PREFACE: usize = 24;
const HEAD: usize = 9;
const PROTOCOL_WINDOW: i64 = 65_535;

/// What one connection wrote, or read.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    /// Bytes to pass over: the preface, or the rest of a payload.
    skip: usize,
    /// A head or payload that is not complete.
    begun: Vec<u8>,
    /// DATA payload bytes and WINDOW_UPDATE increments by stream; 0 is the connection.
    data: BTreeMap<u32, i64>,
    credit: BTreeMap<u32, i64>,
    /// The initial windows that SETTINGS told, in order, and the acknowledgements.
    initial: VecDeque<i64>,
    acknowledgements: usize,
}

impl Ledger {
    pub(super) fn new(preface: bool) -> Self {
        Self { skip: if preface { PREFACE } else { 0 }, ..Self::default() }
    }

    /// The next bytes, cut anywhere. DATA counts from its head on.
    pub(super) fn note(&mut self, mut bytes: &[u8]) {
        loop {
            let skipped = self.skip.min(bytes.len());
            self.skip -= skipped;
            bytes = &bytes[skipped..];
            if bytes.is_empty() {
                return;
            }
            let wanted = self.wanted();
            let taken = (wanted - self.begun.len()).min(bytes.len());
            self.begun.extend_from_slice(&bytes[..taken]);
            bytes = &bytes[taken..];
            if self.begun.len() == self.wanted() {
                self.frame();
                self.begun.clear();
            }
        }
    }

    /// Bytes that are to be gathered: a head, and the payload of what is looked into.
    fn wanted(&self) -> usize {
        match self.begun.get(..HEAD) {
            Some(head) if matches!(head[3], 4 | 8) => HEAD + length(head),
            _ => HEAD,
        }
    }

    fn frame(&mut self) {
        let (head, payload) = self.begun.split_at(HEAD);
        let stream = number(&head[5..9]) as u32 & 0x7fff_ffff;
        match (head[3], head[4] & 1) {
            (0, _) => {
                for account in [0, stream] {
                    *self.data.entry(account).or_default() += length(head) as i64;
                }
                self.skip = length(head);
            }
            (8, _) => *self.credit.entry(stream).or_default() += number(payload),
            (4, 1) => self.acknowledgements += 1,
            (4, _) => {
                let windows = payload.chunks(6).filter(|entry| entry[..2] == [0, 4]);
                let window = windows.map(|entry| number(&entry[2..])).next_back();
                let before = self.initial.back().copied().unwrap_or(PROTOCOL_WINDOW);
                self.initial.push_back(window.unwrap_or(before));
            }
            _ => self.skip = length(head),
        }
    }

    fn data(&self, stream: u32) -> i64 {
        self.data.get(&stream).copied().unwrap_or_default()
    }

    fn credit(&self, stream: u32) -> i64 {
        self.credit.get(&stream).copied().unwrap_or_default()
    }

    /// The initial window after so many SETTINGS.
    fn initial(&self, frames: usize) -> i64 {
        let told = frames.checked_sub(1).and_then(|last| self.initial.get(last));
        told.copied().unwrap_or(PROTOCOL_WINDOW)
    }
}

fn length(head: &[u8]) -> usize {
    number(&head[..3]) as usize
}

fn number(bytes: &[u8]) -> i64 {
    bytes.iter().fold(0, |number, byte| number << 8 | i64::from(*byte))
}

impl Pair {
    /// The windows of a side that has written all that it has to say are those of its ledgers.
    pub(super) fn check_ledgers(&mut self, side: usize) -> Result<(), Violation> {
        if !self.ends[side].connection.output().is_empty() {
            return Ok(());
        }
        let end = &self.ends[side];
        let (wrote, read) = (&end.wrote, &end.parsed);
        let told = end.connection.flow_windows();
        let send = PROTOCOL_WINDOW + read.credit(0) - wrote.data(0);
        let receive = PROTOCOL_WINDOW + wrote.credit(0) - read.data(0);
        ensure!(told.send == send, "side {side}: {told:?}, but on the wire {send} may be sent");
        ensure!(told.receive == receive, "side {side}: {told:?}, but {receive} may come");
        for (id, halves) in &self.streams {
            let half = &halves[side];
            if let Some(key) = half.key {
                self.check_stream_ledger(side, key, half.ended)
                    .map_err(|violation| violation.at(format_args!("stream {id}")))?;
            }
        }
        Ok(())
    }

    fn check_stream_ledger(
        &self,
        side: usize,
        key: StreamKey,
        ended: bool,
    ) -> Result<(), Violation> {
        let end = &self.ends[side];
        let (wrote, read, id) = (&end.wrote, &end.parsed, key.id());
        let Some(told) = end.connection.stream_flow_windows(key) else {
            return Ok(());
        };
        let send = read.initial(read.initial.len()) + read.credit(id) - wrote.data(id);
        ensure!(told.send == send, "side {side}: {told:?}, but {send} may be sent");
        let receive = wrote.initial(read.acknowledgements) + wrote.credit(id) - read.data(id);
        // nothing more comes: the window means nothing
        ensure!(ended || told.receive == receive, "side {side}: {told:?}, but {receive} may come");
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_counted_however_they_are_cut() {
        let mut bytes = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec();
        bytes.extend([0, 0, 12, 4, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 9, 0, 4, 0, 0, 1, 0]);
        bytes.extend([0, 0, 5, 0, 1, 0, 0, 0, 3, 1, 2, 3, 4, 5]);
        bytes.extend([0, 0, 4, 8, 0, 0, 0, 0, 0, 0, 0, 2, 1]);
        bytes.extend([0, 0, 0, 4, 1, 0, 0, 0, 0]);
        for size in 1..bytes.len() {
            let mut ledger = Ledger::new(true);
            bytes.chunks(size).for_each(|chunk| ledger.note(chunk));
            assert_eq!((ledger.data(0), ledger.data(3), ledger.credit(0)), (5, 5, 513));
            assert_eq!((ledger.initial(1), ledger.initial(0)), (256, 65_535));
            assert_eq!(ledger.acknowledgements, 1);
        }
    }
}
