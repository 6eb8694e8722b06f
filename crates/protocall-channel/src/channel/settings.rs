//! The settings of a channel's connections that users set by hand. All others are fields of
//! [`http2::Config`] and its limits, which [`Builder::http2`] takes.

use super::Builder;
use protocall_transport::chance::Chance;
use protocall_transport::http2;
use std::time::Duration;

/// The shortest interval of a client's keepalive (gRFC A8): servers close connections that ping
/// more often.
pub const MIN_KEEPALIVE_INTERVAL: Duration = Duration::from_secs(10);

impl Builder {
    /// HTTP/2's settings and limits, all of them. What was set before by the methods below is
    /// replaced; what is set by them afterwards counts.
    #[must_use]
    pub fn http2(mut self, config: http2::Config) -> Self {
        self.config.http2 = config;
        self
    }

    /// Bytes that a call's server may send before the caller takes some; 512 KiB unless set. The
    /// window grows from there with the path, but not within a machine, unless
    /// [`Builder::adaptive_window`] is off.
    #[must_use]
    pub const fn initial_stream_window(mut self, bytes: u32) -> Self {
        self.config.http2.stream_window = bytes;
        self
    }

    /// Bytes that the server may have under way on all calls of a connection; 4 MiB unless set, at
    /// least 65,535. It grows as streams' windows do.
    #[must_use]
    pub const fn initial_connection_window(mut self, bytes: u32) -> Self {
        self.config.http2.connection_window = bytes;
        self
    }

    /// Whether windows grow to what the path to the server holds; they do unless set to `false`.
    #[must_use]
    pub const fn adaptive_window(mut self, adaptive: bool) -> Self {
        self.config.http2.adaptive_window = adaptive;
        self
    }

    /// The largest frame that the server may send, in bytes; 64 KiB unless set, 16 KiB to 16 MiB
    /// - 1. A larger frame ends the connection: `http2.frame_bytes_exceeded`.
    #[must_use]
    pub const fn max_frame_size(mut self, bytes: u32) -> Self {
        self.config.http2.max_frame_bytes = bytes;
        self
    }

    /// The most bytes of a response's metadata, head and trailers each, counted with 32 more for
    /// each field (RFC 9113 section 6.5.2); 16 KiB unless set. A call with more ends with
    /// RESOURCE_EXHAUSTED: `http2.header_list_bytes_exceeded`.
    #[must_use]
    pub const fn max_header_list_size(mut self, bytes: usize) -> Self {
        let (limits, twice) = (&mut self.config.http2.limits, bytes.saturating_mul(2));
        limits.header_list_bytes = bytes;
        if limits.header_block_bytes < twice {
            limits.header_block_bytes = twice;
        }
        self
    }

    /// After how long without a byte the server is asked whether it is alive (gRFC A8), while calls
    /// are open; never unless set. At least 10 s. Servers end connections that ask more often than
    /// they allow, which is once in five minutes with most servers' defaults; the channel then
    /// doubles its interval for the connections that follow.
    #[must_use]
    pub fn keepalive_interval(mut self, interval: Duration) -> Self {
        self.config.http2.keepalive_interval = Some(interval.max(MIN_KEEPALIVE_INTERVAL));
        self
    }

    /// How long the server has for its answer; 20 s unless set. Then its connection is closed and
    /// its calls end with UNAVAILABLE: `http2.keepalive_timeouts`. Also how long bytes may stay
    /// unacknowledged, unless [`Builder::tcp_user_timeout`] says otherwise.
    #[must_use]
    pub const fn keepalive_timeout(mut self, timeout: Duration) -> Self {
        self.config.http2.keepalive_timeout = timeout;
        self
    }

    /// Whether the server is asked also while no call is open (gRFC A8); it is not unless set to
    /// `true`, and most servers must be told to permit it.
    #[must_use]
    pub const fn keepalive_without_calls(mut self, without: bool) -> Self {
        self.config.http2.keepalive_while_idle = without;
        self
    }

    /// How long bytes may stay unacknowledged by the server's host before its connection ends
    /// (TCP_USER_TIMEOUT, gRFC A18; Linux and Android only): so a server is given up whose host or
    /// network is gone without a word. [`Builder::keepalive_timeout`] unless set, with keepalive or
    /// without; `None`: not at all.
    #[must_use]
    pub const fn tcp_user_timeout(mut self, timeout: Option<Duration>) -> Self {
        self.user_timeout = Some(timeout);
        self
    }

    /// Bytes that the kernel takes of a connection's output ahead of the network
    /// (TCP_NOTSENT_LOWAT; Linux and Android only), behind which a call waits; 128 KiB unless
    /// set, `None`: as many as its send buffer has room for.
    #[must_use]
    pub const fn tcp_unsent(mut self, bytes: Option<u32>) -> Self {
        self.unsent = bytes;
        self
    }

    /// Whether a server at a loopback address is sent to as fast as it reads, in place of by the
    /// system's congestion control; it is unless set to `false`. See
    /// [`unpaced_loopback`](protocall_transport::io::tcp::Options::unpaced_loopback).
    #[must_use]
    pub const fn tcp_unpaced_loopback(mut self, unpaced: bool) -> Self {
        self.unpaced_loopback = unpaced;
        self
    }

    /// Bytes that are kept of each call until its server begins to answer; 256 KiB unless set. A
    /// call that the server says it has not processed is sent again from them (gRFC A6), one that
    /// had sent more fails: `transport.calls_not_kept`.
    #[must_use]
    pub const fn resend_buffer(mut self, bytes: usize) -> Self {
        self.config.resend_buffer = bytes;
        self
    }

    /// How long a connection with calls under way looks for answers before it sleeps; it does not
    /// unless set. Waking a sleeping thread can take longer than a small call: where latency counts
    /// more than CPU, 50 us is a good beginning. Other tasks of the runtime get their turns
    /// meanwhile, and a connection without calls always sleeps.
    #[must_use]
    pub const fn busy_poll(mut self, time: Duration) -> Self {
        self.config.busy_poll = time;
        self
    }

    /// Where chance comes from, for tests that want none: the jitter of [`Builder::backoff`].
    #[must_use]
    pub fn chance(mut self, chance: Chance) -> Self {
        self.chance = chance;
        self
    }
}
