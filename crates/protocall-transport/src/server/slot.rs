//! The place of a stream and the call in it. Ten thousand may be open and wait, so what few calls
//! have, and those not for long, is elsewhere. What happens to calls is [`calls`](super::calls)'s.

use super::dispatch::{Route, ServerCall};
use super::work::Permit;
use crate::exchange::{Exchange, Home};
use protocall_core::compression::Accepts;
use protocall_core::envelope::Scanner;
use protocall_core::{Compression, Metadata};
use protocall_http2::StreamKey;
use std::pin::Pin;
use std::sync::Arc;
use tokio::time::Instant;

/// What a stream's place keeps from call to call, and the call in it.
pub(super) struct Slot {
    /// The stream's id; 0 while there is no call.
    stream: u32,
    route: u32,
    pub(super) reply: Reply,
    pub(super) scanner: Scanner,
    pub(super) stage: Stage,
}

// beside HTTP/2's stream and the call's exchange, of the 256 bytes of an open stream
const _: () = assert!(size_of::<Slot>() <= 72);

pub(super) enum Stage {
    /// No call, or one that is answered.
    Empty,
    /// The one message is not complete.
    Collecting(Box<Collecting>),
    /// The handler is at work.
    Running {
        call: Pin<Box<dyn ServerCall>>,
        exchange: Arc<Exchange>,
        /// It takes a stream of requests, which the exchange brings.
        streams: bool,
        /// It was polled once at least.
        begun: bool,
    },
}

/// A request of which not all is there.
#[derive(Default)]
pub(super) struct Collecting {
    pub(super) metadata: Metadata,
    /// What is there of the message, when it did not come whole.
    pub(super) message: Vec<u8>,
    pub(super) deadline: Option<Instant>,
    /// When it is not what the connection's other calls have.
    pub(super) home: Option<Arc<Home>>,
}

/// How far a response is.
#[derive(Debug, Default)]
pub(crate) struct Reply {
    pub(crate) head_sent: bool,
    pub(crate) finished: bool,
    /// What was to be sent could not be: the call has ended with an error already.
    pub(crate) broken: bool,
    /// What the client undoes.
    pub(crate) accepts: Accepts,
    /// Stays with the place, so that calls that need it mostly find it.
    rare: Option<Box<Rare>>,
}

/// What few calls have.
#[derive(Debug, Default)]
struct Rare {
    /// When it is not plain `application/grpc`.
    content_type: Option<Box<[u8]>>,
    /// What the client's messages are compressed with.
    encoding: Compression,
    /// What the response's messages are compressed with.
    compression: Compression,
    /// Held while the handler is at work, where that is bounded.
    permit: Option<Permit>,
}

impl Reply {
    /// The response's content type when it is not plain `application/grpc`.
    pub(crate) fn content_type(&self) -> Option<&[u8]> {
        self.rare.as_ref()?.content_type.as_deref()
    }

    pub(super) fn set_content_type(&mut self, content_type: Box<[u8]>) {
        self.rare().content_type = Some(content_type);
    }

    /// What the client's messages are compressed with.
    pub(super) fn encoding(&self) -> Compression {
        self.rare.as_ref().map_or(Compression::IDENTITY, |rare| rare.encoding)
    }

    pub(super) fn set_encoding(&mut self, encoding: Compression) {
        self.rare().encoding = encoding;
    }

    /// What the response's messages are compressed with.
    pub(crate) fn compression(&self) -> Compression {
        self.rare.as_ref().map_or(Compression::IDENTITY, |rare| rare.compression)
    }

    pub(crate) fn set_compression(&mut self, compression: Compression) {
        if compression != self.compression() {
            self.rare().compression = compression;
        }
    }

    /// The handler is at work from now on.
    pub(super) fn hold(&mut self, permit: Option<Permit>) {
        if permit.is_some() {
            self.rare().permit = permit;
        }
    }

    fn rare(&mut self) -> &mut Rare {
        self.rare.get_or_insert_default()
    }

    /// The response of another call.
    fn renew(&mut self) {
        let mut rare = self.rare.take();
        if let Some(rare) = &mut rare {
            **rare = Rare::default();
        }
        *self = Self { rare, ..Self::default() };
    }
}

/// A call that has left its place.
pub(super) struct Ended {
    pub(super) call: Pin<Box<dyn ServerCall>>,
    pub(super) exchange: Arc<Exchange>,
}

impl Slot {
    pub(super) const EMPTY: Self = Self {
        stream: 0,
        route: 0,
        reply: Reply {
            head_sent: false,
            finished: false,
            broken: false,
            accepts: Accepts::NONE,
            rare: None,
        },
        scanner: Scanner::new(0),
        stage: Stage::Empty,
    };

    /// A call begins here.
    pub(super) fn occupy(&mut self, key: StreamKey, route: Route, max_message: usize) {
        self.stream = key.id();
        // routes are a server's methods
        self.route = route.0 as u32;
        self.scanner = Scanner::new(max_message);
        self.reply.renew();
    }

    /// Whether the call is that stream's.
    pub(super) const fn is(&self, key: StreamKey) -> bool {
        self.stream == key.id()
    }

    pub(super) const fn is_occupied(&self) -> bool {
        self.stream != 0
    }

    /// The stream, if this is the place of that number and there is a call.
    pub(super) const fn key(&self, index: usize) -> Option<StreamKey> {
        if self.stream == 0 {
            return None;
        }
        Some(StreamKey::from_parts(index as u32, self.stream))
    }

    pub(super) const fn route(&self) -> Route {
        Route(self.route as usize)
    }

    /// Whether a handler of that route has begun with the call and has not ended.
    pub(super) const fn is_begun(&self, route: Route) -> bool {
        self.route as usize == route.0 && matches!(self.stage, Stage::Running { begun: true, .. })
    }

    /// When the call ends with DEADLINE_EXCEEDED.
    pub(super) fn deadline(&self) -> Option<Instant> {
        match &self.stage {
            Stage::Empty => None,
            Stage::Collecting(collecting) => collecting.deadline,
            Stage::Running { exchange, .. } => exchange.deadline(),
        }
    }

    /// The call is over, which its cancellation says from now on. Returns what did the work.
    pub(super) fn close(&mut self) -> Option<Ended> {
        self.stream = 0;
        if let Some(rare) = &mut self.reply.rare {
            rare.permit = None;
        }
        let Stage::Running { call, exchange, .. } =
            std::mem::replace(&mut self.stage, Stage::Empty)
        else {
            return None;
        };
        exchange.mark_over();
        Some(Ended { call, exchange })
    }

    /// Gives back memory that nothing uses while the stream is idle.
    pub(super) fn trim(&mut self) {
        let needed = |rare: &Rare| {
            let plain = rare.encoding.is_identity() && rare.compression.is_identity();
            rare.content_type.is_some() || rare.permit.is_some() || !plain
        };
        self.reply.rare.take_if(|rare| self.stream == 0 || !needed(rare));
        match &mut self.stage {
            Stage::Empty => {}
            Stage::Collecting(collecting) => {
                if collecting.message.is_empty() {
                    collecting.message = Vec::new();
                }
            }
            Stage::Running { exchange, .. } => exchange.trim(),
        }
    }
}
