//! A service that says what it knows of its caller, and servers that end with their test.

use bytes::Bytes;
use protocall::codec::Raw;
use protocall::server::{Bound, Listener, Routes, Service};
use protocall::{Channel, Method, MethodKind, Request, Response, Status};
use std::sync::Arc;
use tokio::task::JoinHandle;

/// Answers with what the handler saw: see [`Who`].
pub(crate) const AM: Method = Method::new("test.Who", "Am", "/test.Who/Am", MethodKind::Unary);

/// Answers each call with lines of what it saw: `peer`, `tls`, `dns`, `uri`, `certificates`,
/// `authorization`, and `bytes`, the size of the request.
pub(crate) struct Who;

impl Service for Who {
    fn name(&self) -> &'static str {
        "test.Who"
    }

    fn register(self, routes: &mut Routes) {
        let service = Arc::new(self);
        routes.unary::<Raw, Bytes, Bytes, _, _, _>(&AM, &service, |_, request| async move {
            Ok(Response::new(Bytes::from(describe(&request))))
        });
    }
}

fn describe(request: &Request<Bytes>) -> String {
    let connection = request.context().connection().unwrap();
    let (dns, uri) = request.identity().map_or_else(Default::default, |identity| {
        (identity.dns_names().join(","), identity.uri_names().join(","))
    });
    let tokens: Vec<&str> = request.metadata().get_all("authorization").collect();
    format!(
        "peer {}\ntls {}\ndns {dns}\nuri {uri}\ncertificates {}\nauthorization {}\nbytes {}\n",
        connection.peer(),
        connection.is_tls(),
        connection.peer_certificates().len(),
        tokens.join(","),
        request.message().len(),
    )
}

/// Asks the service who is calling.
pub(crate) async fn ask(channel: &Channel) -> Result<String, Status> {
    ask_with(channel, Request::new(Bytes::new())).await
}

/// The same with a request of the test's own.
pub(crate) async fn ask_with(channel: &Channel, request: Request<Bytes>) -> Result<String, Status> {
    let response = channel.unary::<Raw, Bytes, Bytes>(&AM, request).await?;
    Ok(String::from_utf8(response.into_inner().to_vec()).unwrap())
}

/// A server's task; it ends when this is dropped.
pub(crate) struct Serving(JoinHandle<()>);

impl Serving {
    pub(crate) fn start<L: Listener + 'static>(server: Bound<L>) -> Self {
        Self(tokio::spawn(server.serve()))
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        self.0.abort();
    }
}
