//! Settings that users set by hand: each takes effect where the other side can see it.

use protocall::channel::connect::{Connect, Connecting};
use protocall::channel::{self, Channel};
use protocall::server::{self, Listener};
use protocall::{Code, PeerAddr, Server, tcp};
use protocall_tests::proto::trial::{TrialClient, TrialServer};
use protocall_tests::raw::{Raw, frame, kind};
use protocall_tests::rig::{Pipes, Rig, Wire, pipes};
use protocall_tests::service::Scripted;
use protocall_tests::{blob, run, run_paused, settle};
use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Instant, sleep};

const WIRE: Wire = Wire::Pipe(64 * 1024);

const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

async fn serve(set: impl FnOnce(server::Builder) -> server::Builder) -> Rig {
    let service = TrialServer::new(Scripted::default());
    Rig::serve(WIRE, set(Server::builder()).add_service(service)).await
}

async fn client(rig: &Rig) -> Raw {
    let mut raw = Raw::client(rig.door().raw().await).await;
    raw.wait_for(kind::SETTINGS).await;
    raw.send(&frame(kind::SETTINGS, 1, 0, b"")).await;
    raw
}

/// The entries of the first SETTINGS, and what WINDOW_UPDATE adds to the connection's window.
async fn announced(raw: &mut Raw) -> (BTreeMap<u16, u32>, u32) {
    let settings = raw.wait_for(kind::SETTINGS).await.payload;
    let number = |bytes: &[u8]| bytes.iter().fold(0, |sum, byte| sum << 8 | u32::from(*byte));
    let entries = settings.chunks(6).map(|entry| (number(&entry[..2]) as u16, number(&entry[2..])));
    let entries = entries.collect();
    let update = raw.wait_for(kind::WINDOW_UPDATE).await;
    assert_eq!(update.stream, 0);
    (entries, number(&update.payload))
}

const MAX_CONCURRENT_STREAMS: u16 = 3;
const INITIAL_WINDOW_SIZE: u16 = 4;
const MAX_FRAME_SIZE: u16 = 5;
const MAX_HEADER_LIST_SIZE: u16 = 6;

#[test]
fn what_a_server_announces() {
    run_paused(async {
        for (set, streams, window, frame, list, more) in [
            (false, 1024, 256 * 1024, 64 * 1024, 16 * 1024, 1024 * 1024),
            (true, 17, 100_000, 20_000, 5000, 2_000_000),
        ] {
            let rig = serve(|builder| match set {
                false => builder,
                true => builder
                    .max_concurrent_streams(17)
                    .initial_stream_window(100_000)
                    .initial_connection_window(2_000_000)
                    .max_frame_size(20_000)
                    .max_header_list_size(5000),
            })
            .await;
            let mut raw = Raw::client(rig.door().raw().await).await;
            let (entries, increment) = announced(&mut raw).await;
            assert_eq!(entries[&MAX_CONCURRENT_STREAMS], streams);
            assert_eq!(entries[&INITIAL_WINDOW_SIZE], window);
            assert_eq!(entries[&MAX_FRAME_SIZE], frame);
            assert_eq!(entries[&MAX_HEADER_LIST_SIZE], list);
            assert_eq!(increment, more - 65_535);
        }
    });
}

#[test]
fn what_a_channel_announces() {
    run_paused(async {
        for (set, window, frame, list, more) in [
            (false, 512 * 1024, 64 * 1024, 16 * 1024, 4 * 1024 * 1024),
            (true, 100_000, 20_000, 5000, 2_000_000),
        ] {
            let (pipes, mut listener) = pipes(64 * 1024);
            let builder = Channel::over(pipes);
            let channel = match set {
                false => builder,
                true => builder
                    .initial_stream_window(100_000)
                    .initial_connection_window(2_000_000)
                    .max_frame_size(20_000)
                    .max_header_list_size(5000),
            }
            .build();
            let ready = tokio::spawn(async move { channel.ready().await });
            let mut raw = Raw::server(Box::new(listener.next().await.unwrap())).await;
            let (entries, increment) = announced(&mut raw).await;
            assert_eq!(entries.get(&MAX_CONCURRENT_STREAMS), None);
            assert_eq!(entries[&INITIAL_WINDOW_SIZE], window);
            assert_eq!(entries[&MAX_FRAME_SIZE], frame);
            assert_eq!(entries[&MAX_HEADER_LIST_SIZE], list);
            assert_eq!(increment, more - 65_535);
            ready.await.unwrap().unwrap();
        }
    });
}

