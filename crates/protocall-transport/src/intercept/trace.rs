//! Spans of the `tracing` crate for calls and attempts, with the names, attributes and events of
//! gRFC A72.
//!
//! `tracing` names spans at compile time (`Sent`, `Attempt`, `Recv`); the name with the method is
//! in the field `otel.name`, which `tracing-opentelemetry` takes for the span's. Carrying a trace
//! from process to process is a propagator's business.

use super::{Beginning, CallHooks, Interceptor, Outcome, Passed, Scope};
use protocall_core::{Path, Status};
use tracing::field::{Empty, display};
use tracing::{Level, Span, event, info_span};

/// Opens a span for each call, on a client or on a server.
///
/// On a client `Sent.<method>` from the call to its end, below whatever span was current, and in it
/// `Attempt.<method>` for each time that the call went to a connection. On a server
/// `Recv.<method>`, in which the handler runs, also when it has moved to a task of its own.
///
/// ```
/// use protocall_transport::intercept::TraceCalls;
/// # let _: fn() -> TraceCalls = || TraceCalls;
/// // Server::builder().intercept(TraceCalls)
/// // Channel::builder(target)?.intercept(TraceCalls)
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct TraceCalls;

impl Interceptor for TraceCalls {
    async fn begin(&self, call: &mut Beginning) -> Result<(), Status> {
        if call.context().is_some() {
            let span = received(call.path());
            call.scope(Entered(span.clone()));
            call.hook(Received { span, numbers: Numbers::default() });
        } else {
            let span = sent(call.path());
            let (path, numbers) = (call.path().clone(), Numbers::default());
            call.hook(Sent { span, path, attempt: None, waiting: Vec::new(), numbers });
        }
        Ok(())
    }
}

/// Declares a span of that name and kind; further fields are recorded later.
macro_rules! call_span {
    ($parent:expr, $name:literal, $kind:literal, $path:expr $(, $($field:tt)+)?) => {
        info_span!(
            parent: $parent,
            $name,
            otel.name = display(format_args!(
                concat!($name, ".{}.{}"),
                $path.service(),
                $path.method()
            )),
            otel.kind = $kind,
            otel.status_code = Empty,
            otel.status_message = Empty,
            rpc.system = "grpc",
            rpc.service = $path.service(),
            rpc.method = $path.method(),
            rpc.grpc.status_code = Empty
            $(, $($field)+)?
        )
    };
}

fn sent(path: &Path) -> Span {
    call_span!(&Span::current(), "Sent", "client", path)
}

fn received(path: &Path) -> Span {
    // the connection's task, and whoever started it, has nothing to do with the call
    call_span!(None, "Recv", "server", path)
}

/// How a call or an attempt ended: OK, or an error whose code is the description.
fn close(span: &Span, outcome: &Outcome) {
    match outcome {
        Ok(_) => {
            span.record("otel.status_code", "OK");
            span.record("rpc.grpc.status_code", 0);
        }
        Err(status) => {
            span.record("otel.status_code", "ERROR");
            span.record("otel.status_message", display(status.code()));
            span.record("rpc.grpc.status_code", status.code() as i32);
        }
    }
}

/// The numbers of the next messages.
#[derive(Debug, Default)]
struct Numbers {
    outbound: u64,
    inbound: u64,
}

impl Numbers {
    fn outbound(&mut self, span: &Span, bytes: usize) {
        let number = self.outbound;
        self.outbound += 1;
        event!(
            parent: span,
            Level::INFO,
            "sequence-number" = number,
            "message-size" = bytes,
            "Outbound message sent"
        );
    }

    fn inbound(&mut self, span: &Span, bytes: usize) {
        let number = self.inbound;
        self.inbound += 1;
        event!(
            parent: span,
            Level::INFO,
            "sequence-number" = number,
            "message-size" = bytes,
            "Inbound message read"
        );
    }
}

/// A call on a client.
struct Sent {
    span: Span,
    path: Path,
    attempt: Option<Span>,
    /// The sizes of messages that were sent before there was an attempt.
    waiting: Vec<usize>,
    numbers: Numbers,
}

impl CallHooks for Sent {
    fn attempt(&mut self, previous: u32) {
        // attempts behind the first are transparent so far: the server had not processed the call
        let span = call_span!(
            &self.span,
            "Attempt",
            "client",
            self.path,
            "previous-rpc-attempts" = previous,
            "transparent-retry" = previous > 0
        );
        for bytes in std::mem::take(&mut self.waiting) {
            self.numbers.outbound(&span, bytes);
        }
        self.attempt = Some(span);
    }

    fn passed(&mut self, message: Passed, bytes: usize) {
        match (message, &self.attempt) {
            (Passed::Request, Some(attempt)) => self.numbers.outbound(attempt, bytes),
            (Passed::Request, None) => self.waiting.push(bytes),
            (Passed::Response, attempt) => {
                self.numbers.inbound(attempt.as_ref().unwrap_or(&self.span), bytes);
            }
        }
    }

    fn end(&mut self, outcome: &mut Outcome) {
        if let Some(attempt) = self.attempt.take() {
            close(&attempt, outcome);
        }
        close(&self.span, outcome);
        self.span = Span::none();
    }
}

/// A call on a server.
struct Received {
    span: Span,
    numbers: Numbers,
}

impl CallHooks for Received {
    fn passed(&mut self, message: Passed, bytes: usize) {
        match message {
            Passed::Request => self.numbers.inbound(&self.span, bytes),
            Passed::Response => self.numbers.outbound(&self.span, bytes),
        }
    }

    fn end(&mut self, outcome: &mut Outcome) {
        close(&self.span, outcome);
    }
}

/// Makes a span the current one while a handler is polled.
struct Entered(Span);

impl Scope for Entered {
    fn enter(&mut self, poll: &mut dyn FnMut()) {
        self.0.in_scope(poll);
    }
}
