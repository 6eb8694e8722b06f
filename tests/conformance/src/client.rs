//! The client's half: makes one call as the suite says, and tells what came of it.

use crate::v1::client_compat_request::cancel::CancelTiming;
use crate::v1::{
    BidiStreamRequest, ClientCompatRequest, ClientResponseResult, ClientStreamRequest,
    ConformancePayload, ConformanceServiceClient, IdempotentUnaryRequest, ServerStreamRequest,
    StreamType, UnaryRequest, UnimplementedRequest,
};
use crate::values::{compression, error, headers, metadata};
use protocall::buffa::Message;
use protocall::{
    Channel, ClientTls, Metadata, Request, RequestSender, Response, Status, Streaming,
};
use std::error::Error;
use std::future::Future;
use std::pin::pin;
use std::time::Duration;
use tokio::time::{sleep, timeout};

type Failure = Box<dyn Error + Send + Sync>;

/// Makes the call.
///
/// # Errors
/// When the call could not be made; a call that failed is a result.
pub async fn run(asked: &ClientCompatRequest) -> Result<ClientResponseResult, Failure> {
    let client = ConformanceServiceClient::new(channel(asked)?);
    match asked.method.as_deref().unwrap_or_default() {
        "Unary" => {
            let request = Request::new(one::<UnaryRequest>(asked)?);
            unary(asked, client.unary(options(asked, request)?), |m| {
                Some(m.payload.into_option().unwrap_or_default())
            })
            .await
        }
        "IdempotentUnary" => {
            let request = options(asked, Request::new(one::<IdempotentUnaryRequest>(asked)?))?;
            let call = client.idempotent_unary(request);
            unary(asked, call, |m| Some(m.payload.into_option().unwrap_or_default())).await
        }
        "Unimplemented" => {
            let request = options(asked, Request::new(one::<UnimplementedRequest>(asked)?))?;
            unary(asked, client.unimplemented(request), |_| None).await
        }
        "ServerStream" => {
            let request = options(asked, Request::new(one::<ServerStreamRequest>(asked)?))?;
            let mut responses = client.server_stream(request);
            let mut result = ClientResponseResult::default();
            if let Some(CancelTiming::AfterCloseSendMs(millis)) = timing(asked) {
                pause(millis).await;
                responses.cancel();
            }
            let payload =
                |m: crate::v1::ServerStreamResponse| m.payload.into_option().unwrap_or_default();
            receive(asked, responses, payload, &mut result).await;
            Ok(result)
        }
        "ClientStream" => client_stream(asked, &client).await,
        "BidiStream" => bidi_stream(asked, &client).await,
        other => Err(format!("unknown method {other:?}").into()),
    }
}

fn channel(asked: &ClientCompatRequest) -> Result<Channel, Failure> {
    let mut builder = Channel::builder(&format!("{}:{}", asked.host, asked.port))?;
    if !asked.server_tls_cert.is_empty() {
        let mut tls = ClientTls::with_roots(&asked.server_tls_cert)?;
        if let Some(creds) = asked.client_tls_creds.as_option() {
            tls = tls.identity(&creds.cert, &creds.key)?;
        }
        builder = builder.tls(tls);
    }
    let named = asked.compression.as_known().unwrap_or_default();
    let used = compression(named).ok_or_else(|| format!("{named:?} is not there"))?;
    builder = builder.compression(used);
    if asked.message_receive_limit > 0 {
        builder = builder.max_receive_message(usize::try_from(asked.message_receive_limit)?);
    }
    Ok(builder.build())
}

/// Adds the call's metadata and time limit.
fn options<M>(asked: &ClientCompatRequest, mut request: Request<M>) -> Result<Request<M>, Failure> {
    *request.metadata_mut() = metadata(&asked.request_headers)?;
    Ok(match asked.timeout_ms {
        Some(millis) => request.with_timeout(Duration::from_millis(millis.into())),
        None => request,
    })
}

/// The one request message.
fn one<M: Message>(asked: &ClientCompatRequest) -> Result<M, Failure> {
    match &asked.request_messages[..] {
        [one] => Ok(one.unpack_unchecked()?),
        others => Err(format!("{} request messages instead of one", others.len()).into()),
    }
}

/// When to cancel, if at all.
fn timing(asked: &ClientCompatRequest) -> Option<CancelTiming> {
    let cancel = asked.cancel.as_option()?;
    Some(cancel.cancel_timing.clone().unwrap_or(CancelTiming::AfterCloseSendMs(0)))
}

async fn unary<M>(
    asked: &ClientCompatRequest,
    call: impl Future<Output = Result<Response<M>, Status>>,
    payload: impl FnOnce(M) -> Option<ConformancePayload>,
) -> Result<ClientResponseResult, Failure> {
    let outcome = match timing(asked) {
        // a call is cancelled by dropping it
        Some(CancelTiming::AfterCloseSendMs(millis)) => {
            let limit = Duration::from_millis(millis.into());
            let outcome = timeout(limit, pin!(call)).await;
            outcome.unwrap_or_else(|_| Err(Status::cancelled("the caller dropped the call")))
        }
        _ => call.await,
    };
    Ok(told(outcome, payload))
}