/// Metadata above a channel's limit on lists fails its call and no other.
#[test]
fn a_channels_limit_on_metadata() {
    run_paused(async {
        let rig = Rig::start(
            WIRE,
            Scripted::default().unary(|request: protocall::Request<_>| async move {
                let mut response = protocall::Response::new(request.into_inner());
                let text = "m".repeat(2000);
                response.metadata_mut().insert("x-large", text.as_str()).unwrap();
                Ok(response)
            }),
        )
        .await;
        let channel = rig.channel_builder().max_header_list_size(1000).build();
        let client = TrialClient::new(channel.clone());
        for _ in 0..2 {
            let error = client.unary(blob(1)).await.unwrap_err();
            assert_eq!(error.code(), Code::ResourceExhausted, "{error}");
        }
        assert_eq!(channel.stats().snapshot().connect.connections_made, 1);
        rig.client().unary(blob(1)).await.unwrap();
    });
}

#[test]
fn a_servers_keepalive() {
    run_paused(async {
        let rig = serve(|builder| {
            builder.keepalive_interval(Some(seconds(30))).keepalive_timeout(seconds(5))
        })
        .await;
        let mut raw = client(&rig).await;
        let begun = Instant::now();
        while raw.next().await.unwrap().kind != kind::PING {}
        assert_eq!(begun.elapsed().as_secs(), 30);
        while raw.next().await.unwrap().kind != kind::GOAWAY {}
        assert_eq!(begun.elapsed().as_secs(), 35);
        settle().await;
        let stats = rig.stats().http2;
        assert_eq!((stats.keepalive_pings, stats.keepalive_timeouts), (1, 1));

        let rig = serve(|builder| builder.keepalive_interval(None)).await;
        let _raw = client(&rig).await;
        sleep(seconds(24 * 3600)).await;
        assert_eq!(rig.stats().accept.connections_open, 1);
        assert_eq!(rig.stats().http2.keepalive_pings, 0);
    });
}

/// gRFC A8: how often clients may ping, with and without calls.
#[test]
fn how_often_clients_may_ping() {
    run_paused(async {
        for (permit, interval, strikes) in [(false, 10, 3), (true, 10, 0), (true, 9, 3)] {
            let rig = serve(|builder| {
                builder.min_ping_interval(seconds(10)).permit_pings_without_calls(permit)
            })
            .await;
            let mut raw = client(&rig).await;
            for _ in 0..10 {
                raw.send(&frame(kind::PING, 0, 0, &[7; 8])).await;
                sleep(seconds(interval)).await;
            }
            let stats = rig.stats().http2;
            assert_eq!(stats.ping_strikes, strikes, "{permit} {interval}");
            assert_eq!(stats.pings_exceeded, u64::from(strikes > 0));
        }
    });
}

#[test]
fn a_servers_time_for_the_preface() {
    run_paused(async {
        let rig = serve(|builder| builder.preface_timeout(seconds(3))).await;
        let mut raw = Raw::new(rig.door().raw().await);
        let begun = Instant::now();
        raw.rest().await;
        assert!((3..=4).contains(&begun.elapsed().as_secs()), "{:?}", begun.elapsed());
        settle().await;
        assert_eq!(rig.stats().http2.preface_timeouts, 1);
    });
}

/// One connection more than there may be is closed at once; a place that is left is free again.
#[test]
fn a_cap_on_connections() {
    run_paused(async {
        let rig = serve(|builder| builder.max_connections(2)).await;
        let first = rig.client();
        first.unary(blob(1)).await.unwrap();
        let second = client(&rig).await;
        let begun = Instant::now();
        let error = rig.client().unary(blob(1)).await.unwrap_err();
        assert_eq!(error.code(), Code::Unavailable, "{error}");
        assert!(begun.elapsed() < seconds(1), "at once");
        let accept = rig.stats().accept;
        assert_eq!((accept.connections_accepted, accept.connections_refused), (3, 1));
        assert_eq!(accept.connections_open, 2);
        first.unary(blob(1)).await.unwrap();
        drop(second);
        sleep(seconds(2)).await;
        rig.client().unary(blob(1)).await.unwrap();
        assert_eq!(rig.stats().accept.connections_refused, 1);
    });
}

/// The cap holds for all threads of a sharded server together.
#[test]
fn a_cap_on_connections_of_all_threads() {
    run(async {
        let stats = server::Stats::default();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        drop(listener);
        let server = Server::builder()
            .max_connections(3)
            .stats(stats.clone())
            .add_service(TrialServer::new(Scripted::default()));
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let serving = tokio::spawn(server.serve_sharded(addr.to_string(), 2, async {
            let _ = stopped.await;
        }));
        let clients: Vec<_> =
            (0..3).map(|_| TrialClient::new(Channel::lazy(&addr.to_string()).unwrap())).collect();
        for client in &clients {
            let request = protocall::Request::new(blob(1)).with_wait_for_ready(true);
            client.unary(request).await.unwrap();
        }
        let fourth = TrialClient::new(Channel::lazy(&addr.to_string()).unwrap());
        assert_eq!(fourth.unary(blob(1)).await.unwrap_err().code(), Code::Unavailable);
        let accept = stats.snapshot().accept;
        assert_eq!((accept.connections_refused, accept.connections_open), (1, 3));
        drop((clients, fourth));
        stop.send(()).unwrap();
        serving.await.unwrap().unwrap();
        assert_eq!(stats.snapshot().accept.connections_open, 0);
    });
}

