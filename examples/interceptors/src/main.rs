//! Interceptors on both sides: the server lets in only who knows the secret; the client numbers
//! its calls and says how each ended.
#![allow(clippy::print_stdout, reason = "a program speaks to its user")]

#[allow(missing_docs, reason = "comments of the .proto file are the docs")]
mod proto {
    protocall::include_proto!();
}

use proto::example::{Greeter, GreeterClient, GreeterServer, Greeting, Name};
use protocall::{
    Beginning, CallHooks, Channel, Interceptor, Outcome, Request, Response, Server, Status, memory,
};
use std::error::Error;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Instant;

const SECRET: &str = "Bearer open-sesame";

struct Polite;

impl Greeter for Polite {
    async fn greet(&self, request: Request<Name>) -> Result<Response<Greeting>, Status> {
        // put there by the interceptor
        let user = request.metadata().get("x-user").unwrap_or("stranger");
        let text = format!("Hello {}, says {user}", request.message().name);
        Ok(Response::new(Greeting { text, ..Default::default() }))
    }
}

/// On the server: who may call. It could as well wait for the answer of another server.
struct Auth;

impl Interceptor for Auth {
    async fn begin(&self, call: &mut Beginning) -> Result<(), Status> {
        match call.metadata().get("authorization") {
            Some(SECRET) => {}
            Some(_) => return Err(Status::permission_denied("that is not the secret")),
            None => return Err(Status::unauthenticated("say the secret")),
        }
        // a client may say anything of itself: what handlers trust is written here
        call.metadata_mut().insert("x-user", "alice")?;
        Ok(())
    }
}

/// On the client: numbers calls.
#[derive(Default)]
struct RequestId(AtomicU64);

impl Interceptor for RequestId {
    async fn begin(&self, call: &mut Beginning) -> Result<(), Status> {
        let number = self.0.fetch_add(1, Ordering::Relaxed);
        call.metadata_mut().insert("x-request-id", &number.to_string())?;
        Ok(())
    }
}

/// On the client: says how each call ended.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<String>>>);

impl Interceptor for Log {
    async fn begin(&self, call: &mut Beginning) -> Result<(), Status> {
        let id = call.metadata().get("x-request-id").unwrap_or("-").to_owned();
        let (log, path, began) = (self.clone(), call.path().clone(), Instant::now());
        call.hook(Logged { log, what: format!("{id} {path}"), began });
        Ok(())
    }
}

/// One call's part of the log.
struct Logged {
    log: Log,
    what: String,
    began: Instant,
}

impl CallHooks for Logged {
    fn end(&mut self, outcome: &mut Outcome) {
        let how = outcome.as_ref().map_or_else(ToString::to_string, |_| "OK".to_owned());
        println!("{}: {how} after {:?}", self.what, self.began.elapsed());
        if let Ok(mut lines) = self.log.0.lock() {
            lines.push(format!("{}: {how}", self.what));
        }
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    run().await?;
    Ok(())
}

/// Makes a call without and one with the secret; returns the log and the greeting.
async fn run() -> Result<(Vec<String>, String), Box<dyn Error>> {
    let (connector, listener) = memory::pair();
    let server = Server::builder().intercept(Auth).add_service(GreeterServer::new(Polite));
    tokio::spawn(server.on(listener)?.serve());

    let log = Log::default();
    let channel = Channel::over(connector)
        // the first is the outermost: the log sees the number
        .intercept(RequestId::default())
        .intercept(log.clone())
        .build();
    let client = GreeterClient::new(channel);
    let name = Name { name: "World".to_owned(), ..Default::default() };

    // refused, and logged
    let _ = client.greet(name.clone()).await;
    let mut request = Request::new(name);
    request.metadata_mut().insert("authorization", SECRET)?;
    let greeting = client.greet(request).await?.into_inner().text;
    println!("{greeting}");

    let lines = log.0.lock().map(|lines| lines.clone()).unwrap_or_default();
    Ok((lines, greeting))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[tokio::test]
    async fn only_who_knows_the_secret_is_greeted_and_all_is_logged() {
        let (log, greeting) = run().await.unwrap();
        assert_eq!(greeting, "Hello World, says alice");
        let path = "/example.Greeter/Greet";
        let refused = format!("0 {path}: UNAUTHENTICATED: say the secret");
        assert_eq!(log, [refused, format!("1 {path}: OK")]);
    }
}
