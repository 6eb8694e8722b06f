//! Cases of many calls: over one channel, and each over a new one.

use super::unary::large_request;
use super::{Difference, Outcome, Setup, check_zeros, zeros};
use crate::proto::grpc::testing::{SimpleRequest, TestServiceClient};
use protocall::Channel;
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

pub(super) async fn rpc_soak(setup: Setup) -> Outcome {
    let channel = setup.channel.clone();
    soak(setup, move |_| Some(channel.clone())).await
}

pub(super) async fn channel_soak(setup: Setup) -> Outcome {
    soak(setup, |setup| (setup.connect)()).await
}

async fn soak(
    setup: Setup,
    channel: impl Fn(&Setup) -> Option<Channel> + Clone + Send + 'static,
) -> Outcome {
    let soak = &setup.soak;
    let threads = soak.threads.max(1);
    if !soak.iterations.is_multiple_of(threads) {
        return Err(Difference(format!("{} calls for {threads} threads", soak.iterations)));
    }
    let end = Instant::now() + Duration::from_secs(soak.overall_timeout_seconds);
    let mut callers = JoinSet::new();
    for _ in 0..threads {
        let (setup, channel) = (setup.clone(), channel.clone());
        callers.spawn(async move {
            let mut failures = Vec::new();
            let mut made = 0;
            while made < setup.soak.iterations / threads && Instant::now() < end {
                let next = Instant::now() + Duration::from_millis(setup.soak.min_time_ms);
                if let Err(failure) = one(&setup, channel(&setup)).await {
                    failures.push(failure.to_string());
                }
                made += 1;
                sleep_until(next).await;
            }
            (made, failures)
        });
    }
    let (mut made, mut failures) = (0, Vec::new());
    while let Some(ended) = callers.join_next().await {
        let (some, failed) = ended.map_err(|error| Difference(error.to_string()))?;
        made += some;
        failures.extend(failed);
    }
    if made < soak.iterations || failures.len() > soak.max_failures as usize {
        let (count, first) = (failures.len(), failures.first());
        let all = soak.iterations;
        return Err(Difference(format!("{made} of {all} calls, {count} failed: {first:?}")));
    }
    Ok(())
}

/// One large call, which must be quick.
async fn one(setup: &Setup, channel: Option<Channel>) -> Outcome {
    let begun = Instant::now();
    let channel = channel.ok_or_else(|| Difference("no channel".to_owned()))?;
    let request = SimpleRequest {
        payload: Some(zeros(setup.soak.request_size)).into(),
        response_size: setup.soak.response_size,
        ..large_request()
    };
    let response = TestServiceClient::new(channel).unary_call(request).await?;
    let len = usize::try_from(setup.soak.response_size).unwrap_or_default();
    check_zeros(&response.message().payload, len)?;
    let took = begun.elapsed();
    if took > Duration::from_millis(setup.soak.max_latency_ms) {
        return Err(Difference(format!("a call took {took:?}")));
    }
    Ok(())
}
