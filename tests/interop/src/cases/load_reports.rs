//! Cases of load reports: in a call's trailers, and beside calls.

use super::streaming::parameters;
use super::{Difference, Outcome, holds, same};
use crate::orca::{self, TRAILER};
use crate::proto::grpc::testing::{
    SimpleRequest, StreamingOutputCallRequest, TestOrcaReport, TestServiceClient,
};
use crate::proto::xds::data::orca::v3::OrcaLoadReport;
use crate::proto::xds::service::orca::v3::{OpenRcaServiceClient, OrcaLoadReportRequest};
use protocall::buffa::Message;
use protocall::buffa_types::google::protobuf::Duration as Interval;
use protocall::{Channel, Request, Streaming};
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// How long a new report may take until it is heard of.
const PATIENCE: Duration = Duration::from_secs(10);

fn load(cpu: f64, memory: f64, util: f64) -> TestOrcaReport {
    TestOrcaReport {
        cpu_utilization: cpu,
        memory_utilization: memory,
        utilization: [("util".to_owned(), util)].into_iter().collect(),
        ..Default::default()
    }
}

pub(super) async fn orca_per_rpc(channel: Channel) -> Outcome {
    let mut asked = load(0.8210, 0.5847, 0.30499);
    asked.request_cost.insert("cost".to_owned(), 3456.32);
    let wanted = orca::report(&asked);
    let request = SimpleRequest { orca_per_query_report: Some(asked).into(), ..Default::default() };
    let response = TestServiceClient::new(channel).unary_call(request).await?;
    let report = response.trailers().get_bin(TRAILER).map(OrcaLoadReport::decode_from_slice);
    let report = report.and_then(Result::ok);
    same("report in the trailers", report, Some(wanted))
}

pub(super) async fn orca_oob(channel: Channel) -> Outcome {
    let interval = Interval { nanos: 100_000_000, ..Default::default() };
    let request =
        OrcaLoadReportRequest { report_interval: Some(interval).into(), ..Default::default() };
    // the channel's limit for calls is no limit for this one
    let request = Request::new(request).with_timeout(10 * PATIENCE);
    let mut reports = OpenRcaServiceClient::new(channel.clone()).stream_core_metrics(request);
    let mut call = TestServiceClient::new(channel).full_duplex_call(Request::new(()));
    for load in [load(0.8210, 0.5847, 0.30499), load(0.29309, 0.2, 0.2039)] {
        let wanted = orca::report(&load);
        call.send(StreamingOutputCallRequest {
            orca_oob_report: Some(load).into(),
            response_parameters: vec![parameters(1)],
            ..Default::default()
        })
        .await?;
        holds("there is a response", call.message().await?.is_some())?;
        wait_for(&mut reports, &wanted).await?;
    }
    call.finish();
    same("response behind the last one", call.message().await?, None)
}

async fn wait_for(reports: &mut Streaming<OrcaLoadReport>, wanted: &OrcaLoadReport) -> Outcome {
    let deadline = Instant::now() + PATIENCE;
    let mut last = None;
    while let Ok(report) = timeout_at(deadline, reports.message()).await {
        let report = report?;
        if report.as_ref() == Some(wanted) {
            return Ok(());
        }
        holds("reports go on", report.is_some())?;
        last = report;
    }
    Err(Difference(format!("{wanted:?} is demanded, the last report was {last:?}")))
}
