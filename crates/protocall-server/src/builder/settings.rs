//! The settings of a server's connections that users set by hand. All others are fields of
//! [`http2::Config`] and its limits, which [`Builder::http2`] takes.

use super::Builder;
use protocall_transport::chance::Chance;
use protocall_transport::http2;
use std::sync::Arc;
use std::time::Duration;

impl Builder {
    /// The settings, of which every connection will share the one copy.
    fn http2_mut(&mut self) -> &mut http2::Config {
        Arc::make_mut(&mut self.config.http2)
    }

    /// HTTP/2's settings and limits, all of them. What was set before by the methods below is
    /// replaced; what is set by them afterwards counts.
    #[must_use]
    pub fn http2(mut self, config: http2::Config) -> Self {
        self.config.http2 = Arc::new(config);
        self
    }

    /// How many calls a client may have open at once on one connection, counted until the handler
    /// has ended; 1,024 unless set. More are refused with REFUSED_STREAM, which clients retry.
    /// Counted as `http2.streams_refused`.
    #[must_use]
    pub fn max_concurrent_streams(mut self, streams: u32) -> Self {
        self.http2_mut().max_concurrent_streams = streams;
        self
    }

    /// Bytes that a call's client may send before the handler takes some; 256 KiB unless set. The
    /// window grows from there with the path, unless [`Builder::adaptive_window`] is off.
    #[must_use]
    pub fn initial_stream_window(mut self, bytes: u32) -> Self {
        self.http2_mut().stream_window = bytes;
        self
    }

    /// Bytes that a client may have under way on all calls of a connection; 1 MiB unless set, at
    /// least 65,535. It grows as streams' windows do.
    #[must_use]
    pub fn initial_connection_window(mut self, bytes: u32) -> Self {
        self.http2_mut().connection_window = bytes;
        self
    }

    /// Whether windows grow to what the path to the client holds; they do unless set to `false`.
    #[must_use]
    pub fn adaptive_window(mut self, adaptive: bool) -> Self {
        self.http2_mut().adaptive_window = adaptive;
        self
    }

    /// The largest frame that clients may send, in bytes; 64 KiB unless set, 16 KiB to 16 MiB - 1.
    /// A larger frame ends its connection: `http2.frame_bytes_exceeded`.
    #[must_use]
    pub fn max_frame_size(mut self, bytes: u32) -> Self {
        self.http2_mut().max_frame_bytes = bytes;
        self
    }

    /// The most bytes of a request's metadata, counted with 32 more for each field (RFC 9113
    /// section 6.5.2); 16 KiB unless set. A call with more
    /// ends with RESOURCE_EXHAUSTED: `http2.header_list_bytes_exceeded`.
    #[must_use]
    pub fn max_header_list_size(mut self, bytes: usize) -> Self {
        let (limits, twice) = (&mut self.http2_mut().limits, bytes.saturating_mul(2));
        limits.header_list_bytes = bytes;
        if limits.header_block_bytes < twice {
            limits.header_block_bytes = twice;
        }
        self
    }

    /// After how long without a byte a client is asked whether it is alive (gRFC A9); 2 hours
    /// unless set, at least a second. `None`: it is never asked.
    #[must_use]
    pub fn keepalive_interval(mut self, interval: Option<Duration>) -> Self {
        self.http2_mut().keepalive_interval = interval.map(|interval| interval.max(SECOND));
        self
    }

    /// How long a client has for its answer; 20 s unless set. Then its connection is closed:
    /// `http2.keepalive_timeouts`. Also how long bytes may stay unacknowledged, unless
    /// [`Builder::tcp_user_timeout`] says otherwise.
    #[must_use]
    pub fn keepalive_timeout(mut self, timeout: Duration) -> Self {
        self.http2_mut().keepalive_timeout = timeout;
        self
    }

    /// The shortest time that clients may leave between their pings while calls are open (gRFC A8);
    /// 5 minutes unless set. Clients that ping more often have two strikes, then their connection
    /// is closed with "too_many_pings": `http2.pings_exceeded`.
    #[must_use]
    pub fn min_ping_interval(mut self, interval: Duration) -> Self {
        self.http2_mut().limits.min_ping_interval = interval;
        self
    }

    /// Whether clients may ping as often while no call is open (gRFC A8). Unless set to `true` they
    /// may do so once in two hours. To be called after [`Builder::min_ping_interval`].
    #[must_use]
    pub fn permit_pings_without_calls(mut self, permit: bool) -> Self {
        let limits = &mut self.http2_mut().limits;
        limits.min_ping_interval_idle = if permit {
            limits.min_ping_interval
        } else {
            http2::config::DEFAULT_MIN_PING_INTERVAL_IDLE
        };
        self
    }