/// What came of a call with one response.
fn told<M>(
    outcome: Result<Response<M>, Status>,
    payload: impl FnOnce(M) -> Option<ConformancePayload>,
) -> ClientResponseResult {
    match outcome {
        Ok(response) => {
            let (message, head, trailers) = response.into_parts();
            ClientResponseResult {
                response_headers: headers(&head),
                response_trailers: headers(&trailers),
                payloads: payload(message).into_iter().collect(),
                ..Default::default()
            }
        }
        Err(status) => failed(&status, status.headers()),
    }
}

fn failed(status: &Status, head: &Metadata) -> ClientResponseResult {
    ClientResponseResult {
        response_headers: headers(head),
        response_trailers: headers(status.metadata()),
        error: Some(error(status)).into(),
        ..Default::default()
    }
}

/// Takes the rest of a stream of responses.
async fn receive<M>(
    asked: &ClientCompatRequest,
    mut responses: Streaming<M>,
    payload: impl Fn(M) -> ConformancePayload,
    result: &mut ClientResponseResult,
) {
    let cancel_after = match timing(asked) {
        Some(CancelTiming::AfterNumResponses(number)) => usize::try_from(number).ok(),
        _ => None,
    };
    let outcome = loop {
        if cancel_after == Some(result.payloads.len()) {
            responses.cancel();
        }
        match responses.message().await {
            Ok(Some(message)) => result.payloads.push(payload(message)),
            Ok(None) => break responses.trailers().await,
            Err(status) => break Err(status),
        }
    };
    let head = responses.headers().await.unwrap_or_default();
    result.response_headers = headers(&head);
    match outcome {
        Ok(trailers) => result.response_trailers = headers(&trailers),
        Err(status) => {
            result.response_trailers = headers(status.metadata());
            result.error = Some(error(&status)).into();
        }
    }
}

async fn client_stream(
    asked: &ClientCompatRequest,
    client: &ConformanceServiceClient,
) -> Result<ClientResponseResult, Failure> {
    let call = client.client_stream(options(asked, Request::new(()))?);
    let (mut sender, response) = call.split();
    let mut unsent = 0;
    for message in &asked.request_messages {
        let message: ClientStreamRequest = message.unpack_unchecked()?;
        pause(asked.request_delay_ms).await;
        if unsent > 0 || sender.send(message).await.is_err() {
            unsent += 1;
        }
    }
    let outcome = match timing(asked) {
        Some(CancelTiming::BeforeCloseSend(_)) => {
            sender.cancel();
            response.await
        }
        Some(CancelTiming::AfterCloseSendMs(millis)) => {
            sender.finish();
            let limit = Duration::from_millis(millis.into());
            let outcome = timeout(limit, pin!(response)).await;
            outcome.unwrap_or_else(|_| Err(Status::cancelled("the caller dropped the call")))
        }
        _ => {
            sender.finish();
            response.await
        }
    };
    let mut result =
        told(outcome, |message| Some(message.payload.into_option().unwrap_or_default()));
    result.num_unsent_requests = unsent;
    Ok(result)
}

async fn bidi_stream(
    asked: &ClientCompatRequest,
    client: &ConformanceServiceClient,
) -> Result<ClientResponseResult, Failure> {
    let full_duplex = asked.stream_type == StreamType::STREAM_TYPE_FULL_DUPLEX_BIDI_STREAM;
    let call = client.bidi_stream(options(asked, Request::new(()))?);
    let (sender, mut responses) = call.split();
    let mut sender: Option<RequestSender<BidiStreamRequest>> = Some(sender);
    let mut result = ClientResponseResult::default();
    let after = match timing(asked) {
        Some(CancelTiming::AfterNumResponses(number)) => usize::try_from(number).ok(),
        _ => None,
    };
    for message in &asked.request_messages {
        let message: BidiStreamRequest = message.unpack_unchecked()?;
        pause(asked.request_delay_ms).await;
        let sent = match &mut sender {
            Some(sender) => sender.send(message).await.is_ok(),
            None => false,
        };
        if !sent {
            result.num_unsent_requests += 1;
            sender = None;
            continue;
        }
        if full_duplex && after != Some(result.payloads.len()) {
            match responses.message().await {
                Ok(Some(message)) => {
                    result.payloads.push(message.payload.into_option().unwrap_or_default())
                }
                Ok(None) | Err(_) => sender = None,
            }
        }
    }
    match (timing(asked), sender) {
        (Some(CancelTiming::BeforeCloseSend(_)), Some(sender)) => sender.cancel(),
        (Some(CancelTiming::AfterCloseSendMs(millis)), sender) => {
            drop(sender);
            pause(millis).await;
            responses.cancel();
        }
        (_, sender) => drop(sender),
    }
    receive(
        asked,
        responses,
        |message| message.payload.into_option().unwrap_or_default(),
        &mut result,
    )
    .await;
    Ok(result)
}

async fn pause(millis: u32) {
    if millis > 0 {
        sleep(Duration::from_millis(millis.into())).await;
    }
}
