//! Spans and events of calls, as gRFC A72 names them, seen by a subscriber.
#![cfg(all(feature = "tracing", feature = "server", feature = "channel"))]
#![allow(clippy::unwrap_used, missing_docs)]

use bytes::Bytes;
use protocall::server::{Routes, Service};
use protocall::{
    Channel, Method, MethodKind, Request, Response, Server, Status, TraceCalls, codec::Raw, memory,
};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::Interest;
use tracing::{Event, Metadata, Subscriber};

static SAY: Method = Method::new("a.Greeter", "Say", "/a.Greeter/Say", MethodKind::Unary);

/// Answers with what it gets, within its span; fails when it gets nothing.
struct Greeter;

impl Service for Greeter {
    fn name(&self) -> &'static str {
        SAY.service()
    }

    fn register(self, routes: &mut Routes) {
        routes.unary::<Raw, Bytes, Bytes, _, _, _>(
            &SAY,
            &Arc::new(self),
            |_, request| async move {
                tokio::task::yield_now().await;
                tracing::info!("at work");
                let message = request.into_inner();
                if message.is_empty() {
                    return Err(Status::invalid_argument("say something"));
                }
                Ok(Response::new(message))
            },
        );
    }
}

/// A span as it was seen.
#[derive(Clone, Debug, Default)]
struct Seen {
    parent: Option<u64>,
    fields: BTreeMap<String, String>,
    events: Vec<BTreeMap<String, String>>,
    handles: usize,
}

/// Keeps all spans, on one thread.
#[derive(Clone, Default)]
struct Capture(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    spans: Vec<(Seen, &'static Metadata<'static>)>,
    stack: Vec<u64>,
}

struct Fields<'a>(&'a mut BTreeMap<String, String>);

impl Visit for Fields<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.insert(field.name().to_owned(), format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name().to_owned(), value.to_owned());
    }
}

impl Capture {
    fn span<T>(&self, id: u64, then: impl FnOnce(&mut Seen) -> T) -> T {
        then(&mut self.0.lock().unwrap().spans[id as usize - 1].0)
    }

    /// The spans whose name begins so, with their ids.
    fn named(&self, prefix: &str) -> Vec<(u64, Seen)> {
        let state = self.0.lock().unwrap();
        let all = state.spans.iter().enumerate().map(|(at, (seen, _))| (at as u64 + 1, seen));
        all.filter(|(_, seen)| {
            seen.fields.get("otel.name").is_some_and(|name| name.starts_with(prefix))
        })
        .map(|(id, seen)| (id, seen.clone()))
        .collect()
    }
}

impl Subscriber for Capture {
    fn register_callsite(&self, _: &'static Metadata<'static>) -> Interest {
        Interest::sometimes()
    }

    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("protocall") || metadata.target().starts_with("tracing")
    }

    fn new_span(&self, attributes: &Attributes<'_>) -> Id {
        let mut state = self.0.lock().unwrap();
        let mut seen = Seen { handles: 1, ..Seen::default() };
        attributes.record(&mut Fields(&mut seen.fields));
        seen.parent = attributes.parent().map(Id::into_u64);
        if attributes.is_contextual() {
            seen.parent = state.stack.last().copied();
        }
        state.spans.push((seen, attributes.metadata()));
        Id::from_u64(state.spans.len() as u64)
    }

    fn record(&self, span: &Id, values: &Record<'_>) {
        self.span(span.into_u64(), |seen| values.record(&mut Fields(&mut seen.fields)));
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let current = self.0.lock().unwrap().stack.last().copied();
        let span = event.parent().map(Id::into_u64).or(current);
        let mut fields = BTreeMap::new();
        event.record(&mut Fields(&mut fields));
        if let Some(span) = span {
            self.span(span, |seen| seen.events.push(fields));
        }
    }

    fn enter(&self, span: &Id) {
        self.0.lock().unwrap().stack.push(span.into_u64());
    }

    fn exit(&self, _: &Id) {
        self.0.lock().unwrap().stack.pop();
    }

    fn clone_span(&self, id: &Id) -> Id {
        self.span(id.into_u64(), |seen| seen.handles += 1);
        id.clone()
    }

    fn try_close(&self, id: Id) -> bool {
        self.span(id.into_u64(), |seen| {
            seen.handles -= 1;
            seen.handles == 0
        })
    }

    fn current_span(&self) -> tracing_core::span::Current {
        let state = self.0.lock().unwrap();
        match state.stack.last() {
            Some(id) => {
                let metadata = state.spans[*id as usize - 1].1;
                tracing_core::span::Current::new(Id::from_u64(*id), metadata)
            }
            None => tracing_core::span::Current::none(),
        }
    }
}

