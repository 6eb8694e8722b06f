//! What the tests of this package share: a service whose messages need no memory, and streams of
//! bytes that count. The tests count what is the same on every machine; how long things take is
//! measured by `cargo xtask bench`.

mod counted;

#[allow(missing_docs, reason = "comments of the .proto file are the docs")]
mod proto {
    protocall::include_proto!();
}

pub use counted::{Counted, CountedConnector, CountedListener, Counts, pair};
pub use proto::performance::{Counter, CounterClient, CounterServer, Number};

use protocall::server::Builder;
use protocall::{Request, Response, Server, Status};

/// A server of the service that is measured.
#[must_use]
pub fn server() -> Builder {
    Server::builder().add_service(CounterServer::new(Next))
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
