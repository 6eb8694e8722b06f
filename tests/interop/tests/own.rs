//! All cases between our own client and server, over TCP and within the process.
#![allow(clippy::unwrap_used)]

use protocall::{Channel, Server, memory};
use protocall_interop::cases::{CASES, Setup};
use protocall_interop::flags::Soak;
use protocall_interop::proto::grpc::testing::TestServiceServer;
use protocall_interop::proto::xds::service::orca::v3::OpenRcaServiceServer;
use protocall_interop::service::TestServer;
use std::time::Duration;

/// A case that needs longer hangs.
const LIMIT: Duration = Duration::from_secs(20);

async fn run_all(connect: impl Fn() -> Channel + Clone + Send + Sync + 'static) {
    for case in CASES {
        let connect = connect.clone();
        let setup = Setup::new(move || Some(connect()), Soak::default()).unwrap();
        let outcome = tokio::time::timeout(LIMIT, case.run(setup)).await;
        assert_eq!(outcome, Ok(Ok(())), "{}", case.name());
    }
}

#[tokio::test]
async fn over_tcp() {
    let service = TestServer::new();
    let server = Server::builder()
        .add_service(OpenRcaServiceServer::new(service.load()))
        .add_service(TestServiceServer::new(service))
        .bind("127.0.0.1:0")
        .await
        .unwrap();
    let target = server.local_addr().unwrap().to_string();
    tokio::spawn(server.serve());
    run_all(move || Channel::lazy(&target).unwrap()).await;
}

#[tokio::test]
async fn in_memory() {
    let (connector, listener) = memory::pair();
    let service = TestServer::new();
    let server = Server::builder()
        .add_service(OpenRcaServiceServer::new(service.load()))
        .add_service(TestServiceServer::new(service))
        .on(listener)
        .unwrap();
    tokio::spawn(server.serve());
    run_all(move || Channel::over(connector.clone()).build()).await;
}
