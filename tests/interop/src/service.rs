//! The server's half of the interop tests: payloads, statuses and metadata as the client asks.
//!
//! Stateless but for its identity and the load that it was told to report.

use crate::orca::{self, Load};
use crate::proto::grpc::testing::{
    BoolValue, EchoStatus, Empty, Payload, ResponseParameters, SimpleRequest, SimpleResponse,
    StreamingInputCallRequest, StreamingInputCallResponse, StreamingOutputCallRequest,
    StreamingOutputCallResponse, TestService,
};
use protocall::{
    Code, Compression, Metadata, Request, Response, ResponseSender, ResponseStream, Status,
    Streaming,
};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::sync::Mutex;

/// Metadata under this key comes back in front of the responses.
pub const ECHO_INITIAL: &str = "x-grpc-test-echo-initial";
/// Metadata under this key comes back behind the responses.
pub const ECHO_TRAILING: &str = "x-grpc-test-echo-trailing-bin";

/// The largest payload that is made, far above what any case asks for, so that a client cannot ask
/// for all of the machine's memory.
const MAX_PAYLOAD: usize = 64 * 1024 * 1024;

type Output = StreamingOutputCallResponse;

/// The interop service.
#[derive(Debug)]
pub struct TestServer {
    id: String,
    load: Load,
    /// Held by the call that says what is reported, so that two of them wait for each other.
    reporting: Arc<Mutex<()>>,
}

impl TestServer {
    /// A server with an identity of its own.
    #[must_use]
    pub fn new() -> Self {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let id = format!("protocall-{}-{}", std::process::id(), now.as_nanos());
        Self { id, load: Load::default(), reporting: Arc::default() }
    }

    /// The load that this server reports, as a service.
    #[must_use]
    pub fn load(&self) -> Load {
        self.load.clone()
    }
}

impl Default for TestServer {
    fn default() -> Self {
        Self::new()
    }
}

impl TestService for TestServer {
    async fn empty_call(&self, request: Request<Empty>) -> Result<Response<Empty>, Status> {
        Ok(Echo::of(request.metadata())?.response(Empty::default()))
    }

    async fn unary_call(
        &self,
        request: Request<SimpleRequest>,
    ) -> Result<Response<SimpleResponse>, Status> {
        let mut echo = Echo::of(request.metadata())?;
        let compressed = request.was_compressed();
        let request = request.into_inner();
        check_expected(request.expect_compressed.as_option(), compressed)?;
        if let Some(asked) = request.orca_per_query_report.as_option() {
            orca::attach(&orca::report(asked), &mut echo.trailing)?;
        }
        echo.check(request.response_status.as_option())?;
        let mut response = SimpleResponse {
            payload: Some(payload(request.response_size)?).into(),
            ..Default::default()
        };
        if request.fill_server_id {
            response.server_id.clone_from(&self.id);
            response.hostname = hostname();
        }
        let response = echo.response(response);
        Ok(match request.response_compressed.as_option() {
            Some(wanted) => response.with_compression(compression(wanted.value)),
            None => response,
        })
    }

    async fn cacheable_unary_call(
        &self,
        request: Request<SimpleRequest>,
    ) -> Result<Response<SimpleResponse>, Status> {
        let mut response = self.unary_call(request).await?;
        response.metadata_mut().append("cache-control", "max-age=60, public").map_err(refused)?;
        Ok(response)
    }

    async fn streaming_output_call(
        &self,
        request: Request<StreamingOutputCallRequest>,
    ) -> Result<Response<ResponseStream<Output>>, Status> {
        let echo = Echo::of(request.metadata())?;
        let request = request.into_inner();
        echo.check(request.response_status.as_option())?;
        let wanted = request.response_parameters.iter().any(is_wanted);
        let responses = ResponseStream::produce(|sender| async move {
            send_all(&sender, &request.response_parameters).await
        });
        Ok(echo.response(responses).with_compression(compression(wanted)))
    }

    async fn streaming_input_call(
        &self,
        request: Request<Streaming<StreamingInputCallRequest>>,
    ) -> Result<Response<StreamingInputCallResponse>, Status> {
        let echo = Echo::of(request.metadata())?;
        let mut requests = request.into_inner();
        let mut total: i32 = 0;
        while let Some(request) = requests.message().await? {
            let compressed = requests.was_compressed();
            check_expected(request.expect_compressed.as_option(), compressed)?;
            total = i32::try_from(request.payload.body.len())
                .ok()
                .and_then(|len| total.checked_add(len))
                .ok_or_else(|| Status::out_of_range("the payloads are above 2 GiB together"))?;
        }
        Ok(echo.response(StreamingInputCallResponse {
            aggregated_payload_size: total,
            ..Default::default()
        }))
    }

