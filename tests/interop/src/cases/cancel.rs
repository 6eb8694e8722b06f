//! Cases of calls that the client ends: by cancelling, or by a deadline.

use super::streaming::ask;
use super::{Outcome, check_zeros, failed, holds, zeros};
use crate::proto::grpc::testing::{StreamingOutputCallRequest, TestServiceClient};
use protocall::{Channel, Code, Request};
use std::time::Duration;

pub(super) async fn cancel_after_begin(channel: Channel) -> Outcome {
    let call = TestServiceClient::new(channel).streaming_input_call(Request::new(()));
    let (requests, response) = call.split();
    requests.cancel();
    failed(response.await, Code::Cancelled).map(drop)
}

pub(super) async fn cancel_after_first_response(channel: Channel) -> Outcome {
    let call = TestServiceClient::new(channel).full_duplex_call(Request::new(()));
    let (mut requests, mut responses) = call.split();
    requests.send(ask(27_182, 31_415)).await?;
    let response = responses.message().await?;
    holds("there is a response", response.is_some())?;
    check_zeros(&response.unwrap_or_default().payload, 31_415)?;
    requests.cancel();
    failed(responses.message().await, Code::Cancelled).map(drop)
}

pub(super) async fn timeout_on_sleeping_server(channel: Channel) -> Outcome {
    let request = Request::new(()).with_timeout(Duration::from_millis(1));
    let mut call = TestServiceClient::new(channel).full_duplex_call(request);
    let payload = Some(zeros(27_182)).into();
    let sent = call.send(StreamingOutputCallRequest { payload, ..Default::default() }).await;
    if sent.is_err() {
        // so late already: the sender is told the same as the receiver
        failed(sent, Code::DeadlineExceeded)?;
    }
    failed(call.message().await, Code::DeadlineExceeded).map(drop)
}
