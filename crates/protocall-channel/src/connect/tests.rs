//! What the kernel says of the streams that a channel connects.
#![allow(clippy::unwrap_used)]

use super::*;
use socket2::SockRef;
use std::time::Duration;
use tokio::net::TcpListener;

#[tokio::test]
async fn connections_have_the_channels_tcp_options() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let target = Target::parse(&listener.local_addr().unwrap().to_string()).unwrap();
    let mut connector: Tcp = Tcp::new(target);
    for timeout in [Some(Duration::from_secs(20)), Some(Duration::from_millis(777)), None] {
        connector.set_tcp_options(&tcp::Options::with_user_timeout(timeout));
        let stream = connector.connect_any().await.unwrap();
        assert!(stream.nodelay().unwrap());
        assert_eq!(SockRef::from(&stream).tcp_user_timeout().unwrap(), timeout);
    }
}
