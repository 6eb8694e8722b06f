//! The health service, asked over a connection.

#![allow(clippy::unwrap_used)]

use protocall_channel::Channel;
use protocall_core::Code;
use protocall_server::Server;
use protocall_services::health::v1::health_check_response::ServingStatus as Wire;
use protocall_services::health::v1::{HealthCheckRequest, HealthClient, HealthListRequest};
use protocall_services::health::{HealthReporter, MAX_LISTED, ServingStatus};
use protocall_transport::io::memory;
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::Instant;

/// A served reporter, a client of it, and how to stop the server.
fn serve(health: &HealthReporter) -> (HealthClient, oneshot::Sender<()>, JoinHandle<()>) {
    let (connector, listener) = memory::pair();
    let (stop, stopped) = oneshot::channel::<()>();
    let server = Server::builder().add_service(health.service()).on(listener).unwrap();
    let serving = tokio::spawn(server.serve_with_shutdown(async {
        let _ = stopped.await;
    }));
    (HealthClient::new(Channel::over(connector).build()), stop, serving)
}

fn of(service: &str) -> HealthCheckRequest {
    HealthCheckRequest { service: service.to_owned(), ..Default::default() }
}

async fn check(client: &HealthClient, service: &str) -> Result<Wire, Code> {
    let response = client.check(of(service)).await.map_err(|status| status.code())?;
    Ok(response.into_inner().status.as_known().unwrap())
}

#[tokio::test]
async fn check_tells_what_was_set() {
    let health = HealthReporter::new();
    let (client, _stop, _serving) = serve(&health);
    assert_eq!(check(&client, "").await, Ok(Wire::SERVING));
    assert_eq!(check(&client, "a.B").await, Err(Code::NotFound));
    health.set_serving("a.B");
    assert_eq!(check(&client, "a.B").await, Ok(Wire::SERVING));
    health.set_not_serving("a.B");
    assert_eq!(check(&client, "a.B").await, Ok(Wire::NOT_SERVING));
    health.set("a.B", ServingStatus::Unknown);
    assert_eq!(check(&client, "a.B").await, Ok(Wire::UNKNOWN));
    health.clear("a.B");
    assert_eq!(check(&client, "a.B").await, Err(Code::NotFound));
}

#[tokio::test]
async fn list_tells_all_up_to_its_limit() {
    let health = HealthReporter::new();
    let (client, _stop, _serving) = serve(&health);
    for n in 1..MAX_LISTED {
        health.set_not_serving(format!("a.S{n}"));
    }
    let all = client.list(HealthListRequest::default()).await.unwrap().into_inner().statuses;
    assert_eq!(all.len(), MAX_LISTED);
    assert_eq!(all[""].status, Wire::SERVING);
    assert_eq!(all["a.S7"].status, Wire::NOT_SERVING);
    health.set_serving("one.TooMany");
    let status = client.list(HealthListRequest::default()).await.unwrap_err();
    assert_eq!(status.code(), Code::ResourceExhausted);
    assert!(status.message().contains("101 services"), "{status}");
}

#[tokio::test]
async fn watch_tells_each_change_once() {
    let health = HealthReporter::new();
    let (client, _stop, _serving) = serve(&health);
    let mut watch = client.watch(of("a.B"));
    let mut next = async || watch.message().await.unwrap().unwrap().status;
    assert_eq!(next().await, Wire::SERVICE_UNKNOWN);
    health.set_serving("a.B");
    assert_eq!(next().await, Wire::SERVING);
    // neither of these is a change of a.B
    health.set_serving("a.B");
    health.set_not_serving("c.D");
    health.set_not_serving("a.B");
    assert_eq!(next().await, Wire::NOT_SERVING);
    health.clear("a.B");
    assert_eq!(next().await, Wire::SERVICE_UNKNOWN);
}

#[tokio::test]
async fn after_shutdown_nothing_serves_until_resume() {
    let health = HealthReporter::new();
    let (client, _stop, _serving) = serve(&health);
    health.set_serving("a.B");
    health.shutdown();
    health.set_serving("c.D");
    for service in ["", "a.B", "c.D"] {
        assert_eq!(check(&client, service).await, Ok(Wire::NOT_SERVING), "{service}");
    }
    health.resume();
    for service in ["", "a.B", "c.D"] {
        assert_eq!(check(&client, service).await, Ok(Wire::SERVING), "{service}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_draining_server_tells_its_watchers_and_lets_them_go() {
    let health = HealthReporter::new();
    let (client, stop, serving) = serve(&health);
    let mut watch = client.watch(of(""));
    assert_eq!(watch.message().await.unwrap().unwrap().status, Wire::SERVING);
    let began = Instant::now();
    stop.send(()).unwrap();
    assert_eq!(watch.message().await.unwrap().unwrap().status, Wire::NOT_SERVING);
    let status = watch.message().await.unwrap_err();
    assert_eq!(
        (status.code(), status.message()),
        (Code::Unavailable, "the server is shutting down")
    );
    serving.await.unwrap();
    assert!(began.elapsed() < Duration::from_secs(5), "a watcher held up the drain");
}