    /// After how long without a call a connection is shut down gracefully, with "max_idle" in its
    /// GOAWAY (gRFC A9); never unless set. Clients connect again when they have a call.
    #[must_use]
    pub fn max_connection_idle(mut self, idle: Duration) -> Self {
        self.http2_mut().max_connection_idle = Some(idle);
        self
    }

    /// After how long a connection is shut down gracefully, with "max_age" in its GOAWAY (gRFC A9);
    /// never unless set. Each connection's age differs by up to a tenth from this, so that clients
    /// do not all come back together. Calls may go on, see [`Builder::max_connection_age_grace`].
    #[must_use]
    pub fn max_connection_age(mut self, age: Duration) -> Self {
        self.http2_mut().max_connection_age = Some(age);
        self
    }

    /// How long calls may outlive their connection's age; then they end with UNAVAILABLE:
    /// `http2.max_age_grace_exceeded`. For ever unless set.
    #[must_use]
    pub fn max_connection_age_grace(mut self, grace: Duration) -> Self {
        self.http2_mut().max_connection_age_grace = Some(grace);
        self
    }

    /// How long a client has from its first byte on, after a TLS handshake if there is one, to say
    /// that it speaks HTTP/2; 10 s unless set. The time for the handshake is the TLS settings' own.
    /// Counted as `http2.preface_timeouts`.
    #[must_use]
    pub fn preface_timeout(mut self, timeout: Duration) -> Self {
        self.http2_mut().preface_timeout = timeout;
        self
    }

    /// How many connections the server has at once, those in a handshake included; as many as the
    /// operating system lets it have unless set. One more is accepted and closed at once, so that
    /// its client can go elsewhere: `accept.connections_refused`.
    #[must_use]
    pub fn max_connections(mut self, connections: usize) -> Self {
        self.max_connections = connections;
        self
    }

    /// How long bytes may stay unacknowledged by a client's host before its connection ends
    /// (TCP_USER_TIMEOUT, gRFC A18; Linux and Android only): so clients are found whose host or
    /// network is gone without a word. [`Builder::keepalive_timeout`] unless set, and not at all
    /// without keepalive; `None`: not at all.
    #[must_use]
    pub fn tcp_user_timeout(mut self, timeout: Option<Duration>) -> Self {
        self.user_timeout = Some(timeout);
        self
    }

    /// Bytes that the kernel takes of a connection's output ahead of the network
    /// (TCP_NOTSENT_LOWAT; Linux and Android only), behind which an answer waits; 128 KiB unless
    /// set, `None`: as many as its send buffer has room for.
    #[must_use]
    pub fn tcp_unsent(mut self, bytes: Option<u32>) -> Self {
        self.unsent = bytes;
        self
    }

    /// Whether connections from a loopback address are sent to as fast as their client reads, in
    /// place of by the system's congestion control; they are unless set to `false`. See
    /// [`unpaced_loopback`](protocall_transport::io::tcp::Options::unpaced_loopback).
    #[must_use]
    pub fn tcp_unpaced_loopback(mut self, unpaced: bool) -> Self {
        self.unpaced_loopback = unpaced;
        self
    }

    /// How long a connection that has just answered looks for the next request before it sleeps; it
    /// does not unless set. Waking a sleeping thread can take longer than a small call: where
    /// latency counts more than CPU, 50 us is a good beginning. Other tasks of the runtime get
    /// their turns meanwhile, and a connection without requests sleeps after that time.
    #[must_use]
    pub fn busy_poll(mut self, time: Duration) -> Self {
        self.config.busy_poll = time;
        self
    }

    /// How long a request that is no gRPC call, such as a GET, waits for its refusal; 100 ms unless
    /// set. It counts as an open call meanwhile, so that floods of them meet
    /// [`Builder::max_concurrent_streams`].
    #[must_use]
    pub fn refusal_delay(mut self, delay: Duration) -> Self {
        self.config.refusal_delay = delay;
        self
    }

    /// Where chance comes from, for tests that want none: the jitter of
    /// [`Builder::max_connection_age`].
    #[must_use]
    pub fn chance(mut self, chance: Chance) -> Self {
        self.chance = chance;
        self
    }
}

/// The shortest interval of a server's keepalive, as in other servers: more is an attack.
const SECOND: Duration = Duration::from_secs(1);