/// A stream's TCP_USER_TIMEOUT, whether it is unpaced on loopback, and its TCP_NOTSENT_LOWAT.
#[cfg(target_os = "linux")]
type Seen = (Option<Duration>, bool, u32);

/// Notes what the kernel says of the streams that it accepted, once their options are set.
#[cfg(target_os = "linux")]
struct Spy {
    inner: TcpListener,
    seen: Arc<Mutex<Vec<Seen>>>,
}

#[cfg(target_os = "linux")]
impl Listener for Spy {
    type Io = TcpStream;

    async fn accept(&mut self) -> Option<io::Result<(TcpStream, PeerAddr)>> {
        Listener::accept(&mut self.inner).await
    }

    fn set_options(&self, stream: &TcpStream, options: &tcp::Options) -> io::Result<()> {
        self.inner.set_options(stream, options)?;
        assert!(stream.nodelay()?);
        let timeout = socket2::SockRef::from(stream).tcp_user_timeout()?;
        let unsent = socket2::SockRef::from(stream).tcp_notsent_lowat()?;
        self.seen.lock().unwrap().push((timeout, options.unpaced_loopback, unsent));
        Ok(())
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_servers_tcp_options() {
    type Set = fn(server::Builder) -> server::Builder;
    let cases: [(Set, Option<u64>, bool, u32); 7] = [
        (|builder| builder, Some(20), true, 128 << 10),
        (|builder| builder.keepalive_timeout(seconds(7)), Some(7), true, 128 << 10),
        (|builder| builder.keepalive_interval(None), None, true, 128 << 10),
        (|builder| builder.tcp_user_timeout(Some(seconds(9))), Some(9), true, 128 << 10),
        (|builder| builder.tcp_user_timeout(None), None, true, 128 << 10),
        (|builder| builder.tcp_unpaced_loopback(false), Some(20), false, 128 << 10),
        (|builder| builder.tcp_unsent(Some(4096)), Some(20), true, 4096),
    ];
    for (set, expected, unpaced, unsent) in cases {
        run(async move {
            let inner = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let addr = inner.local_addr().unwrap();
            let seen = Arc::default();
            let spy = Spy { inner, seen: Arc::clone(&seen) };
            let server = set(Server::builder()).add_service(TrialServer::new(Scripted::default()));
            let serving = tokio::spawn(server.on(spy).unwrap().serve());
            let client = TrialClient::new(Channel::lazy(&addr.to_string()).unwrap());
            client.unary(blob(1)).await.unwrap();
            assert_eq!(*seen.lock().unwrap(), [(expected.map(seconds), unpaced, unsent)]);
            serving.abort();
        });
    }
}

/// Notes what a channel's settings say of TCP.
#[derive(Clone)]
struct Noting {
    pipes: Pipes,
    options: Arc<Mutex<Vec<tcp::Options>>>,
}

impl Connect for Noting {
    fn connect(&self) -> Connecting<'_> {
        self.pipes.connect()
    }

    fn name(&self) -> String {
        "noting".to_owned()
    }

    fn set_tcp_options(&mut self, options: &tcp::Options) {
        self.options.lock().unwrap().push(options.clone());
    }
}

#[test]
fn a_channels_tcp_options() {
    type Set = fn(channel::Builder) -> channel::Builder;
    let cases: [(Set, Option<u64>, bool, u32); 6] = [
        (|builder| builder, Some(20), true, 128 << 10),
        (|builder| builder.keepalive_timeout(seconds(7)), Some(7), true, 128 << 10),
        (|builder| builder.tcp_user_timeout(Some(seconds(9))), Some(9), true, 128 << 10),
        (|builder| builder.tcp_user_timeout(None), None, true, 128 << 10),
        (|builder| builder.tcp_unpaced_loopback(false), Some(20), false, 128 << 10),
        (|builder| builder.tcp_unsent(Some(4096)), Some(20), true, 4096),
    ];
    for (set, expected, unpaced, unsent) in cases {
        let noting = Noting { pipes: pipes(1024).0, options: Arc::default() };
        let _channel = set(Channel::over(noting.clone())).build();
        let expected = tcp::Options::with_user_timeout(expected.map(seconds))
            .with_unpaced_loopback(unpaced)
            .with_unsent(Some(unsent));
        assert_eq!(*noting.options.lock().unwrap(), [expected]);
    }
}
