//! Cases whose messages are compressed, and single ones of them not.

use super::streaming::parameters;
use super::unary::{LARGE_REQUEST, LARGE_RESPONSE, large_request};
use super::{Outcome, check_zeros, failed, holds, same, zeros};
use crate::proto::grpc::testing::{
    BoolValue, ResponseParameters, SimpleRequest, StreamingInputCallRequest,
    StreamingOutputCallRequest, TestServiceClient,
};
use protocall::{Channel, Code, Compression, Request};

fn flag(value: bool) -> BoolValue {
    BoolValue { value, ..Default::default() }
}

pub(super) async fn client_compressed_unary(channel: Channel) -> Outcome {
    let client = TestServiceClient::new(channel);
    let request = |expect, compression| {
        let expect_compressed = Some(flag(expect)).into();
        let message = SimpleRequest { expect_compressed, ..large_request() };
        Request::new(message).with_compression(compression)
    };
    // the probe: a server that does not see the difference fails here
    let probe = client.unary_call(request(true, Compression::IDENTITY)).await;
    failed(probe, Code::InvalidArgument)?;
    for (expect, compression) in [(true, Compression::GZIP), (false, Compression::IDENTITY)] {
        let response = client.unary_call(request(expect, compression)).await?;
        check_zeros(&response.message().payload, LARGE_RESPONSE as usize)?;
    }
    Ok(())
}

pub(super) async fn server_compressed_unary(channel: Channel) -> Outcome {
    let client = TestServiceClient::new(channel);
    for wanted in [true, false] {
        let request = SimpleRequest {
            response_compressed: Some(flag(wanted)).into(),
            payload: Some(zeros(LARGE_REQUEST)).into(),
            response_size: LARGE_RESPONSE,
            ..Default::default()
        };
        let response = client.unary_call(request).await?;
        same("the response is compressed", response.was_compressed(), wanted)?;
        check_zeros(&response.message().payload, LARGE_RESPONSE as usize)?;
    }
    Ok(())
}

pub(super) async fn client_compressed_streaming(channel: Channel) -> Outcome {
    let client = TestServiceClient::new(channel);
    let message = |expect, len| StreamingInputCallRequest {
        expect_compressed: Some(flag(expect)).into(),
        payload: Some(zeros(len)).into(),
        ..Default::default()
    };
    let mut probe = client.streaming_input_call(Request::new(()));
    // a server may have answered before the second message
    let sent = probe.send(message(true, 27_182)).await;
    if sent.is_ok() {
        failed(probe.finish().await, Code::InvalidArgument)?;
    }
    let request = Request::new(()).with_compression(Compression::GZIP);
    let mut call = client.streaming_input_call(request);
    call.send(message(true, 27_182)).await?;
    call.send_uncompressed(message(false, 45_904)).await?;
    let total = call.finish().await?.into_inner().aggregated_payload_size;
    same("sum of the payloads", total, 73_086)
}

pub(super) async fn server_compressed_streaming(channel: Channel) -> Outcome {
    let wanted = [(31_415, true), (92_653, false)];
    let request = StreamingOutputCallRequest {
        response_parameters: wanted
            .map(|(len, compressed)| ResponseParameters {
                compressed: Some(flag(compressed)).into(),
                ..parameters(len)
            })
            .to_vec(),
        ..Default::default()
    };
    let mut responses = TestServiceClient::new(channel).streaming_output_call(request);
    for (len, compressed) in wanted {
        let response = responses.message().await?;
        holds("there is a response", response.is_some())?;
        check_zeros(&response.unwrap_or_default().payload, len as usize)?;
        same("the response is compressed", responses.was_compressed(), compressed)?;
    }
    same("response behind the last one", responses.message().await?, None)
}
