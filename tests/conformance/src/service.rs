//! The server's half: answers as the request says, with what it saw of the request.

use crate::v1::conformance_payload::RequestInfo;
use crate::v1::unary_response_definition::Response as Answer;
use crate::v1::{
    BidiStreamRequest, BidiStreamResponse, ClientStreamRequest, ClientStreamResponse,
    ConformancePayload, ConformanceService, IdempotentUnaryRequest, IdempotentUnaryResponse,
    ServerStreamRequest, ServerStreamResponse, StreamResponseDefinition, UnaryRequest,
    UnaryResponse, UnaryResponseDefinition,
};
use crate::values::{any, headers, metadata, status};
use protocall::buffa_types::google::protobuf::Any;
use protocall::{Metadata, Request, Response, ResponseSender, ResponseStream, Status, Streaming};
use std::time::Duration;
use tokio::time::sleep;

/// The suite's service.
#[derive(Clone, Copy, Debug)]
pub struct Conformance;

impl ConformanceService for Conformance {
    async fn unary(
        &self,
        request: Request<UnaryRequest>,
    ) -> Result<Response<UnaryResponse>, Status> {
        let mut info = seen(&request);
        let request = request.into_inner();
        info.requests.push(any(&request, "UnaryRequest"));
        let response = answer(request.response_definition.as_option(), info).await?;
        Ok(response
            .map(|payload| UnaryResponse { payload: Some(payload).into(), ..Default::default() }))
    }

    async fn idempotent_unary(
        &self,
        request: Request<IdempotentUnaryRequest>,
    ) -> Result<Response<IdempotentUnaryResponse>, Status> {
        let mut info = seen(&request);
        let request = request.into_inner();
        info.requests.push(any(&request, "IdempotentUnaryRequest"));
        let response = answer(request.response_definition.as_option(), info).await?;
        Ok(response.map(|payload| IdempotentUnaryResponse {
            payload: Some(payload).into(),
            ..Default::default()
        }))
    }

    async fn client_stream(
        &self,
        request: Request<Streaming<ClientStreamRequest>>,
    ) -> Result<Response<ClientStreamResponse>, Status> {
        let mut info = seen(&request);
        let mut requests = request.into_inner();
        let mut definition = None;
        while let Some(request) = requests.message().await? {
            info.requests.push(any(&request, "ClientStreamRequest"));
            definition.get_or_insert(request.response_definition);
        }
        let definition = definition.unwrap_or_default();
        let response = answer(definition.as_option(), info).await?;
        Ok(response.map(|payload| ClientStreamResponse {
            payload: Some(payload).into(),
            ..Default::default()
        }))
    }

    async fn server_stream(
        &self,
        request: Request<ServerStreamRequest>,
    ) -> Result<Response<ResponseStream<ServerStreamResponse>>, Status> {
        let mut info = seen(&request);
        let request = request.into_inner();
        info.requests.push(any(&request, "ServerStreamRequest"));
        let definition = request.response_definition.into_option().unwrap_or_default();
        let (head, trailers) = edges(&definition)?;
        let of_status = trailers.clone();
        let stream = ResponseStream::produce(|sender| async move {
            let mut info = Some(info);
            for data in &definition.response_data {
                pause(definition.response_delay_ms).await;
                let payload = payload(data.clone(), info.take());
                let message =
                    ServerStreamResponse { payload: Some(payload).into(), ..Default::default() };
                sender.send(message).await?;
            }
            end(&definition, info, of_status)
        });
        Ok(Response::from_parts(stream, head, trailers))
    }

