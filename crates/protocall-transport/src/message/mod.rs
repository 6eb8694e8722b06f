//! What applications hold: requests, responses and streams of messages.
//!
//! The same types serve both sides. How their bytes travel is the business of
//! [`server`](crate::server) and [`client`](crate::client).

mod context;
mod identity;
mod request;
mod response;
mod response_stream;
mod streaming;
mod work;

pub use context::{Cancellation, ConnectionInfo, Context, PeerAddr, UnixPeer};
pub use identity::PeerIdentity;
pub use request::{IntoRequest, Request};
pub use response::Response;
pub use response_stream::{Outbound, ResponseStream, Sender as ResponseSender};
pub use streaming::{Decode, Streaming};
pub(crate) use work::Work;
