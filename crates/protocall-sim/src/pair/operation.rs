//! What can happen in one step: a command of either application, or the network's progress.

use crate::choices::Choices;
use crate::shrink::simpler_numbers;

/// One step. `stream` picks among the streams that still live, newest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operation {
    /// The client opens a stream.
    Open { end: bool },
    /// The server sends the head of its response.
    Head { stream: usize, end: bool },
    /// A side sends data, copied or by reference.
    Send { client: bool, stream: usize, size: usize, referenced: bool, end: bool },
    /// A side sends trailers.
    Trailers { client: bool, stream: usize },
    /// A side's application takes a part of what it has.
    Consume { client: bool, stream: usize, share: usize },
    /// A side's application waits for a message of which so much is there and so much is not.
    Expect { client: bool, stream: usize, partial: usize, bytes: usize },
    /// A side gives a stream up.
    Reset { client: bool, stream: usize },
    /// A side changes its stream windows by SETTINGS.
    Window { client: bool, bytes: u32 },
    /// A side pings.
    Ping { client: bool },
    /// A side begins to leave.
    Shutdown { client: bool },
    /// A side gives back memory that it does not need while idle.
    Trim { client: bool },
    /// A side writes at most that much into the network.
    Write { client: bool, bytes: usize },
    /// A side reads at most that much of what has arrived.
    Read { client: bool, bytes: usize },
    /// Time passes until the next arrival, or by that many microseconds.
    Wait { micros: u64 },
}

/// The largest rest of a message that an application waits for.
pub(super) const MOST_EXPECTED: u64 = 200_000;

/// Shares of the operations; what carries bytes is the most frequent.
const WEIGHTS: [(u64, Kind); 14] = [
    (30, Kind::Open),
    (30, Kind::Head),
    (80, Kind::Send),
    (20, Kind::Trailers),
    (50, Kind::Consume),
    (10, Kind::Expect),
    (8, Kind::Reset),
    (6, Kind::Window),
    (6, Kind::Ping),
    (1, Kind::Shutdown),
    (2, Kind::Trim),
    (90, Kind::Write),
    (90, Kind::Read),
    (40, Kind::Wait),
];

#[derive(Clone, Copy)]
enum Kind {
    Open,
    Head,
    Send,
    Trailers,
    Consume,
    Expect,
    Reset,
    Window,
    Ping,
    Shutdown,
    Trim,
    Write,
    Read,
    Wait,
}

impl Operation {
    /// The next operation by these decisions.
    pub(super) fn draw(choices: &mut impl Choices) -> Self {
        let kind = draw_kind(choices);
        let client = choices.below(2) == 0;
        let stream = choices.below(8) as usize;
        match kind {
            // a client that leaves opens nothing more: rarely, so that most runs go on
            Kind::Shutdown if !choices.once_in(4) => Self::Ping { client },
            Kind::Open => Self::Open { end: choices.once_in(4) },
            Kind::Head => Self::Head { stream, end: choices.once_in(8) },
            Kind::Send => Self::Send {
                client,
                stream,
                size: amount(choices, 100_000),
                referenced: choices.below(2) == 0,
                end: choices.once_in(4),
            },
            Kind::Trailers => Self::Trailers { client, stream },
            Kind::Consume => {
                Self::Consume { client, stream, share: choices.between(1, 3) as usize }
            }
            Kind::Expect => Self::Expect {
                client,
                stream,
                partial: amount(choices, MOST_EXPECTED),
                bytes: amount(choices, MOST_EXPECTED),
            },
            Kind::Reset => Self::Reset { client, stream },
            Kind::Window => Self::Window { client, bytes: amount(choices, 200_000) as u32 },
            Kind::Ping => Self::Ping { client },
            Kind::Shutdown => Self::Shutdown { client },
            Kind::Trim => Self::Trim { client },
            Kind::Write => Self::Write { client, bytes: 1 + amount(choices, 300_000) },
            Kind::Read => Self::Read { client, bytes: 1 + amount(choices, 300_000) },
            Kind::Wait => Self::Wait { micros: amount(choices, 1_000_000) as u64 },
        }
    }
}

impl Operation {
    /// The same with a smaller number, or less to it.
    pub(super) fn simpler(self) -> Vec<Self> {
        let numbers = simpler_numbers;
        match self {
            Self::Open { end: true } => vec![Self::Open { end: false }],
            Self::Send { client, stream, size, referenced, end } => {
                let sizes = numbers(size);
                let smaller =
                    sizes.map(|size| Self::Send { client, stream, size, referenced, end });
                let copied = Self::Send { client, stream, size, referenced: false, end };
                smaller.chain(referenced.then_some(copied)).collect()
            }
            Self::Consume { client, stream, share } if share != 1 => {
                vec![Self::Consume { client, stream, share: 1 }]
            }
            Self::Expect { client, stream, partial, bytes } => {
                let less = numbers(partial);
                let less = less.map(|partial| Self::Expect { client, stream, partial, bytes });
                let fewer = numbers(bytes);
                let fewer = fewer.map(|bytes| Self::Expect { client, stream, partial, bytes });
                less.chain(fewer).collect()
            }
            Self::Window { client, bytes } => {
                let smaller = numbers(bytes as usize);
                smaller.map(|bytes| Self::Window { client, bytes: bytes as u32 }).collect()
            }
            // all at once is simpler than a part
            Self::Write { client, bytes } if bytes != usize::MAX => {
                vec![Self::Write { client, bytes: usize::MAX }]
            }
            Self::Read { client, bytes } if bytes != usize::MAX => {
                vec![Self::Read { client, bytes: usize::MAX }]
            }
            Self::Wait { micros } => numbers(micros as usize)
                .map(|micros| Self::Wait { micros: micros as u64 })
                .collect(),
            _ => Vec::new(),
        }
    }
}

fn draw_kind(choices: &mut impl Choices) -> Kind {
    let total = WEIGHTS.iter().map(|(weight, _)| weight).sum();
    let mut drawn = choices.below(total);
    for (weight, kind) in WEIGHTS {
        match drawn.checked_sub(weight) {
            Some(rest) => drawn = rest,
            None => return kind,
        }
    }
    Kind::Wait
}

/// Mostly small, sometimes large: most edges are near 0, the others near a window.
fn amount(choices: &mut impl Choices, most: u64) -> usize {
    let bound = match choices.below(6) {
        0 => 3,
        1 | 2 => 64,
        3 | 4 => 5000,
        _ => most,
    };
    choices.between(0, bound.min(most)) as usize
}
