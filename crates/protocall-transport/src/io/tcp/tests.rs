//! What the kernel says of a stream's options once they were set.
#![allow(clippy::unwrap_used)]

use super::*;
use socket2::SockRef;
use tokio::net::TcpListener;

async fn user_timeout(options: &Options) -> Option<Duration> {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let stream = connect(listener.local_addr().unwrap(), options).await.unwrap();
    assert!(stream.nodelay().unwrap());
    SockRef::from(&stream).tcp_user_timeout().unwrap()
}

fn named(stream: &TcpStream) -> String {
    String::from_utf8(congestion(stream).unwrap()).unwrap()
}

/// What both ends of a stream by way of that host have, client's first.
async fn congestion_of_both(options: &Options, host: &str) -> [String; 2] {
    let listener = TcpListener::bind((host, 0)).await.unwrap();
    let mut served = options.clone();
    served.prepare(&listener);
    let client = connect(listener.local_addr().unwrap(), options).await.unwrap();
    let server = listener.accept().await.unwrap().0;
    served.apply(&server).unwrap();
    [named(&client), named(&server)]
}

#[tokio::test]
async fn streams_to_this_host_are_not_paced() {
    let system = std::fs::read_to_string("/proc/sys/net/ipv4/tcp_congestion_control").unwrap();
    for host in ["127.0.0.1", "127.1.2.3", "::ffff:127.0.0.1", "::1"] {
        assert_eq!(congestion_of_both(&Options::default(), host).await, ["reno"; 2], "{host}");
        let paced = Options::default().with_unpaced_loopback(false);
        assert_eq!(congestion_of_both(&paced, host).await, [system.trim(); 2], "{host}");
    }
}

#[tokio::test]
async fn the_kernel_knows_what_it_may_take_unsent() {
    for (options, expected) in [
        (Options::default(), DEFAULT_UNSENT),
        (Options::default().with_unsent(Some(9_999)), 9_999),
        (Options::default().with_unsent(None), 0),
    ] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let stream = connect(listener.local_addr().unwrap(), &options).await.unwrap();
        assert_eq!(SockRef::from(&stream).tcp_notsent_lowat().unwrap(), expected, "{options:?}");
    }
}

#[tokio::test]
async fn the_kernel_knows_the_user_timeout() {
    assert_eq!(user_timeout(&Options::default()).await, Some(Duration::from_secs(20)));
    let some = Options::with_user_timeout(Some(Duration::from_millis(1234)));
    assert_eq!(user_timeout(&some).await, Some(Duration::from_millis(1234)));
    let none = Options::with_user_timeout(None);
    assert_eq!(user_timeout(&none).await, None, "the kernel's own");
}
