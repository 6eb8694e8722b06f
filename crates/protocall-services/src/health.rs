//! `grpc.health.v1`: tells load balancers, probes and clients whether services can take calls.
//!
//! [`HealthReporter`] is what the application holds and sets, [`HealthService`] what a server
//! serves. Messages and client are generated; draining is `protocall-server`'s, which tells us.

#[rustfmt::skip]
mod generated {
    include!("generated/health/protocall.rs");
}
mod state;

/// The package `grpc.health.v1`, as generated: messages, client, server.
pub use generated::grpc::health::v1;
pub use state::{HealthReporter, MAX_LISTED, ServingStatus};

use protocall_core::Status;
use protocall_server::{Routes, Service};
use protocall_transport::message::{Request, Response, ResponseStream};
use state::Shared;
use std::sync::Arc;
use v1::{HealthCheckRequest, HealthCheckResponse, HealthListRequest, HealthListResponse};

/// The descriptors of `grpc.health.v1`: an encoded `google.protobuf.FileDescriptorSet`.
pub use generated::FILE_DESCRIPTOR_SET;

/// Serves what a [`HealthReporter`] was told; from [`HealthReporter::service`].
#[derive(Clone, Debug)]
pub struct HealthService {
    shared: Arc<Shared>,
}

impl Service for HealthService {
    fn name(&self) -> &'static str {
        v1::health_methods::CHECK.service()
    }

    fn register(self, routes: &mut Routes) {
        let shared = Arc::clone(&self.shared);
        routes.on_drain(move || shared.drain());
        v1::HealthServer::new(self).register(routes);
    }
}

impl v1::Health for HealthService {
    async fn check(
        &self,
        request: Request<HealthCheckRequest>,
    ) -> Result<Response<HealthCheckResponse>, Status> {
        let name = request.into_inner().service;
        match self.shared.get(&name) {
            Some(status) => Ok(Response::new(message(status))),
            None => Err(Status::not_found(format!("unknown service {name}"))),
        }
    }

    async fn list(
        &self,
        _: Request<HealthListRequest>,
    ) -> Result<Response<HealthListResponse>, Status> {
        let all = self.shared.all().map_err(|count| {
            Status::resource_exhausted(format!(
                "the server has {count} services, of which List tells at most {MAX_LISTED}"
            ))
        })?;
        let statuses = all.into_iter().map(|(name, status)| (name, message(status))).collect();
        Ok(Response::new(HealthListResponse { statuses, ..Default::default() }))
    }

    async fn watch(
        &self,
        request: Request<HealthCheckRequest>,
    ) -> Result<Response<ResponseStream<HealthCheckResponse>>, Status> {
        let (shared, name) = (Arc::clone(&self.shared), request.into_inner().service);
        Ok(Response::new(ResponseStream::produce(move |sender| async move {
            let mut changes = shared.changes();
            let mut told = None;
            loop {
                changes.borrow_and_update();
                let (status, draining) = shared.watched(&name);
                if told.replace(status) != Some(status) {
                    sender.send(watched(status)).await?;
                }
                if draining {
                    // the stream would keep the drain from ending, and tells nothing more
                    return Err(Status::unavailable("the server is shutting down"));
                }
                if changes.changed().await.is_err() {
                    return Ok(());
                }
            }
        })))
    }
}

fn message(status: ServingStatus) -> HealthCheckResponse {
    watched(Some(status))
}

fn watched(status: Option<ServingStatus>) -> HealthCheckResponse {
    use v1::health_check_response::ServingStatus as Wire;
    let status = match status {
        Some(ServingStatus::Unknown) => Wire::UNKNOWN,
        Some(ServingStatus::Serving) => Wire::SERVING,
        Some(ServingStatus::NotServing) => Wire::NOT_SERVING,
        None => Wire::SERVICE_UNKNOWN,
    };
    HealthCheckResponse { status: status.into(), ..Default::default() }
}
