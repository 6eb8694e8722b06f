//! Calls of all shapes through the proxy to a backend that says what it sees.

#![allow(clippy::unwrap_used)]

use super::proxy;
use proto::example::{Text, Trial, TrialClient, TrialServer};
use protocall::{
    Channel, Code, Metadata, Request, Response, ResponseStream, Server, Status, Streaming, memory,
};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;

mod proto {
    protocall::include_proto!();
}

fn text(text: impl Into<String>) -> Text {
    Text { text: text.into(), ..Default::default() }
}

struct Backend {
    cancelled: Arc<Notify>,
}

/// A handler that is cancelled is dropped.
struct Gone(Arc<Notify>);

impl Drop for Gone {
    fn drop(&mut self) {
        self.0.notify_one();
    }
}

impl Trial for Backend {
    async fn unary(&self, request: Request<Text>) -> Result<Response<Text>, Status> {
        let seen = request.metadata().get("x-seen").unwrap_or("nothing").to_owned();
        match request.message().text.as_str() {
            "fail" => {
                let mut trailers = Metadata::new();
                trailers.append("x-why", "because")?;
                Err(Status::aborted("no \u{1f980}")
                    .with_details(&b"details"[..])
                    .with_metadata(trailers))
            }
            "wait" => {
                let left = request.remaining().unwrap();
                assert!(left > Duration::from_secs(50) && left <= Duration::from_secs(60));
                std::future::pending().await
            }
            _ => {
                let mut response = Response::new(text(format!("saw {seen}")));
                response.metadata_mut().append("x-head", "1")?;
                response.trailers_mut().append("x-tail", "2")?;
                Ok(response)
            }
        }
    }

    async fn download(
        &self,
        request: Request<Text>,
    ) -> Result<Response<ResponseStream<Text>>, Status> {
        let word = request.into_inner().text;
        let cancelled = Arc::clone(&self.cancelled);
        Ok(Response::new(ResponseStream::produce(|sender| async move {
            if word == "endless" {
                let _gone = Gone(cancelled);
                sender.send(text("first")).await?;
                return std::future::pending().await;
            }
            for number in 0..3 {
                sender.send(text(format!("{word} {number}"))).await?;
            }
            let mut trailers = Metadata::new();
            trailers.append("x-tail", "late")?;
            sender.set_trailers(trailers);
            Ok(())
        })))
    }

    async fn upload(&self, request: Request<Streaming<Text>>) -> Result<Response<Text>, Status> {
        let (mut requests, mut all) = (request.into_inner(), String::new());
        while let Some(message) = requests.message().await? {
            all += &message.text;
        }
        Ok(Response::new(text(all)))
    }

    async fn chat(
        &self,
        request: Request<Streaming<Text>>,
    ) -> Result<Response<ResponseStream<Text>>, Status> {
        let (mut requests, cancelled) = (request.into_inner(), Arc::clone(&self.cancelled));
        Ok(Response::new(ResponseStream::produce(|sender| async move {
            let _gone = Gone(cancelled);
            while let Some(message) = requests.message().await? {
                sender.send(message).await?;
            }
            Ok(())
        })))
    }
}

/// A client of the proxy, and what is told when the backend sees a call cancelled.
fn through_the_proxy() -> (TrialClient, Arc<Notify>) {
    let cancelled = Arc::new(Notify::new());
    let (to_backend, backend) = memory::pair();
    let service = TrialServer::new(Backend { cancelled: Arc::clone(&cancelled) });
    tokio::spawn(Server::builder().add_service(service).on(backend).unwrap().serve());
    let (to_proxy, listener) = memory::pair();
    let server = proxy(Channel::over(to_backend).build());
    tokio::spawn(server.on(listener).unwrap().serve());
    (TrialClient::new(Channel::over(to_proxy).build()), cancelled)
}

#[tokio::test]
async fn metadata_goes_through_in_both_directions() {
    let (client, _) = through_the_proxy();
    let mut request = Request::new(text("hello"));
    request.metadata_mut().append("x-seen", "this").unwrap();
    let response = client.unary(request).await.unwrap();
    assert_eq!(response.message().text, "saw this");
    assert_eq!(response.metadata().get("x-head"), Some("1"));
    assert_eq!(response.trailers().get("x-tail"), Some("2"));
}

#[tokio::test]
async fn a_status_goes_through_with_all_it_has() {
    let (client, _) = through_the_proxy();
    let status = client.unary(text("fail")).await.unwrap_err();
    assert_eq!((status.code(), status.message()), (Code::Aborted, "no \u{1f980}"));
    assert_eq!(status.details()[..], b"details"[..]);
    assert_eq!(status.metadata().get("x-why"), Some("because"));
}

#[tokio::test]
async fn streams_go_through_in_both_directions() {
    let (client, _) = through_the_proxy();
    let mut download = client.download(text("number"));
    for number in 0..3 {
        let message = download.message().await.unwrap().unwrap();
        assert_eq!(message.text, format!("number {number}"));
    }
    assert_eq!(download.trailers().await.unwrap().get("x-tail"), Some("late"));

    let mut upload = client.upload(());
    for part in ["a", "b", "c"] {
        upload.send(text(part)).await.unwrap();
    }
    assert_eq!(upload.finish().await.unwrap().message().text, "abc");

    let mut chat = client.chat(());
    for word in ["one", "two"] {
        chat.send(text(word)).await.unwrap();
        assert_eq!(chat.message().await.unwrap().unwrap().text, word);
    }
    chat.finish();
    assert_eq!(chat.message().await.unwrap(), None);
}

#[tokio::test(start_paused = true)]
async fn the_deadline_goes_through() {
    let (client, _) = through_the_proxy();
    let request = Request::new(text("wait")).with_timeout(Duration::from_secs(60));
    let status = client.unary(request).await.unwrap_err();
    assert_eq!(status.code(), Code::DeadlineExceeded);
}

#[tokio::test]
async fn cancellation_goes_through() {
    let (client, cancelled) = through_the_proxy();
    let mut download = client.download(text("endless"));
    assert_eq!(download.message().await.unwrap().unwrap().text, "first");
    drop(download);
    cancelled.notified().await;

    let mut chat = client.chat(());
    chat.send(text("word")).await.unwrap();
    chat.message().await.unwrap();
    drop(chat);
    cancelled.notified().await;
}

#[tokio::test]
async fn a_backend_that_is_away_is_unavailable() {
    let (to_backend, backend) = memory::pair();
    drop(backend);
    let (to_proxy, listener) = memory::pair();
    let server = proxy(Channel::over(to_backend).build());
    tokio::spawn(server.on(listener).unwrap().serve());
    let client = TrialClient::new(Channel::over(to_proxy).build());
    assert_eq!(client.unary(text("hello")).await.unwrap_err().code(), Code::Unavailable);
}
