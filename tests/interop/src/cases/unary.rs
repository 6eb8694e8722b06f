//! Cases with one message each way.

use super::{Outcome, check_zeros, holds, same, zeros};
use crate::proto::grpc::testing::{Empty, SimpleRequest, TestServiceClient};
use protocall::Channel;

/// The length of the large request's payload, which many cases send.
pub(super) const LARGE_REQUEST: usize = 271_828;
/// The length of the large response's payload.
pub(super) const LARGE_RESPONSE: i32 = 314_159;
/// The calls that must all reach one server.
const PICKS: usize = 20;

/// The request of `large_unary`.
pub(super) fn large_request() -> SimpleRequest {
    SimpleRequest {
        response_size: LARGE_RESPONSE,
        payload: Some(zeros(LARGE_REQUEST)).into(),
        ..Default::default()
    }
}

pub(super) async fn empty_unary(channel: Channel) -> Outcome {
    let response = TestServiceClient::new(channel).empty_call(Empty::default()).await?;
    same("response", response.into_inner(), Empty::default())
}

pub(super) async fn large_unary(channel: Channel) -> Outcome {
    let response = TestServiceClient::new(channel).unary_call(large_request()).await?;
    check_zeros(&response.message().payload, LARGE_RESPONSE as usize)
}

pub(super) async fn pick_first_unary(channel: Channel) -> Outcome {
    let client = TestServiceClient::new(channel);
    let mut first: Option<String> = None;
    for _ in 0..PICKS {
        let request = SimpleRequest { fill_server_id: true, ..Default::default() };
        let id = client.unary_call(request).await?.into_inner().server_id;
        holds("the server tells its identity", !id.is_empty())?;
        same("identity of the server", &id, first.as_ref().unwrap_or(&id))?;
        first = Some(id);
    }
    Ok(())
}
