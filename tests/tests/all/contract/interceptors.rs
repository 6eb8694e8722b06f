//! Interceptors on either side see and change everything, in calls of all shapes.

use bytes::Bytes;
use protocall::buffa::Message;
use protocall::channel::Channel;
use protocall::server::Intercepted;
use protocall::{
    Beginning, CallHooks, Code, Interceptor, Metadata, Outcome, Passed, Request, Response,
    ResponseStream, Server, Status, Streaming,
};
use protocall_tests::numbered;
use protocall_tests::proto::trial::{Blob, TrialClient, TrialServer};
use protocall_tests::rig::{Rig, Wire};
use protocall_tests::service::Scripted;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

super::over_each_wire!(
    a_client_changes_everything,
    a_server_changes_everything,
    a_client_refuses,
    a_server_refuses,
    the_first_is_the_outermost,
    every_call_ends_once,
    a_service_has_interceptors_of_its_own,
    errors_are_seen_and_changed,
    sizes_and_attempts_are_told,
    waiting_counts_against_the_deadline,
);

/// Numbers messages: requests with 7, responses with 8.
#[derive(Clone)]
struct Tamper {
    /// Gives up its turn before it goes on.
    slow: bool,
    ends: Arc<Mutex<Vec<String>>>,
}

impl Tamper {
    fn new(slow: bool) -> Self {
        Self { slow, ends: Arc::default() }
    }
}

impl Interceptor for Tamper {
    async fn begin(&self, call: &mut Beginning) -> Result<(), Status> {
        if self.slow {
            tokio::task::yield_now().await;
        }
        assert!(call.path().service() == "trial.Trial", "{}", call.path());
        call.metadata_mut().insert("x-begin", "1")?;
        call.hook(self.clone());
        Ok(())
    }
}

/// The same message with another number: of a field that comes twice the last one counts.
fn renumber(message: &mut Bytes, number: i64) {
    *message = [message, &numbered(number).encode_to_vec()[..]].concat().into();
}

impl CallHooks for Tamper {
    fn takes_messages(&self) -> bool {
        true
    }

    fn request(&mut self, message: &mut Bytes) -> Result<(), Status> {
        renumber(message, 7);
        Ok(())
    }

    fn response_metadata(&mut self, metadata: &mut Metadata) {
        metadata.insert("x-head", "2").unwrap();
    }

    fn response(&mut self, message: &mut Bytes) -> Result<(), Status> {
        renumber(message, 8);
        Ok(())
    }

    fn end(&mut self, outcome: &mut Outcome) {
        match outcome {
            Ok(trailers) => trailers.insert("x-tail", "3").unwrap(),
            Err(status) => *status = Status::new(status.code(), format!("{}!", status.message())),
        }
        let code = outcome.as_ref().err().map_or(Code::Ok, Status::code);
        self.ends.lock().unwrap().push(format!("{code:?}"));
    }
}

/// Answers only to requests that were changed on their way.
fn strict() -> Scripted {
    fn check<M>(request: &Request<M>) {
        assert_eq!(request.metadata().get("x-begin"), Some("1"));
    }
    Scripted::default()
        .unary(|request: Request<Blob>| async move {
            check(&request);
            assert_eq!(request.message().number, 7);
            Ok(Response::new(numbered(1)))
        })
        .download(|request: Request<Blob>| async move {
            check(&request);
            assert_eq!(request.message().number, 7);
            Ok(Response::new(ResponseStream::iter([numbered(1), numbered(2)])))
        })
        .upload(|request: Request<Streaming<Blob>>| async move {
            check(&request);
            let mut requests = request.into_inner();
            while let Some(message) = requests.message().await? {
                assert_eq!(message.number, 7);
            }
            Ok(Response::new(numbered(1)))
        })
        .chat(|request: Request<Streaming<Blob>>| async move {
            check(&request);
            let mut requests = request.into_inner();
            Ok(Response::new(ResponseStream::produce(|sender| async move {
                while let Some(message) = requests.message().await? {
                    assert_eq!(message.number, 7);
                    sender.send(numbered(1)).await?;
                }
                Ok(())
            })))
        })
}