    async fn full_duplex_call(
        &self,
        request: Request<Streaming<StreamingOutputCallRequest>>,
    ) -> Result<Response<ResponseStream<Output>>, Status> {
        let echo = Echo::of(request.metadata())?;
        let mut requests = request.into_inner();
        let asked = echo.clone();
        let (load, reporting) = (self.load.clone(), Arc::clone(&self.reporting));
        let responses = ResponseStream::produce(|sender| async move {
            let mut turn = None;
            while let Some(request) = requests.message().await? {
                asked.check(request.response_status.as_option())?;
                if let Some(asked) = request.orca_oob_report.as_option() {
                    if turn.is_none() {
                        turn = Some(reporting.lock().await);
                    }
                    load.set(orca::report(asked));
                }
                send_all(&sender, &request.response_parameters).await?;
            }
            Ok(())
        });
        // which messages are to be compressed is not known yet
        Ok(echo.response(responses).with_compression(compression(true)))
    }

    async fn half_duplex_call(
        &self,
        request: Request<Streaming<StreamingOutputCallRequest>>,
    ) -> Result<Response<ResponseStream<Output>>, Status> {
        let echo = Echo::of(request.metadata())?;
        let mut requests = request.into_inner();
        let asked = echo.clone();
        let responses = ResponseStream::produce(|sender| async move {
            let mut wanted = Vec::new();
            while let Some(request) = requests.message().await? {
                asked.check(request.response_status.as_option())?;
                wanted.extend(request.response_parameters);
            }
            send_all(&sender, &wanted).await
        });
        Ok(echo.response(responses).with_compression(compression(true)))
    }
}

/// The metadata that a call gives back.
#[derive(Clone)]
struct Echo {
    initial: Metadata,
    trailing: Metadata,
}

impl Echo {
    fn of(request: &Metadata) -> Result<Self, Status> {
        let (mut initial, mut trailing) = (Metadata::new(), Metadata::new());
        for value in request.get_all(ECHO_INITIAL) {
            initial.append(ECHO_INITIAL, value).map_err(refused)?;
        }
        for value in request.get_all_bin(ECHO_TRAILING) {
            trailing.append_bin(ECHO_TRAILING, value).map_err(refused)?;
        }
        Ok(Self { initial, trailing })
    }

    fn response<M>(self, message: M) -> Response<M> {
        Response::from_parts(message, self.initial, self.trailing)
    }

    /// Fails with the status that the client asked for, if it is an error.
    fn check(&self, wanted: Option<&EchoStatus>) -> Result<(), Status> {
        match wanted {
            Some(status) if status.code != 0 => {
                let code = u32::try_from(status.code).map_or(Code::Unknown, Code::from_number);
                Err(Status::new(code, status.message.clone()).with_metadata(self.trailing.clone()))
            }
            _ => Ok(()),
        }
    }
}

async fn send_all(
    sender: &ResponseSender<Output>,
    wanted: &[ResponseParameters],
) -> Result<(), Status> {
    for wanted in wanted {
        let payload = payload(wanted.size)?;
        if let Ok(micros @ 1..) = u64::try_from(wanted.interval_us) {
            tokio::time::sleep(Duration::from_micros(micros)).await;
        }
        let output = Output { payload: Some(payload).into(), ..Default::default() };
        if is_wanted(wanted) {
            sender.send(output).await?;
        } else {
            sender.send_uncompressed(output).await?;
        }
    }
    Ok(())
}

/// That many zeros.
fn payload(size: i32) -> Result<Payload, Status> {
    match usize::try_from(size) {
        Ok(size @ ..=MAX_PAYLOAD) => Ok(Payload { body: vec![0; size], ..Default::default() }),
        _ => Err(Status::invalid_argument(format!(
            "a payload of {size} bytes: 0 to {MAX_PAYLOAD} are possible"
        ))),
    }
}

/// Demands that a request came compressed, or did not, as its client says.
fn check_expected(expected: Option<&BoolValue>, came: bool) -> Result<(), Status> {
    match expected {
        Some(expected) if expected.value && !came => {
            Err(Status::invalid_argument("the request did not come compressed"))
        }
        Some(expected) if !expected.value && came => {
            Err(Status::invalid_argument("the request came compressed"))
        }
        _ => Ok(()),
    }
}

fn is_wanted(parameters: &ResponseParameters) -> bool {
    parameters.compressed.as_option().is_some_and(|wanted| wanted.value)
}

const fn compression(wanted: bool) -> Compression {
    if wanted { Compression::GZIP } else { Compression::IDENTITY }
}

fn refused(error: protocall::metadata::MetadataError) -> Status {
    Status::invalid_argument(error.to_string())
}

/// This machine's name; empty where the system does not tell it in a file or variable.
fn hostname() -> String {
    std::fs::read_to_string("/proc/sys/kernel/hostname")
        .or_else(|_| std::env::var("HOSTNAME"))
        .map(|name| name.trim().to_owned())
        .unwrap_or_default()
}