/// One call with that message.
async fn say(message: &'static [u8]) -> Result<(), Status> {
    let (connector, listener) = memory::pair();
    let server = Server::builder().add_service(Greeter).intercept(TraceCalls);
    let serving = tokio::spawn(server.on(listener).unwrap().serve());
    let channel = Channel::over(connector).intercept(TraceCalls).build();
    let request = Request::new(Bytes::from_static(message));
    let outcome = channel.unary::<Raw, Bytes, Bytes>(&SAY, request).await;
    drop(channel);
    serving.await.unwrap();
    outcome.map(drop)
}

/// What was seen of that call, made within a span of the application.
fn seen(message: &'static [u8]) -> Capture {
    let capture = Capture::default();
    tracing::subscriber::with_default(capture.clone(), || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let application = tracing::info_span!("application", otel.name = "application");
            let call = say(message);
            let _ = tracing::Instrument::instrument(call, application).await;
        });
    });
    capture
}

#[track_caller]
fn has(seen: &Seen, fields: &[(&str, &str)]) {
    for (name, value) in fields {
        assert_eq!(seen.fields.get(*name).map(String::as_str), Some(*value), "{name}: {seen:?}");
    }
}

#[track_caller]
fn events(seen: &Seen) -> Vec<(String, Option<String>, Option<String>)> {
    let one = |event: &BTreeMap<String, String>| {
        let get = |name: &str| event.get(name).cloned();
        (get("message").unwrap(), get("sequence-number"), get("message-size"))
    };
    seen.events.iter().map(one).collect()
}

fn message(name: &str, number: u64, bytes: u64) -> (String, Option<String>, Option<String>) {
    (name.to_owned(), Some(number.to_string()), Some(bytes.to_string()))
}

#[test]
fn a_call_has_a_span_on_each_side_and_one_for_its_attempt() {
    let capture = seen(b"hello");
    let [(application, _)] = &capture.named("application")[..] else { panic!("no application") };
    let [(sent, call)] = &capture.named("Sent.")[..] else { panic!("not one Sent") };
    let [(_, attempt)] = &capture.named("Attempt.")[..] else { panic!("not one Attempt") };
    let [(_, recv)] = &capture.named("Recv.")[..] else { panic!("not one Recv") };

    has(call, &[("otel.name", "Sent.a.Greeter.Say"), ("otel.kind", "client")]);
    has(attempt, &[("otel.name", "Attempt.a.Greeter.Say"), ("otel.kind", "client")]);
    has(attempt, &[("previous-rpc-attempts", "0"), ("transparent-retry", "false")]);
    has(recv, &[("otel.name", "Recv.a.Greeter.Say"), ("otel.kind", "server")]);
    for span in [call, attempt, recv] {
        has(span, &[("otel.status_code", "OK"), ("rpc.grpc.status_code", "0")]);
        has(span, &[("rpc.service", "a.Greeter"), ("rpc.method", "Say"), ("rpc.system", "grpc")]);
        assert_eq!(span.handles, 0, "still open: {span:?}");
    }
    assert_eq!(call.parent, Some(*application));
    assert_eq!(attempt.parent, Some(*sent));
    assert_eq!(recv.parent, None);

    let there = [message("Outbound message sent", 0, 5), message("Inbound message read", 0, 5)];
    assert_eq!(events(attempt), there);
    // the handler's own event is in its span
    let here = [
        message("Inbound message read", 0, 5),
        ("at work".to_owned(), None, None),
        message("Outbound message sent", 0, 5),
    ];
    assert_eq!(events(recv), here);
}

#[test]
fn an_error_is_an_error_with_its_code_on_every_span() {
    let capture = seen(b"");
    for prefix in ["Sent.", "Attempt.", "Recv."] {
        let [(_, span)] = &capture.named(prefix)[..] else { panic!("not one {prefix}") };
        has(span, &[("otel.status_code", "ERROR"), ("otel.status_message", "INVALID_ARGUMENT")]);
        has(span, &[("rpc.grpc.status_code", "3")]);
    }
}
