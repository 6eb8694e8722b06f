//! Numbers that a program can read: servers and channels count what they meet, while it happens.

use protocall::channel::Channel;
use protocall::server::{Listener, MessageLimits, Stats};
use protocall::{Code, Compression, PeerAddr, Server};
use protocall_tests::proto::trial::{Blob, TrialClient, TrialServer};
use protocall_tests::raw::{Raw, call, frame, headers, kind, reset};
use protocall_tests::rig::{PipeListener, Pipes, Rig, Wire, pipes};
use protocall_tests::service::Scripted;
use protocall_tests::{blob, numbered, run_paused, settle};
use std::io;
use std::time::Duration;
use tokio::io::DuplexStream;
use tokio::time::Instant;

const WIRE: Wire = Wire::Pipe(64 * 1024);

#[test]
fn a_live_connection_counts_while_it_lives() {
    run_paused(async {
        let rig = Rig::start(WIRE, Scripted::default()).await;
        assert_eq!(rig.stats().accept.connections_accepted, 0);
        let mut raw = Raw::client(rig.door().raw().await).await;
        for round in 1..=3 {
            raw.send(&frame(0xee, 0, 0, b"what?")).await;
            settle().await;
            let stats = rig.stats();
            assert_eq!(stats.http2.unknown_frames, round);
            assert_eq!((stats.accept.connections_accepted, stats.accept.connections_open), (1, 1));
        }
        drop(raw);
        settle().await;
        let stats = rig.stats();
        assert_eq!((stats.accept.connections_accepted, stats.accept.connections_open), (1, 0));
        assert_eq!(stats.http2.unknown_frames, 3, "what a connection met stays");
    });
}

#[test]
fn connections_add_up_and_say_which_limit_ended_them() {
    run_paused(async {
        let rig = Rig::start(WIRE, Scripted::default()).await;
        for attacks in 1..=2 {
            let mut raw = Raw::client(rig.door().raw().await).await;
            for call_number in 0..1100 {
                let stream = 2 * call_number + 1;
                raw.send(&headers(stream, &call("/trial.Trial/Unary"), false)).await;
                raw.send(&reset(stream, 8)).await;
            }
            settle().await;
            let stats = rig.stats().http2;
            assert_eq!(stats.rapid_resets_exceeded, attacks);
            assert_eq!(stats.abuse_kills, attacks);
            assert_eq!(stats.useless_frames_exceeded, 0);
        }
        for number in 0..10 {
            rig.client().unary(numbered(number)).await.unwrap();
        }
        settle().await;
        assert_eq!(rig.stats().http2.streams_completed, 10);
    });
}

/// Errors of a listener are counted, and each is followed by a longer pause.
#[test]
fn accept_errors_are_counted_and_waited_out() {
    struct Exhausted {
        errors: usize,
        inner: PipeListener,
    }
    impl Listener for Exhausted {
        type Io = DuplexStream;
        async fn accept(&mut self) -> Option<io::Result<(DuplexStream, PeerAddr)>> {
            if self.errors > 0 {
                self.errors -= 1;
                return Some(Err(io::Error::other("too many open files")));
            }
            Listener::accept(&mut self.inner).await
        }
    }
    run_paused(async {
        let (pipes, inner) = pipes(64 * 1024);
        let stats = Stats::default();
        let server = Server::builder().stats(stats.clone());
        let bound = server.add_service(TrialServer::new(Scripted::default()));
        let bound = bound.on(Exhausted { errors: 5, inner }).unwrap();
        let begun = Instant::now();
        tokio::spawn(bound.serve());
        TrialClient::new(Channel::over(pipes).build()).unary(blob(1)).await.unwrap();
        let snapshot = stats.snapshot();
        assert_eq!(snapshot.accept.accept_errors, 5);
        assert_eq!(snapshot.accept.connections_accepted, 1);
        let pauses = begun.elapsed();
        assert!(pauses >= Duration::from_millis(5 + 10 + 20 + 40 + 80), "{pauses:?}");
    });
}

