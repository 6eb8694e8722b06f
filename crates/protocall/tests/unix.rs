//! Unix sockets: by path and by name, stale files, what a peer learns of the other.
#![cfg(all(unix, feature = "server", feature = "channel"))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod support;

use protocall::{Channel, Code, Server, unix};
use std::fs;
use std::path::PathBuf;
use support::{Serving, Who, ask};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// A folder of the test's own, gone when it ends; short, since paths of sockets must be.
struct Folder(PathBuf);

impl Folder {
    fn new(test: &str) -> Self {
        let path = std::env::temp_dir().join(format!("pc-{}-{test}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir(&path).unwrap();
        Self(path)
    }

    fn socket(&self) -> PathBuf {
        self.0.join("s")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn server() -> protocall::server::Builder {
    Server::builder().add_service(Who)
}

#[tokio::test]
async fn by_path() {
    let folder = Folder::new("path");
    let _serving = Serving::start(server().bind_unix(folder.socket()).await.unwrap());
    let path = folder.socket().display().to_string();
    for target in [format!("unix:{path}"), format!("unix://{path}")] {
        let seen = ask(&Channel::lazy(&target).unwrap()).await.unwrap();
        assert!(seen.starts_with("peer unix\ntls false\n"), "{seen}");
    }
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn by_name() {
    let name = format!("protocall-test-{}", std::process::id());
    let path = unix::abstract_path(&name);
    let bound = server().bind_unix(&path).await.unwrap();
    let error = server().bind_unix(&path).await.unwrap_err().to_string();
    assert!(error.contains(&format!("unix-abstract:{name}")), "{error}");
    let _serving = Serving::start(bound);
    let channel = Channel::lazy(&format!("unix-abstract:{name}")).unwrap();
    assert!(ask(&channel).await.unwrap().starts_with("peer unix\n"));
    let nobody = Channel::lazy(&format!("unix-abstract:{name}-not")).unwrap();
    let status = ask(&nobody).await.unwrap_err();
    assert!(status.message().contains(&format!("unix-abstract:{name}-not")), "{status:?}");
}

#[tokio::test]
async fn the_other_process_is_known() {
    let folder = Folder::new("peer");
    let listener = unix::Listener::bind(folder.socket()).await.unwrap();
    let _client = unix::connect(folder.socket()).await.unwrap();
    let (_stream, peer) = listener.accept().await.unwrap();
    assert!(peer.uid.is_some() && peer.gid.is_some());
    if cfg!(target_os = "linux") {
        assert_eq!(peer.pid, i32::try_from(std::process::id()).ok());
    }
}

#[tokio::test]
async fn the_authority_is_no_path() {
    let folder = Folder::new("authority");
    let listener = unix::Listener::bind(folder.socket()).await.unwrap();
    let channel = Channel::lazy(&format!("unix:{}", folder.socket().display())).unwrap();
    let call = tokio::spawn(async move { ask(&channel).await });
    let (mut stream, _) = listener.accept().await.unwrap();
    // an empty SETTINGS frame: calls wait for it
    stream.write_all(&[0, 0, 0, 4, 0, 0, 0, 0, 0]).await.unwrap();
    let mut seen = Vec::new();
    let wanted = b"localhost";
    while !seen.windows(wanted.len()).any(|window| window == wanted) {
        assert_ne!(stream.read_buf(&mut seen).await.unwrap(), 0, "no authority");
    }
    let path = folder.socket().display().to_string();
    assert!(!seen.windows(path.len()).any(|window| window == path.as_bytes()));
    drop(stream);
    assert_eq!(call.await.unwrap().unwrap_err().code(), Code::Unavailable);
}

#[tokio::test]
async fn a_dead_servers_socket_is_replaced() {
    let folder = Folder::new("stale");
    drop(std::os::unix::net::UnixListener::bind(folder.socket()).unwrap());
    assert!(folder.socket().exists(), "std leaves the file");
    let _serving = Serving::start(server().bind_unix(folder.socket()).await.unwrap());
    let channel = Channel::lazy(&format!("unix:{}", folder.socket().display())).unwrap();
    ask(&channel).await.unwrap();
}

#[tokio::test]
async fn what_is_in_use_stays() {
    let folder = Folder::new("used");
    let serving = Serving::start(server().bind_unix(folder.socket()).await.unwrap());
    let error = server().bind_unix(folder.socket()).await.unwrap_err().to_string();
    assert!(error.contains("another process listens there"), "{error}");
    let channel = Channel::lazy(&format!("unix:{}", folder.socket().display())).unwrap();
    ask(&channel).await.unwrap();
    drop(serving);
    let file = folder.0.join("file");
    fs::write(&file, "precious").unwrap();
    let error = server().bind_unix(&file).await.unwrap_err().to_string();
    assert!(error.contains("not a socket"), "{error}");
    assert_eq!(fs::read(&file).unwrap(), b"precious");
}

#[tokio::test]
async fn the_file_goes_with_its_server_and_no_other() {
    let folder = Folder::new("gone");
    server().serve_unix_with_shutdown(folder.socket(), async {}).await.unwrap();
    assert!(!folder.socket().exists(), "the file is left");
    let first = unix::Listener::bind(folder.socket()).await.unwrap();
    fs::remove_file(folder.socket()).unwrap();
    let _second = unix::Listener::bind(folder.socket()).await.unwrap();
    drop(first);
    assert!(folder.socket().exists(), "it was another server's");
}

#[tokio::test]
async fn errors_name_the_socket() {
    let folder = Folder::new("none");
    let target = format!("unix:{}", folder.socket().display());
    let status = ask(&Channel::lazy(&target).unwrap()).await.unwrap_err();
    assert_eq!(status.code(), Code::Unavailable);
    assert!(status.message().starts_with(&format!("cannot connect to {target}: ")), "{status:?}");
    let long = format!("unix:/{}", "x".repeat(200));
    assert_eq!(ask(&Channel::lazy(&long).unwrap()).await.unwrap_err().code(), Code::Unavailable);
}