/// Calls of all shapes, whose responses must have been changed on their way.
async fn all_shapes(client: &TrialClient) {
    let response = client.unary(numbered(1)).await.unwrap();
    assert_eq!(response.message().number, 8);
    assert_eq!(response.metadata().get("x-head"), Some("2"));
    assert_eq!(response.trailers().get("x-tail"), Some("3"));

    let mut download = client.download(numbered(1));
    for _ in 0..2 {
        assert_eq!(download.message().await.unwrap().unwrap().number, 8);
    }
    assert_eq!(download.headers().await.unwrap().get("x-head"), Some("2"));
    assert_eq!(download.trailers().await.unwrap().get("x-tail"), Some("3"));

    let mut upload = client.upload(());
    for number in 0..3 {
        upload.send(numbered(number)).await.unwrap();
    }
    let response = upload.finish().await.unwrap();
    assert_eq!(response.message().number, 8);
    assert_eq!(response.metadata().get("x-head"), Some("2"));
    assert_eq!(response.trailers().get("x-tail"), Some("3"));

    let mut chat = client.chat(());
    for number in 0..3 {
        chat.send(numbered(number)).await.unwrap();
        assert_eq!(chat.message().await.unwrap().unwrap().number, 8);
    }
    chat.finish();
    assert_eq!(chat.headers().await.unwrap().get("x-head"), Some("2"));
    assert_eq!(chat.trailers().await.unwrap().get("x-tail"), Some("3"));
}

fn trial() -> protocall::server::Builder {
    Server::builder().add_service(TrialServer::new(strict()))
}

async fn a_client_changes_everything(wire: Wire) {
    let rig = Rig::start(wire, strict()).await;
    for slow in [false, true] {
        let tamper = Tamper::new(slow);
        let channel = rig.channel_builder().intercept(tamper.clone()).build();
        all_shapes(&TrialClient::new(channel)).await;
        assert_eq!(*tamper.ends.lock().unwrap(), ["Ok"; 4]);
    }
}

async fn a_server_changes_everything(wire: Wire) {
    for slow in [false, true] {
        let tamper = Tamper::new(slow);
        let rig = Rig::serve(wire, trial().intercept(tamper.clone())).await;
        all_shapes(&rig.client()).await;
        assert_eq!(*tamper.ends.lock().unwrap(), ["Ok"; 4]);
    }
}

/// Refuses every call.
#[derive(Clone, Copy)]
struct Refuse {
    slow: bool,
}

impl Interceptor for Refuse {
    async fn begin(&self, _: &mut Beginning) -> Result<(), Status> {
        if self.slow {
            tokio::task::yield_now().await;
        }
        Err(Status::permission_denied("not you"))
    }
}

/// Calls of all shapes, none of which may get through.
async fn none_gets_through(client: &TrialClient) {
    let expect = |status: Status| {
        assert_eq!((status.code(), status.message()), (Code::PermissionDenied, "not you"));
    };
    expect(client.unary(numbered(1)).await.unwrap_err());
    expect(client.download(numbered(1)).message().await.unwrap_err());
    let mut upload = client.upload(());
    let _ = upload.send(numbered(1)).await;
    expect(upload.finish().await.unwrap_err());
    let mut chat = client.chat(());
    let _ = chat.send(numbered(1)).await;
    expect(chat.message().await.unwrap_err());
}

async fn a_client_refuses(wire: Wire) {
    let rig = Rig::start(wire, strict()).await;
    for slow in [false, true] {
        let channel = rig.channel().intercepted(Refuse { slow });
        none_gets_through(&TrialClient::new(channel)).await;
    }
}

async fn a_server_refuses(wire: Wire) {
    for slow in [false, true] {
        let rig = Rig::serve(wire, trial().intercept(Refuse { slow })).await;
        none_gets_through(&rig.client()).await;
    }
}