#[test]
fn messages_above_the_limit_are_counted_on_the_side_that_refuses_them() {
    run_paused(async {
        let rig = Rig::start(WIRE, Scripted::default()).await;
        let channel = rig.channel_builder().max_receive_message(100).build();
        let client = TrialClient::new(channel.clone());
        client.unary(blob(10)).await.unwrap();
        client.unary(blob(200)).await.unwrap_err();
        settle().await;
        assert_eq!(channel.stats().snapshot().transport.messages_too_large, 1);
        assert_eq!(rig.stats().transport.messages_too_large, 0);
        client.unary(blob(5_000_000)).await.unwrap_err();
        settle().await;
        assert_eq!(channel.stats().snapshot().transport.messages_too_large, 1);
        assert_eq!(rig.stats().transport.messages_too_large, 1);
    });
}

/// A message may be small on its way and too large once it is there: on streams as elsewhere.
#[test]
fn messages_that_are_too_large_once_decompressed_are_counted_too() {
    run_paused(async {
        let server = Server::builder().compression(Compression::GZIP);
        let service = TrialServer::new(Scripted::default());
        let rig = Rig::serve(WIRE, server.add_service(service)).await;
        let small = || rig.channel_builder().max_receive_message(10_000);
        let (channel, zeros) = (small().build(), |len| Blob { data: vec![0; len], ..numbered(1) });
        let client = TrialClient::new(channel.clone());
        let came = || channel.stats().snapshot().transport.messages_too_large;
        assert!(client.unary(zeros(5000)).await.unwrap().was_compressed());
        assert_eq!(client.unary(zeros(20_000)).await.unwrap_err().code(), Code::ResourceExhausted);
        assert_eq!(came(), 1, "one response");
        let error = client.download(zeros(20_000)).message().await.unwrap_err();
        assert_eq!((error.code(), came()), (Code::ResourceExhausted, 2), "a stream of responses");

        let channel = rig.channel_builder().compression(Compression::GZIP).build();
        let client = TrialClient::new(channel.clone());
        let refused = || rig.stats().transport.messages_too_large;
        client.unary(zeros(5_000_000)).await.unwrap_err();
        assert_eq!(refused(), 1, "one request");
        let mut upload = client.upload(());
        upload.send(zeros(5_000_000)).await.unwrap();
        let error = upload.finish().await.unwrap_err();
        assert_eq!((error.code(), refused()), (Code::ResourceExhausted, 2), "a stream of requests");
        assert_eq!(channel.stats().snapshot().transport.messages_too_large, 0);
    });
}

#[test]
fn messages_that_a_side_does_not_allow_itself_are_counted_there() {
    run_paused(async {
        let limits = MessageLimits { send: 1000, ..MessageLimits::default() };
        let server = Server::builder().message_limits(limits);
        let service = TrialServer::new(Scripted::default());
        let rig = Rig::serve(WIRE, server.add_service(service)).await;
        let channel = rig.channel_builder().max_send_message(2000).build();
        let client = TrialClient::new(channel.clone());
        let of_client = || channel.stats().snapshot().transport.messages_too_large_to_send;
        let of_server = || rig.stats().transport.messages_too_large_to_send;
        client.unary(blob(900)).await.unwrap();
        assert_eq!((of_client(), of_server()), (0, 0));
        let error = client.unary(blob(1500)).await.unwrap_err();
        assert_eq!((error.code(), of_server()), (Code::ResourceExhausted, 1), "one response");
        let stream = Blob { number: 3, ..blob(1500) };
        let error = client.download(stream).message().await.unwrap_err();
        assert_eq!((error.code(), of_server()), (Code::ResourceExhausted, 2), "of a stream");
        let error = client.unary(blob(3000)).await.unwrap_err();
        assert_eq!((error.code(), of_client()), (Code::ResourceExhausted, 1), "one request");
        let mut upload = client.upload(());
        let error = upload.send(blob(3000)).await.unwrap_err();
        assert_eq!((error.code(), of_client()), (Code::ResourceExhausted, 2), "of a stream");
        assert_eq!(upload.finish().await.unwrap().message().number, 0, "the call goes on");
        assert_eq!((of_client(), of_server()), (2, 2));
        let channel = channel.stats().snapshot().transport;
        assert_eq!(channel.messages_too_large + rig.stats().transport.messages_too_large, 0);
    });
}

