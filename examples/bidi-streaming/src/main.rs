//! A stream each way, independent of each other: a chat whose client sends and receives in two
//! tasks.
#![allow(clippy::print_stdout, reason = "a program speaks to its user")]

#[allow(missing_docs, reason = "comments of the .proto file are the docs")]
mod proto {
    protocall::include_proto!();
}

use proto::example::{Chat, ChatClient, ChatServer, Line};
use protocall::{Channel, Request, Response, ResponseStream, Server, Status, Streaming};
use std::error::Error;

struct Echo;

impl Chat for Echo {
    async fn talk(
        &self,
        request: Request<Streaming<Line>>,
    ) -> Result<Response<ResponseStream<Line>>, Status> {
        let mut lines = request.into_inner();
        // the block runs with the call and is dropped with it; an error in it is the call's status
        Ok(Response::new(ResponseStream::produce(|sender| async move {
            while let Some(line) = lines.message().await? {
                let text = format!("You said: {}", line.text);
                sender.send(Line { text, ..Default::default() }).await?;
            }
            Ok(())
        })))
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    for line in run(&["Hello", "Is anybody there?", "Bye"]).await? {
        println!("{line}");
    }
    Ok(())
}

/// Serves on a free port, says the lines there, and returns the answers.
async fn run(lines: &'static [&'static str]) -> Result<Vec<String>, Box<dyn Error>> {
    let server = Server::builder().add_service(ChatServer::new(Echo)).bind("127.0.0.1:0").await?;
    let target = format!("http://{}", server.local_addr()?);
    tokio::spawn(server.serve());

    let client = ChatClient::new(Channel::connect(&target).await?);
    let (mut sender, mut answers) = client.talk(Request::new(())).split();
    let sending = tokio::spawn(async move {
        for line in lines {
            sender.send(Line { text: (*line).to_owned(), ..Default::default() }).await?;
        }
        // no more lines will come; answers still do
        sender.finish();
        Ok::<(), Status>(())
    });
    let mut heard = Vec::new();
    while let Some(line) = answers.message().await? {
        heard.push(line.text);
    }
    sending.await??;
    Ok(heard)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[tokio::test]
    async fn each_line_is_answered_in_order() {
        assert_eq!(run(&["a", "b"]).await.unwrap(), ["You said: a", "You said: b"]);
        assert!(run(&[]).await.unwrap().is_empty());
    }
}
