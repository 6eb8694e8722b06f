//! What a cancelled call looks like from both ends.
#![allow(clippy::unwrap_used)]

use protocall::{Channel, Code, Request, Response, Server, Status, Streaming, memory};
use protocall_interop::proto::grpc::testing::{
    StreamingInputCallRequest, StreamingInputCallResponse, TestService, TestServiceClient,
    TestServiceServer,
};
use std::time::Duration;
use tokio::sync::mpsc;

/// A test that needs longer hangs.
const LIMIT: Duration = Duration::from_secs(20);

/// Reports when a call came, and when its client has ended it.
struct Observed(mpsc::UnboundedSender<&'static str>);

impl TestService for Observed {
    async fn streaming_input_call(
        &self,
        request: Request<Streaming<StreamingInputCallRequest>>,
    ) -> Result<Response<StreamingInputCallResponse>, Status> {
        let (over, events) = (request.cancellation(), self.0.clone());
        events.send("began").unwrap();
        tokio::spawn(async move {
            over.cancelled().await;
            events.send("over").unwrap();
        });
        request.into_inner().trailers().await?;
        self.0.send("finished").unwrap();
        Ok(Response::new(StreamingInputCallResponse::default()))
    }
}

#[tokio::test]
async fn cancel_reaches_both_ends() {
    let (connector, listener) = memory::pair();
    let (sender, mut events) = mpsc::unbounded_channel();
    let server = Server::builder().add_service(TestServiceServer::new(Observed(sender)));
    tokio::spawn(server.on(listener).unwrap().serve());
    let client = TestServiceClient::new(Channel::over(connector).build());

    let (requests, response) = client.streaming_input_call(Request::new(())).split();
    assert_eq!(events.recv().await, Some("began"));
    requests.cancel();
    let status = tokio::time::timeout(LIMIT, response).await.unwrap().unwrap_err();
    assert_eq!(status.code(), Code::Cancelled);
    // not "finished": a cancelled stream of requests does not look like one that ended
    assert_eq!(tokio::time::timeout(LIMIT, events.recv()).await.unwrap(), Some("over"));
}

#[tokio::test]
async fn cancel_after_the_end_changes_nothing() {
    let (connector, listener) = memory::pair();
    let (sender, _events) = mpsc::unbounded_channel();
    let server = Server::builder().add_service(TestServiceServer::new(Observed(sender)));
    tokio::spawn(server.on(listener).unwrap().serve());
    let client = TestServiceClient::new(Channel::over(connector).build());

    // a method that the service has not written ends the call from the server's side
    let (requests, mut responses) = client.full_duplex_call(Request::new(())).split();
    let status = tokio::time::timeout(LIMIT, responses.message()).await.unwrap().unwrap_err();
    assert_eq!(status.code(), Code::Unimplemented);
    requests.cancel();
    assert_eq!(responses.message().await.unwrap_err().code(), Code::Unimplemented);
}