/// Tables of header compression: what a peer offers above ours changes nothing, what it takes
/// above ours ends its connection.
#[test]
fn tables_above_the_limit_are_counted_each_way() {
    run_paused(async {
        let rig = Rig::start(WIRE, Scripted::default()).await;
        let offer = |bytes: u32| [&[0, 1][..], &bytes.to_be_bytes()].concat();
        let mut raw = Raw::client(rig.door().raw().await).await;
        raw.send(&frame(kind::SETTINGS, 0, 0, &offer(4096))).await;
        settle().await;
        assert_eq!(rig.stats().http2.header_tables_capped, 0);
        raw.send(&frame(kind::SETTINGS, 0, 0, &offer(65_536))).await;
        settle().await;
        assert_eq!(rig.stats().http2.header_tables_capped, 1);
        // a table size update to 4,097 (RFC 7541 sections 5.1 and 6.3)
        raw.send(&frame(kind::HEADERS, 4, 1, &[0x3f, 0xe2, 0x1f])).await;
        let goaway = raw.wait_for(kind::GOAWAY).await;
        // COMPRESSION_ERROR
        assert_eq!(goaway.error_code(), 9);
        assert_eq!(goaway.payload[8..], *b"hpack: table size update above the limit");
        settle().await;
        let met = rig.stats().http2;
        assert_eq!((met.header_table_bytes_exceeded, met.protocol_kills), (1, 1));
    });
}

#[test]
fn a_channel_counts_its_connections_and_its_attempts() {
    run_paused(async {
        let rig = Rig::start(WIRE, Scripted::default()).await;
        let channel = rig.channel();
        let stats = channel.stats();
        assert_eq!(stats.snapshot().connect.connections_made, 0);
        channel.ready().await.unwrap();
        let connect = stats.snapshot().connect;
        assert_eq!((connect.connections_made, connect.connections_open), (1, 1));
        let client = TrialClient::new(channel.clone());
        client.unary(blob(1)).await.unwrap();
        settle().await;
        assert_eq!(stats.snapshot().http2.streams_completed, 1);
        rig.kill().await;
        settle().await;
        client.unary(blob(1)).await.unwrap_err();
        let connect = stats.snapshot().connect;
        assert_eq!((connect.connections_made, connect.connections_open), (1, 0));
        assert_eq!((connect.connects_failed, connect.connects_timed_out), (1, 0));
    });
}

#[test]
fn attempts_that_take_too_long_are_counted() {
    run_paused(async {
        for (timeout, timed_out) in [(5, 1), (20, 0)] {
            let (pipes, _listener): (Pipes, _) = pipes(1024);
            let limit = Duration::from_secs(timeout);
            let channel = Channel::over(pipes).connect_timeout(limit).build();
            channel.ready().await.unwrap_err();
            let stats = channel.stats().snapshot();
            assert_eq!(
                (stats.connect.connects_failed, stats.connect.connects_timed_out),
                (1, timed_out)
            );
            // within 10 s the server's SETTINGS must be there, however long connecting may take
            assert_eq!(stats.http2.preface_timeouts, 1 - timed_out);
        }
    });
}

/// Calls above the server's limit of streams wait, which is counted; so are the server's refusals
/// of a client that did not know better.
#[test]
fn calls_that_wait_for_a_stream_are_counted() {
    run_paused(async {
        let mut http2 = protocall::http2::Config::server();
        http2.max_concurrent_streams = 2;
        let slow = Scripted::default().unary(|request| async move {
            tokio::time::sleep(Duration::from_secs(1)).await;
            Ok(protocall::Response::new(protocall::Request::into_inner(request)))
        });
        let server = Server::builder().http2(http2).add_service(TrialServer::new(slow));
        let rig = Rig::serve(WIRE, server).await;
        let channel = rig.channel();
        let calls: Vec<_> = (0..5)
            .map(|number| {
                let client = TrialClient::new(channel.clone());
                tokio::spawn(async move { client.unary(numbered(number)).await })
            })
            .collect();
        for call in calls {
            call.await.unwrap().unwrap();
        }
        assert_eq!(channel.stats().snapshot().transport.calls_queued, 3);
        let mut raw = Raw::client(rig.door().raw().await).await;
        for stream in [1, 3, 5] {
            raw.send(&headers(stream, &call("/trial.Trial/Unary"), false)).await;
        }
        let refused = raw.wait_for(kind::RST_STREAM).await;
        assert_eq!(refused.stream, 5);
        settle().await;
        assert_eq!(rig.stats().http2.streams_refused, 1);
    });
}
