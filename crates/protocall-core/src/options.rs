//! What a caller may set for one call.
//!
//! Data only: `protocall-channel` and `protocall-transport` act on it.

use crate::{Compression, Credentials};
use std::time::Duration;

/// Settings of a single call; each has the channel's value when not set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct CallOptions {
    /// How long the whole call may take, from the moment it is made to its status, waiting for a
    /// connection and streams included. Sent to the server as `grpc-timeout`. `None`: no limit.
    pub timeout: Option<Duration>,
    /// Wait for a connection instead of failing with `UNAVAILABLE` while there is none.
    pub wait_for_ready: Option<bool>,
    /// The largest message accepted from the server, in bytes.
    pub max_receive_message: Option<usize>,
    /// The largest message sent, in bytes.
    pub max_send_message: Option<usize>,
    /// What messages to the server are compressed with; single ones can still be sent as they are.
    pub compression: Option<Compression>,
    /// What proves to the server who calls, sent behind the channel's own credentials.
    pub credentials: Option<Credentials>,
}
