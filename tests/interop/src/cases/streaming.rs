//! Cases with streams of messages.

use super::{Outcome, check_zeros, holds, same, zeros};
use crate::proto::grpc::testing::{
    ResponseParameters, StreamingInputCallRequest, StreamingOutputCallRequest, TestServiceClient,
};
use protocall::{Channel, Request};

/// Lengths of the payloads that clients send.
const REQUESTS: [usize; 4] = [27_182, 8, 1_828, 45_904];
/// Lengths of the payloads that they ask for.
const RESPONSES: [i32; 4] = [31_415, 9, 2_653, 58_979];

/// A request with a payload, for one response.
pub(super) fn ask(request: usize, response: i32) -> StreamingOutputCallRequest {
    StreamingOutputCallRequest {
        response_parameters: vec![parameters(response)],
        payload: Some(zeros(request)).into(),
        ..Default::default()
    }
}

pub(super) fn parameters(size: i32) -> ResponseParameters {
    ResponseParameters { size, ..Default::default() }
}

pub(super) async fn client_streaming(channel: Channel) -> Outcome {
    let mut call = TestServiceClient::new(channel).streaming_input_call(Request::new(()));
    for len in REQUESTS {
        let payload = Some(zeros(len)).into();
        call.send(StreamingInputCallRequest { payload, ..Default::default() }).await?;
    }
    let total = call.finish().await?.into_inner().aggregated_payload_size;
    same("sum of the payloads", total, 74_922)
}

pub(super) async fn server_streaming(channel: Channel) -> Outcome {
    let request = StreamingOutputCallRequest {
        response_parameters: RESPONSES.map(parameters).to_vec(),
        ..Default::default()
    };
    let mut responses = TestServiceClient::new(channel).streaming_output_call(request);
    let mut count = 0;
    while let Some(response) = responses.message().await? {
        if let Some(len) = RESPONSES.get(count) {
            check_zeros(&response.payload, *len as usize)?;
        }
        count += 1;
    }
    same("number of responses", count, RESPONSES.len())
}

pub(super) async fn ping_pong(channel: Channel) -> Outcome {
    let mut call = TestServiceClient::new(channel).full_duplex_call(Request::new(()));
    for (request, response) in REQUESTS.into_iter().zip(RESPONSES) {
        call.send(ask(request, response)).await?;
        let answer = call.message().await?;
        holds("there is a response", answer.is_some())?;
        check_zeros(&answer.unwrap_or_default().payload, response as usize)?;
    }
    call.finish();
    same("response behind the last one", call.message().await?, None)
}

pub(super) async fn empty_stream(channel: Channel) -> Outcome {
    let mut call = TestServiceClient::new(channel).full_duplex_call(Request::new(()));
    call.finish();
    same("response to nothing", call.message().await?, None)
}
