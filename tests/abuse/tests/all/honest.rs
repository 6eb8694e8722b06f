//! Honest traffic of our own client against our own server; against grpc-go `cargo xtask honest`
//! does the same for longer.

use protocall::server::Stats;
use protocall::{Channel, Server};
use protocall_abuse::honest::{self, assert_clean};
use protocall_abuse::share::{self, Ticks};
use protocall_abuse::victim::Victim;
use protocall_interop::proto::grpc::testing::TestServiceServer;
use protocall_interop::service::TestServer;
use std::time::Duration;

/// Runs a load on one connection and looks at the counters of both sides; returns the server's
/// number of streams that completed.
fn clean(load: impl AsyncFnOnce(&Channel)) -> u64 {
    let _turn = protocall_abuse::alone();
    let stats = Stats::default();
    let counting = stats.clone();
    let (victim, addr) = Victim::server(move || {
        Server::builder().stats(counting).add_service(TestServiceServer::new(TestServer::new()))
    });
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let channel = Channel::connect(&addr.to_string()).await.unwrap();
        load(&channel).await;
        let ours = channel.stats().snapshot();
        assert_eq!(ours.connect.connections_made, 1, "no GOAWAY: one connection did it all");
        assert_clean("client", &ours.http2);
    });
    victim.look_when_idle();
    let served = stats.snapshot();
    assert_eq!(served.accept.connections_accepted, 1);
    assert_clean("server", &served.http2);
    served.http2.streams_completed
}

#[test]
fn small_messages_on_two_hundred_streams() {
    clean(async |channel| {
        let (down, up) = honest::small_messages(channel, Duration::from_secs(3)).await;
        println!("{down} messages of {} bytes down, {up} up", honest::MESSAGE);
    });
}

#[test]
fn a_hundred_thousand_cancelled_calls() {
    clean(async |channel| honest::cancelled_calls(channel, 100_000).await);
}

#[test]
fn ten_thousand_short_streams_a_second() {
    let time = Duration::from_secs(3);
    let mut made = 0;
    let completed = clean(async |channel| {
        let before = Ticks::now();
        made = honest::short_streams(channel, 10_000, time).await;
        honest::assert_rate("client and server", made, 10_000, time, share::left(before));
    });
    assert_eq!(completed, made, "all were served");
}
