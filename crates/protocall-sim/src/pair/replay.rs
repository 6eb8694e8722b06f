//! The same bytes cut in other ways, some of them past the connection: the events must be the
//! same, adjacent data joined.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use protocall_http2::{Config, Connection, Event, Field, Part, Side, StreamKey, Timestamp};

use super::violation::ensure;
use super::{Pair, Violation};
use crate::random::Random;

/// Windows that no run fills.
const WIDE: u32 = 1 << 30;

/// What a connection said: for each event but joined data, its stream and a digest.
type Story = Vec<(u32, u64)>;

impl Pair {
    /// Hears again what both ends heard, cut in other ways.
    pub(super) fn check_replays(&self) -> Result<(), Violation> {
        let mut random = Random::new(self.tuning.seed);
        for (end, opened) in self.ends.iter().zip([&self.opened[..], &[]]) {
            let side = end.connection.side();
            let whole = replay(side, &end.heard, opened, false, || usize::MAX)?;
            let most = [3, 100, 5000, 100_000][random.between(0, 3) as usize];
            for in_place in [false, true] {
                let size = || random.between(1, most) as usize;
                let cut = replay(side, &end.heard, opened, in_place, size)?;
                ensure!(whole == cut, "the {side:?}'s events depend on the cuts ({in_place})");
            }
        }
        Ok(())
    }
}

/// The events of a passive connection. A client opens a stream at each of the places `opened`.
/// With `in_place`, data that is awaited does not pass through the connection.
fn replay(
    side: Side,
    heard: &[u8],
    opened: &[usize],
    in_place: bool,
    mut size: impl FnMut() -> usize,
) -> Result<Story, Violation> {
    let mut connection = passive(side);
    let mut story = Teller::default();
    let mut opened = opened.iter().copied().peekable();
    let (mut start, mut end) = (0, 0);
    while end < heard.len() {
        while opened.next_if(|place| *place <= end).is_some() {
            let head = [Part::Field(Field::indexed(b":method", b"POST"))];
            ensure!(connection.open(&head, true).is_ok(), "a replay cannot open its stream");
        }
        let next_open = opened.peek().copied().unwrap_or(usize::MAX);
        let most = end.saturating_add(size().max(1)).min(next_open).min(heard.len());
        if let Some((stream, due)) = connection.awaited_data().filter(|_| in_place && start == end)
        {
            end = most.min(end + due);
            let bytes = heard.get(start..end).unwrap_or_default();
            let told = connection.receive_in_place(bytes.len(), Timestamp::from_nanos(1));
            ensure!(told.is_some(), "awaited data is not accepted");
            let end_stream = told == Some(true);
            story.tell(&Event::Data { stream, bytes, end_stream });
            connection.output().advance(usize::MAX);
            start = end;
            continue;
        }
        end = most;
        let mut rest = heard.get(start..end).unwrap_or_default();
        loop {
            let told = match connection.receive(&mut rest, Timestamp::from_nanos(1)) {
                Ok(Some(event)) => {
                    story.tell(&event);
                    true
                }
                Ok(None) => false,
                Err(error) => return Err(Violation::new(format!("a replay died: {error}"))),
            };
            let paused = connection.wants_write();
            connection.output().advance(usize::MAX);
            if !told && !paused {
                break;
            }
        }
        start = end - rest.len();
    }
    Ok(story.finish())
}

/// Takes all that comes and sends nothing of its own.
fn passive(side: Side) -> Connection {
    let mut config = Config::for_side(side);
    config.stream_window = WIDE;
    config.connection_window = WIDE;
    config.receive_budget = u64::from(u32::MAX);
    config.limits.min_ping_interval = Duration::ZERO;
    config.limits.min_ping_interval_idle = Duration::ZERO;
    config.limits.resets_received.burst = u32::MAX;
    config.limits.useless_frames.burst = u32::MAX;
    Connection::new(side, config)
}

/// Digests events as they come.
#[derive(Default)]
struct Teller {
    story: Story,
    data: Option<(StreamKey, DefaultHasher)>,
}

impl Teller {
    fn tell(&mut self, event: &Event<'_>) {
        if let Event::Data { stream, bytes, end_stream } = event {
            if self.data.as_ref().is_none_or(|(key, _)| key != stream) {
                self.end_data();
            }
            let (_, digest) = self.data.get_or_insert_with(|| (*stream, DefaultHasher::new()));
            digest.write(bytes);
            if *end_stream {
                self.end_data();
                self.story.push((stream.id(), u64::MAX));
            }
            return;
        }
        self.end_data();
        let mut digest = DefaultHasher::new();
        format!("{event:?}").hash(&mut digest);
        self.story.push((0, digest.finish()));
    }

    fn end_data(&mut self) {
        if let Some((key, digest)) = self.data.take() {
            self.story.push((key.id(), digest.finish()));
        }
    }

    fn finish(mut self) -> Story {
        self.end_data();
        self.story
    }
}