    async fn bidi_stream(
        &self,
        request: Request<Streaming<BidiStreamRequest>>,
    ) -> Result<Response<ResponseStream<BidiStreamResponse>>, Status> {
        let info = seen(&request);
        let mut requests = request.into_inner();
        // what the response begins with is in the first request
        let first = requests.message().await?;
        let mut definition = StreamResponseDefinition::default();
        let mut full_duplex = false;
        if let Some(first) = &first {
            full_duplex = first.full_duplex;
            definition = first.response_definition.as_option().cloned().unwrap_or_default();
        }
        let (head, trailers) = edges(&definition)?;
        let mut chat = Chat { definition, info: Some(info), requests: Vec::new(), sent: 0 };
        let of_status = trailers.clone();
        let stream = ResponseStream::produce(|sender| async move {
            let mut next = first;
            while let Some(request) = next {
                chat.requests.push(any(&request, "BidiStreamRequest"));
                if full_duplex && !chat.send(&sender).await? {
                    break;
                }
                next = requests.message().await?;
            }
            while chat.send(&sender).await? {}
            chat.finish(of_status)
        });
        Ok(Response::from_parts(stream, head, trailers))
    }
}

/// A stream each way, under way.
struct Chat {
    definition: StreamResponseDefinition,
    /// Until the first response.
    info: Option<RequestInfo>,
    /// Since the last response.
    requests: Vec<Any>,
    sent: usize,
}

impl Chat {
    /// Sends the next response; `false` when there is none.
    async fn send(&mut self, sender: &ResponseSender<BidiStreamResponse>) -> Result<bool, Status> {
        let Some(data) = self.definition.response_data.get(self.sent).cloned() else {
            return Ok(false);
        };
        let requests = std::mem::take(&mut self.requests);
        let info = match self.info.take() {
            Some(info) => Some(RequestInfo { requests, ..info }),
            None if requests.is_empty() => None,
            None => Some(RequestInfo { requests, ..Default::default() }),
        };
        self.sent += 1;
        pause(self.definition.response_delay_ms).await;
        let payload = Some(payload(data, info)).into();
        sender.send(BidiStreamResponse { payload, ..Default::default() }).await?;
        Ok(true)
    }

    fn finish(self, trailers: Metadata) -> Result<(), Status> {
        let Self { definition, info, requests, .. } = self;
        end(&definition, info.map(|info| RequestInfo { requests, ..info }), trailers)
    }
}

/// What was seen of a request beside its messages.
fn seen<M>(request: &Request<M>) -> RequestInfo {
    let millis = |left: Duration| i64::try_from(left.as_millis()).unwrap_or(i64::MAX);
    RequestInfo {
        request_headers: headers(request.metadata()),
        timeout_ms: request.remaining().map(millis),
        ..Default::default()
    }
}

fn payload(data: Vec<u8>, info: Option<RequestInfo>) -> ConformancePayload {
    ConformancePayload { data, request_info: info.into(), ..Default::default() }
}

/// The one response that is asked for.
async fn answer(
    definition: Option<&UnaryResponseDefinition>,
    info: RequestInfo,
) -> Result<Response<ConformancePayload>, Status> {
    let Some(definition) = definition else {
        return Ok(Response::new(payload(Vec::new(), Some(info))));
    };
    let head = metadata(&definition.response_headers)?;
    let trailers = metadata(&definition.response_trailers)?;
    pause(definition.response_delay_ms).await;
    let data = match &definition.response {
        Some(Answer::Error(error)) => {
            let status = status(error, Some(any(&info, INFO)));
            return Err(status.with_headers(head).with_metadata(trailers));
        }
        Some(Answer::ResponseData(data)) => data.clone(),
        None => Vec::new(),
    };
    Ok(Response::from_parts(payload(data, Some(info)), head, trailers))
}

const INFO: &str = "ConformancePayload.RequestInfo";

/// The metadata around a stream of responses.
fn edges(definition: &StreamResponseDefinition) -> Result<(Metadata, Metadata), Status> {
    Ok((metadata(&definition.response_headers)?, metadata(&definition.response_trailers)?))
}

/// The end of a stream of responses; `info` is there when none was sent.
fn end(
    definition: &StreamResponseDefinition,
    info: Option<RequestInfo>,
    trailers: Metadata,
) -> Result<(), Status> {
    match definition.error.as_option() {
        Some(error) => {
            let info = info.map(|info| any(&info, INFO));
            Err(status(error, info).with_metadata(trailers))
        }
        None => Ok(()),
    }
}

async fn pause(millis: u32) {
    if millis > 0 {
        sleep(Duration::from_millis(millis.into())).await;
    }
}
