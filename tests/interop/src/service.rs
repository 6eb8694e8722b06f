//! The server's half of the interop tests: payloads, statuses and metadata as the client asks.
//!
//! Stateless but for its identity. Compression is not available: a request that expects to have
//! come compressed is answered with INVALID_ARGUMENT, one that asks for it with UNIMPLEMENTED.

use crate::proto::grpc::testing::{
    BoolValue, EchoStatus, Empty, Payload, ResponseParameters, SimpleRequest, SimpleResponse,
    StreamingInputCallRequest, StreamingInputCallResponse, StreamingOutputCallRequest,
    StreamingOutputCallResponse, TestService,
};
use protocall::{
    Code, Metadata, Request, Response, ResponseSender, ResponseStream, Status, Streaming,
};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

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
}

impl TestServer {
    /// A server with an identity of its own.
    #[must_use]
    pub fn new() -> Self {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self { id: format!("protocall-{}-{}", std::process::id(), now.as_nanos()) }
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
        let echo = Echo::of(request.metadata())?;
        let request = request.into_inner();
        check_expected(request.expect_compressed.as_option())?;
        echo.check(request.response_status.as_option())?;
        check_wanted(request.response_compressed.as_option())?;
        let mut response = SimpleResponse {
            payload: Some(payload(request.response_size)?).into(),
            ..Default::default()
        };
        if request.fill_server_id {
            response.server_id.clone_from(&self.id);
            response.hostname = hostname();
        }
        Ok(echo.response(response))
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
        let responses = ResponseStream::produce(|sender| async move {
            send_all(&sender, &request.response_parameters).await
        });
        Ok(echo.response(responses))
    }

    async fn streaming_input_call(
        &self,
        request: Request<Streaming<StreamingInputCallRequest>>,
    ) -> Result<Response<StreamingInputCallResponse>, Status> {
        let echo = Echo::of(request.metadata())?;
        let mut requests = request.into_inner();
        let mut total: i32 = 0;
        while let Some(request) = requests.message().await? {
            check_expected(request.expect_compressed.as_option())?;
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
        let responses = ResponseStream::produce(|sender| async move {
            while let Some(request) = requests.message().await? {
                asked.check(request.response_status.as_option())?;
                send_all(&sender, &request.response_parameters).await?;
            }
            Ok(())
        });
        Ok(echo.response(responses))
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
        Ok(echo.response(responses))
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
        check_wanted(wanted.compressed.as_option())?;
        let payload = payload(wanted.size)?;
        if let Ok(micros @ 1..) = u64::try_from(wanted.interval_us) {
            tokio::time::sleep(Duration::from_micros(micros)).await;
        }
        sender.send(Output { payload: Some(payload).into(), ..Default::default() }).await?;
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

/// No request comes compressed, since the runtime takes none.
fn check_expected(compressed: Option<&BoolValue>) -> Result<(), Status> {
    if compressed.is_some_and(|expected| expected.value) {
        return Err(Status::invalid_argument("the request did not come compressed"));
    }
    Ok(())
}

fn check_wanted(compressed: Option<&BoolValue>) -> Result<(), Status> {
    if compressed.is_some_and(|wanted| wanted.value) {
        return Err(Status::unimplemented("compressed responses are not available"));
    }
    Ok(())
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
