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

#[tokio::test]
async fn the_kernel_knows_the_user_timeout() {
    assert_eq!(user_timeout(&Options::default()).await, Some(Duration::from_secs(20)));
    let some = Options::with_user_timeout(Some(Duration::from_millis(1234)));
    assert_eq!(user_timeout(&some).await, Some(Duration::from_millis(1234)));
    let none = Options::with_user_timeout(None);
    assert_eq!(user_timeout(&none).await, None, "the kernel's own");
}