/// Notes where it is asked and told.
struct Named(&'static str, Arc<Mutex<Vec<String>>>);

impl Interceptor for Named {
    async fn begin(&self, call: &mut Beginning) -> Result<(), Status> {
        self.1.lock().unwrap().push(format!("{} begin", self.0));
        call.hook(NamedHooks(self.0, Arc::clone(&self.1)));
        Ok(())
    }
}

struct NamedHooks(&'static str, Arc<Mutex<Vec<String>>>);

impl NamedHooks {
    fn note(&self, what: &str) {
        self.1.lock().unwrap().push(format!("{} {what}", self.0));
    }
}

impl CallHooks for NamedHooks {
    fn attempt(&mut self, previous: u32) {
        self.note(&format!("attempt {previous}"));
    }

    fn response_metadata(&mut self, _: &mut Metadata) {
        self.note("head");
    }

    fn passed(&mut self, message: Passed, bytes: usize) {
        self.note(&format!("{message:?} {bytes}"));
    }

    fn end(&mut self, _: &mut Outcome) {
        self.note("end");
    }
}

async fn the_first_is_the_outermost(wire: Wire) {
    let log = Arc::new(Mutex::new(Vec::new()));
    let rig = Rig::serve(
        wire,
        Server::builder()
            .intercept(Named("c", Arc::clone(&log)))
            .intercept(Named("d", Arc::clone(&log)))
            .add_service(TrialServer::new(Scripted::default())),
    )
    .await;
    let channel = rig.channel_builder().intercept(Named("a", Arc::clone(&log))).build();
    let client = TrialClient::new(channel.intercepted(Named("b", Arc::clone(&log))));
    client.unary(numbered(1)).await.unwrap();
    let begun: Vec<_> =
        log.lock().unwrap().iter().filter(|l| l.ends_with("begin")).cloned().collect();
    assert_eq!(begun, ["a begin", "b begin", "c begin", "d begin"]);
    let ends: Vec<_> = log.lock().unwrap().iter().filter(|l| l.ends_with("end")).cloned().collect();
    assert_eq!(ends, ["d end", "c end", "b end", "a end"]);
}

async fn sizes_and_attempts_are_told(wire: Wire) {
    let rig = Rig::start(wire, Scripted::default()).await;
    let log = Arc::new(Mutex::new(Vec::new()));
    let channel = rig.channel_builder().intercept(Named("a", Arc::clone(&log))).build();
    TrialClient::new(channel).unary(numbered(1)).await.unwrap();
    let size = numbered(1).encode_to_vec().len();
    let expected = [
        "a begin".to_owned(),
        format!("a Request {size}"),
        "a attempt 0".to_owned(),
        "a head".to_owned(),
        format!("a Response {size}"),
        "a end".to_owned(),
    ];
    assert_eq!(*log.lock().unwrap(), expected);
}

/// Counts ends by how they came.
#[derive(Clone, Default)]
struct Count {
    begun: Arc<AtomicUsize>,
    ends: Arc<Mutex<Vec<Code>>>,
}

impl Interceptor for Count {
    async fn begin(&self, call: &mut Beginning) -> Result<(), Status> {
        self.begun.fetch_add(1, Ordering::SeqCst);
        call.hook(self.clone());
        Ok(())
    }
}

impl CallHooks for Count {
    fn end(&mut self, outcome: &mut Outcome) {
        let code = outcome.as_ref().err().map_or(Code::Ok, Status::code);
        self.ends.lock().unwrap().push(code);
    }
}

impl Count {
    /// Waits until as many calls have ended as have begun.
    async fn ended(&self, count: usize) -> Vec<Code> {
        while self.ends.lock().unwrap().len() < count {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        assert_eq!(self.begun.load(Ordering::SeqCst), count);
        std::mem::take(&mut self.ends.lock().unwrap())
    }
}

async fn every_call_ends_once(wire: Wire) {
    let (ours, theirs) = (Count::default(), Count::default());
    let never = Scripted::default().unary(|_: Request<Blob>| std::future::pending()).chat(
        |request: Request<Streaming<Blob>>| async {
            Ok(Response::new(ResponseStream::new(request.into_inner())))
        },
    );
    let server = Server::builder().add_service(TrialServer::new(never)).intercept(theirs.clone());
    let rig = Rig::serve(wire, server).await;
    let client = TrialClient::new(rig.channel_builder().intercept(ours.clone()).build());

    // the deadline passes
    let request = Request::new(numbered(1)).with_timeout(Duration::from_millis(30));
    let status = client.unary(request).await.unwrap_err();
    assert_eq!(status.code(), Code::DeadlineExceeded);
    // the caller gives up in the middle
    let mut chat = client.chat(());
    chat.send(numbered(1)).await.unwrap();
    chat.message().await.unwrap();
    drop(chat);
    assert_eq!(ours.ended(2).await, [Code::DeadlineExceeded, Code::Cancelled]);
    let mut seen = theirs.ended(2).await;
    seen.sort_unstable_by_key(|code| *code as u32);
    assert_eq!(seen, [Code::Cancelled, Code::DeadlineExceeded]);
}

async fn a_service_has_interceptors_of_its_own(wire: Wire) {
    let service = Intercepted::new(TrialServer::new(strict()), Tamper::new(false));
    let server = Server::builder()
        .add_service(service)
        .fallback(|_| async { Err(Status::not_found("nobody")) });
    let rig = Rig::serve(wire, server).await;
    all_shapes(&rig.client()).await;
    // Tamper does not know of this service, and is not asked
    let status = rig.bare_client().unary(numbered(1)).await.unwrap_err();
    assert_eq!((status.code(), status.message()), (Code::NotFound, "nobody"));
}

async fn errors_are_seen_and_changed(wire: Wire) {
    let failing = Scripted::default()
        .unary(|_: Request<Blob>| async { Err(Status::aborted("no")) })
        .download(|_: Request<Blob>| async { Err(Status::aborted("no")) });
    let server = Server::builder().add_service(TrialServer::new(failing));
    let tamper = Tamper::new(false);
    let rig = Rig::serve(wire, server.intercept(tamper.clone())).await;
    let channel: Channel = rig.channel().intercepted(tamper.clone());
    let client = TrialClient::new(channel);
    // once on each side
    let status = client.unary(numbered(1)).await.unwrap_err();
    assert_eq!((status.code(), status.message()), (Code::Aborted, "no!!"));
    let status = client.download(numbered(1)).message().await.unwrap_err();
    assert_eq!((status.code(), status.message()), (Code::Aborted, "no!!"));
    assert_eq!(*tamper.ends.lock().unwrap(), ["Aborted"; 4]);
}

/// Never goes on.
struct Hang;

impl Interceptor for Hang {
    async fn begin(&self, _: &mut Beginning) -> Result<(), Status> {
        std::future::pending().await
    }
}

async fn waiting_counts_against_the_deadline(wire: Wire) {
    let short = Duration::from_millis(30);
    let rig = Rig::start(wire, Scripted::default()).await;
    let client = TrialClient::new(rig.channel().intercepted(Hang));
    let request = || Request::new(numbered(1)).with_timeout(short);
    let status = client.unary(request()).await.unwrap_err();
    assert_eq!(status.code(), Code::DeadlineExceeded);
    let status = client.download(request()).message().await.unwrap_err();
    assert_eq!(status.code(), Code::DeadlineExceeded);
    let mut chat = client.chat(Request::new(()).with_timeout(short));
    // waits for the interceptors, and then learns that the call is over
    assert_eq!(chat.send(numbered(1)).await.unwrap_err().code(), Code::DeadlineExceeded);

    let rig = Rig::serve(wire, trial().intercept(Hang)).await;
    let status = rig.client().unary(request()).await.unwrap_err();
    assert_eq!(status.code(), Code::DeadlineExceeded);
}
