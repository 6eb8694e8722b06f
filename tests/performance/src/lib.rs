//! What the tests of this package share: a service whose messages need no memory, and streams of
//! bytes that count. The tests count what is the same on every machine; how long things take is
//! measured by `cargo xtask bench`.

mod counted;

#[allow(missing_docs, reason = "comments of the .proto file are the docs")]
mod proto {
    protocall::include_proto!();
}

pub use counted::{Counted, CountedConnector, CountedListener, Counts, pair};
pub use proto::performance::{Chunk, Counter, CounterClient, CounterServer, Number};
pub use proto::performance::{Store, StoreClient, StoreServer};

use bytes::Bytes;
use protocall::server::Builder;
use protocall::{Request, Response, ResponseStream, Server, Status, Streaming};

/// A server of the service that is measured.
#[must_use]
pub fn server() -> Builder {
    Server::builder().add_service(CounterServer::new(Next)).add_service(StoreServer::new(Next))
}

/// A request.
#[must_use]
pub fn number(value: u64) -> Number {
    Number { value, ..Default::default() }
}

struct Next;

impl Counter for Next {
    async fn next(&self, request: Request<Number>) -> Result<Response<Number>, Status> {
        Ok(Response::new(number(request.into_inner().value + 1)))
    }
}

/// Bytes in a large message.
pub const CHUNK: usize = 64 * 1024;

/// A large message; its content is shared with all others.
#[must_use]
pub fn chunk(content: &Bytes) -> Chunk {
    Chunk { content: content.clone(), ..Default::default() }
}

impl Store for Next {
    async fn read(
        &self,
        request: Request<Number>,
    ) -> Result<Response<ResponseStream<Chunk>>, Status> {
        let content = Bytes::from(vec![7; CHUNK]);
        let chunks = (0..request.into_inner().value).map(move |_| chunk(&content));
        Ok(Response::new(ResponseStream::iter(chunks)))
    }

    async fn write(&self, request: Request<Streaming<Chunk>>) -> Result<Response<Number>, Status> {
        let mut chunks = request.into_inner();
        let mut bytes = 0;
        while let Some(chunk) = chunks.message().await? {
            bytes += chunk.content.len() as u64;
        }
        Ok(Response::new(number(bytes)))
    }
}
