//! The case of metadata that a server gives back.

use super::streaming::ask;
use super::unary::{LARGE_REQUEST, LARGE_RESPONSE, large_request};
use super::{Difference, Outcome, check_zeros, same};
use crate::proto::grpc::testing::TestServiceClient;
use crate::service::{ECHO_INITIAL, ECHO_TRAILING};
use protocall::{Channel, Metadata, Request};

const INITIAL: &str = "test_initial_metadata_value";
const TRAILING: &[u8] = &[0xab, 0xab, 0xab];

pub(super) async fn custom_metadata(channel: Channel) -> Outcome {
    let client = TestServiceClient::new(channel);

    let response = client.unary_call(with_metadata(large_request())?).await?;
    check_zeros(&response.message().payload, LARGE_RESPONSE as usize)?;
    check(response.metadata(), response.trailers())?;

    let (mut requests, mut responses) = client.full_duplex_call(with_metadata(())?).split();
    requests.send(ask(LARGE_REQUEST, LARGE_RESPONSE)).await?;
    requests.finish();
    let headers = responses.headers().await?;
    let response = responses.message().await?.unwrap_or_default();
    check_zeros(&response.payload, LARGE_RESPONSE as usize)?;
    same("response behind the last one", responses.message().await?, None)?;
    check(&headers, &responses.trailers().await?)
}

fn with_metadata<M>(message: M) -> Result<Request<M>, Difference> {
    let mut request = Request::new(message);
    let metadata = request.metadata_mut();
    let added = metadata
        .append(ECHO_INITIAL, INITIAL)
        .and_then(|()| metadata.append_bin(ECHO_TRAILING, TRAILING));
    added.map(|()| request).map_err(|error| Difference(error.to_string()))
}

fn check(headers: &Metadata, trailers: &Metadata) -> Outcome {
    same("leading metadata", headers.get_all(ECHO_INITIAL).collect::<Vec<_>>(), vec![INITIAL])?;
    let trailing = trailers.get_all_bin(ECHO_TRAILING).collect::<Vec<_>>();
    same("trailing metadata", trailing, vec![TRAILING])
}
