//! Load reports (ORCA, gRFCs A51 and A64), as the interop tests want them: in a call's trailers,
//! and beside calls, from a service of their own.

use crate::proto::grpc::testing::TestOrcaReport;
use crate::proto::xds::data::orca::v3::OrcaLoadReport;
use crate::proto::xds::service::orca::v3::{OpenRcaService, OrcaLoadReportRequest};
use protocall::buffa::Message;
use protocall::{Metadata, Request, Response, ResponseStream, Status};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// The key of a report in a call's trailing metadata.
pub const TRAILER: &str = "endpoint-load-metrics-bin";

/// Reports come no more often than that, so that a client cannot make the server send all the time.
const SHORTEST_INTERVAL: Duration = Duration::from_millis(100);
/// The interval of clients that ask for none.
const DEFAULT_INTERVAL: Duration = Duration::from_secs(30);

/// The report that a case asks for.
#[must_use]
pub fn report(asked: &TestOrcaReport) -> OrcaLoadReport {
    OrcaLoadReport {
        cpu_utilization: asked.cpu_utilization,
        mem_utilization: asked.memory_utilization,
        request_cost: asked.request_cost.clone(),
        utilization: asked.utilization.clone(),
        ..Default::default()
    }
}

/// Puts a report into trailing metadata.
///
/// # Errors
/// None that can happen; the key is a constant.
pub fn attach(report: &OrcaLoadReport, trailers: &mut Metadata) -> Result<(), Status> {
    Ok(trailers.append_bin(TRAILER, &report.encode_to_vec())?)
}

/// The load that a server tells beside its calls; clones share it.
#[derive(Clone, Debug, Default)]
pub struct Load {
    report: Arc<Mutex<OrcaLoadReport>>,
}

impl Load {
    /// Tells this from now on.
    pub fn set(&self, report: OrcaLoadReport) {
        *self.report.lock().unwrap_or_else(PoisonError::into_inner) = report;
    }

    fn get(&self) -> OrcaLoadReport {
        self.report.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl OpenRcaService for Load {
    async fn stream_core_metrics(
        &self,
        request: Request<OrcaLoadReportRequest>,
    ) -> Result<Response<ResponseStream<OrcaLoadReport>>, Status> {
        let asked = request.into_inner().report_interval;
        let interval = match asked.as_option() {
            Some(asked) => Duration::new(
                asked.seconds.try_into().unwrap_or_default(),
                asked.nanos.try_into().unwrap_or_default(),
            ),
            None => DEFAULT_INTERVAL,
        };
        let interval = interval.max(SHORTEST_INTERVAL);
        let load = self.clone();
        Ok(Response::new(ResponseStream::produce(|sender| async move {
            loop {
                sender.send(load.get()).await?;
                tokio::time::sleep(interval).await;
            }
        })))
    }
}
