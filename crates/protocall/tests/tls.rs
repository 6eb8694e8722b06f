//! TLS from certificate to handler: who is trusted, who is refused and in which words, clients
//! that dawdle, certificates that change.
#![cfg(all(feature = "tls-no-provider", feature = "server", feature = "channel"))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod support;

use bytes::Bytes;
use protocall::server::Stats;
use protocall::tls::rustls;
use protocall::{Channel, ClientTls, Code, Request, Server, ServerTls, Status, memory};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, SanType};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use support::{Serving, Who, ask, ask_with};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// A certificate authority.
struct Authority(CertifiedIssuer<'static, KeyPair>);

/// A certificate chain and its key, in PEM.
struct Pair {
    chain: String,
    key: String,
}

impl Authority {
    fn new(name: &str) -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(rcgen::DnType::CommonName, name);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    fn pem(&self) -> String {
        self.0.pem()
    }

    fn issue(&self, dns: &[&str], uri: Option<&str>) -> Pair {
        let names: Vec<String> = dns.iter().map(|name| (*name).to_owned()).collect();
        let mut params = CertificateParams::new(names).unwrap();
        let uri = uri.map(|uri| SanType::URI(uri.try_into().unwrap()));
        params.subject_alt_names.extend(uri);
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.0).unwrap();
        Pair { chain: certificate.pem(), key: key.serialize_pem() }
    }

    fn server(&self) -> ServerTls {
        let Pair { chain, key } = self.issue(&["localhost"], None);
        ServerTls::from_pem(chain, key).unwrap()
    }

    fn trusted(&self) -> ClientTls {
        ClientTls::with_roots(self.pem()).unwrap()
    }
}

async fn serve(tls: ServerTls) -> (Serving, SocketAddr) {
    let (serving, addr, _) = serve_counted(tls).await;
    (serving, addr)
}

async fn serve_counted(tls: ServerTls) -> (Serving, SocketAddr, Stats) {
    let server = Server::builder().add_service(Who).tls(tls).bind("127.0.0.1:0").await.unwrap();
    let (addr, stats) = (server.local_addr().unwrap(), server.stats());
    (Serving::start(server), addr, stats)
}

fn channel(addr: SocketAddr, tls: ClientTls) -> Channel {
    Channel::builder(&format!("https://localhost:{}", addr.port())).unwrap().tls(tls).build()
}

fn assert_unavailable(result: Result<String, Status>, parts: &[&str]) {
    let status = result.unwrap_err();
    assert_eq!(status.code(), Code::Unavailable, "{status:?}");
    for part in parts {
        assert!(status.message().contains(part), "no {part:?} in {:?}", status.message());
    }
}

async fn assert_closed(stream: &mut TcpStream) {
    let mut byte = [0];
    let read = tokio::time::timeout(Duration::from_secs(10), stream.read(&mut byte)).await;
    assert!(matches!(read, Ok(Ok(0) | Err(_))), "still open: {read:?}");
}

#[tokio::test]
async fn a_call_comes_through() {
    let authority = Authority::new("ca");
    let (_serving, addr) = serve(authority.server()).await;
    let channel = channel(addr, authority.trusted());
    let seen = ask(&channel).await.unwrap();
    assert!(seen.contains("peer 127.0.0.1:"), "{seen}");
    assert!(seen.contains("tls true\ndns \nuri \ncertificates 0\n"), "{seen}");
    let large = Request::new(Bytes::from(vec![7; 3 << 20]));
    let seen = ask_with(&channel, large).await.unwrap();
    assert!(seen.contains(&format!("bytes {}\n", 3 << 20)), "{seen}");
}

#[tokio::test]
async fn by_address_and_by_another_name() {
    let authority = Authority::new("ca");
    let Pair { chain, key } = authority.issue(&["127.0.0.1", "foo.test.google.fr"], None);
    let (_serving, addr) = serve(ServerTls::from_pem(chain, key).unwrap()).await;
    let by_address = Channel::builder(&format!("https://{addr}")).unwrap();
    ask(&by_address.tls(authority.trusted()).build()).await.unwrap();
    // the target does not say https, the builder does
    let named = Channel::builder(&format!("localhost:{}", addr.port())).unwrap();
    let tls = authority.trusted().server_name("foo.test.google.fr");
    ask(&named.tls(tls).build()).await.unwrap();
    let by_authority = Channel::builder(&format!("https://localhost:{}", addr.port())).unwrap();
    let by_authority = by_authority.tls(authority.trusted()).authority("foo.test.google.fr");
    ask(&by_authority.build()).await.unwrap();
}

#[tokio::test]
async fn handlers_see_who_calls() {
    let (servers, clients) = (Authority::new("servers"), Authority::new("clients"));
    let tls = servers.server().client_ca(clients.pem()).unwrap();
    let (_serving, addr) = serve(tls).await;
    let Pair { chain, key } = clients.issue(&["alice.test"], Some("spiffe://test/alice"));
    let tls = servers.trusted().identity(chain, key).unwrap();
    let seen = ask(&channel(addr, tls)).await.unwrap();
    let expected = "tls true\ndns alice.test\nuri spiffe://test/alice\ncertificates 1\n";
    assert!(seen.contains(expected), "{seen}");

    assert_unavailable(
        ask(&channel(addr, servers.trusted())).await,
        &["localhost", "CertificateRequired"],
    );
    let Pair { chain, key } = servers.issue(&["mallory.test"], None);
    let tls = servers.trusted().identity(chain, key).unwrap();
    assert_unavailable(ask(&channel(addr, tls)).await, &["localhost", "alert"]);
}

#[tokio::test]
async fn clients_may_come_without_a_certificate() {
    let authority = Authority::new("ca");
    let tls = authority.server().optional_client_ca(authority.pem()).unwrap();
    let (_serving, addr) = serve(tls).await;
    let seen = ask(&channel(addr, authority.trusted())).await.unwrap();
    assert!(seen.contains("certificates 0\n"), "{seen}");
    let Pair { chain, key } = authority.issue(&["bob.test"], None);
    let tls = authority.trusted().identity(chain, key).unwrap();
    let seen = ask(&channel(addr, tls)).await.unwrap();
    assert!(seen.contains("dns bob.test\n"), "{seen}");
}

#[tokio::test]
async fn the_wrong_server_is_refused() {
    let authority = Authority::new("ca");
    let Pair { chain, key } = authority.issue(&["elsewhere.test"], None);
    let (_serving, addr) = serve(ServerTls::from_pem(chain, key).unwrap()).await;
    assert_unavailable(
        ask(&channel(addr, authority.trusted())).await,
        &["cannot connect to localhost:", "\"localhost\"", "elsewhere.test"],
    );
    let stranger = Authority::new("stranger").trusted();
    let unknown = ["cannot connect to localhost:", "UnknownIssuer"];
    assert_unavailable(ask(&channel(addr, stranger)).await, &unknown);
    let platform = ask(&channel(addr, ClientTls::new())).await;
    assert_unavailable(platform, &["cannot connect to localhost:", "certificate"]);
}

#[tokio::test]
async fn names_that_no_certificate_has() {
    let authority = Authority::new("ca");
    let (_serving, addr) = serve(authority.server()).await;
    let tls = authority.trusted().server_name("not a name");
    assert_unavailable(ask(&channel(addr, tls)).await, &["no DNS name or address"]);
}

#[tokio::test]
async fn a_server_without_alpn_is_refused() {
    let authority = Authority::new("ca");
    let pair = authority.issue(&["localhost"], None);
    for (protocols, part) in
        [(vec![], "it chose none"), (vec![b"http/1.1".to_vec()], "refused ALPN")]
    {
        let config = Arc::new(server_config(&pair, protocols));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let serving = tokio::spawn(async move {
            let acceptor = tokio_rustls::TlsAcceptor::from(config);
            let (stream, _) = listener.accept().await.unwrap();
            if let Ok(mut stream) = acceptor.accept(stream).await {
                let _ = stream.read(&mut [0; 100]).await;
            }
        });
        assert_unavailable(ask(&channel(addr, authority.trusted())).await, &["\"h2\"", part]);
        serving.await.unwrap();
    }
}

#[tokio::test]
async fn a_client_without_alpn_is_refused() {
    let authority = Authority::new("ca");
    let errors = Arc::new(Mutex::new(Vec::new()));
    let told = Arc::clone(&errors);
    let tls = authority.server().on_handshake_error(move |peer, error| {
        told.lock().unwrap().push(format!("{peer} {error}"));
    });
    let (_serving, addr) = serve(tls).await;
    for protocols in [vec![], vec![b"http/1.1".to_vec()]] {
        let mut config = client_config(&authority);
        config.alpn_protocols = protocols;
        let connector = tokio_rustls::TlsConnector::from(Arc::new(config));
        let stream = TcpStream::connect(addr).await.unwrap();
        let connected = connector.connect("localhost".try_into().unwrap(), stream).await;
        if let Ok(mut stream) = connected {
            let mut read = Vec::new();
            let _ = stream.read_to_end(&mut read).await;
            assert_eq!(read, b"", "the server spoke to a client that had not agreed on HTTP/2");
        }
    }
    let all = async {
        while errors.lock().unwrap().len() < 2 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(5), all).await.unwrap();
    let errors = errors.lock().unwrap();
    assert_eq!(errors.len(), 2, "{errors:?}");
    assert!(errors.iter().all(|error| error.contains("\"h2\"")), "{errors:?}");
    assert!(errors.iter().all(|error| error.starts_with("127.0.0.1:")), "{errors:?}");
}

#[tokio::test]
async fn plaintext_to_a_tls_port() {
    let authority = Authority::new("ca");
    let (_serving, addr) = serve(authority.server()).await;
    let plain = Channel::lazy(&format!("http://{addr}")).unwrap();
    assert_unavailable(ask(&plain).await, &[&addr.to_string(), "speaks TLS", "https://"]);
}

#[tokio::test]
async fn tls_to_a_plaintext_port() {
    let server = Server::builder().add_service(Who).bind("127.0.0.1:0").await.unwrap();
    let addr = server.local_addr().unwrap();
    let _serving = Serving::start(server);
    let secure = channel(addr, Authority::new("ca").trusted());
    assert_unavailable(ask(&secure).await, &["localhost:", "does not speak TLS", "http://"]);
    // the server goes on
    ask(&Channel::lazy(&format!("http://{addr}")).unwrap()).await.unwrap();
}

#[tokio::test]
async fn slow_clients_keep_nobody_waiting() {
    let authority = Authority::new("ca");
    let tls = authority.server().handshake_timeout(Duration::from_millis(400));
    let (_serving, addr, stats) = serve_counted(tls).await;
    let mut silent = Vec::new();
    for _ in 0..50 {
        let mut stream = TcpStream::connect(addr).await.unwrap();
        // the begin of a ClientHello that never ends
        stream.write_all(&[22, 3, 1, 2, 0, 1]).await.unwrap();
        silent.push(stream);
    }
    let began = Instant::now();
    ask(&channel(addr, authority.trusted())).await.unwrap();
    assert!(began.elapsed() < Duration::from_millis(400), "{:?}", began.elapsed());
    for mut stream in silent {
        assert_closed(&mut stream).await;
    }
    let counted = stats.snapshot().accept;
    assert_eq!((counted.handshakes_timed_out, counted.handshakes_failed), (50, 0));
    assert_eq!(counted.connections_accepted, 51);
}

#[tokio::test]
async fn handshakes_that_fail_are_counted() {
    let authority = Authority::new("ca");
    let (_serving, addr, stats) = serve_counted(authority.server()).await;
    let mut stream = TcpStream::connect(addr).await.unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
    // the alert that says what is wrong
    assert!(stream.read_to_end(&mut Vec::new()).await.unwrap() > 0);
    drop(stream);
    while stats.snapshot().accept.connections_open > 0 {
        tokio::task::yield_now().await;
    }
    let counted = stats.snapshot().accept;
    assert_eq!((counted.handshakes_timed_out, counted.handshakes_failed), (0, 1));
}

#[tokio::test]
async fn too_many_handshakes_end_the_oldest() {
    let authority = Authority::new("ca");
    // by time alone none of them would end within this test
    let tls = authority.server().max_handshakes(4).handshake_timeout(Duration::from_secs(600));
    let (_serving, addr, stats) = serve_counted(tls).await;
    let mut silent = Vec::new();
    for _ in 0..8 {
        silent.push(TcpStream::connect(addr).await.unwrap());
    }
    ask(&channel(addr, authority.trusted())).await.unwrap();
    // the eight and the channel's: five too many
    for stream in silent.iter_mut().take(5) {
        assert_closed(stream).await;
    }
    assert_eq!(stats.snapshot().accept.handshakes_displaced, 5);
    for stream in silent.iter().skip(5) {
        let read = stream.try_read(&mut [0]);
        assert!(read.is_err_and(|error| error.kind() == std::io::ErrorKind::WouldBlock));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn certificates_change_under_load() {
    let authority = Authority::new("ca");
    let tls = authority.server();
    let (_serving, addr) = serve(tls.clone()).await;
    let stop = Arc::new(AtomicBool::new(false));
    let calls = Arc::new(AtomicUsize::new(0));
    let client = authority.trusted();
    let load: Vec<_> = (0..4)
        .map(|index| {
            let (stop, calls, client) = (Arc::clone(&stop), Arc::clone(&calls), client.clone());
            tokio::spawn(async move {
                let kept = channel(addr, client.clone());
                while !stop.load(Ordering::Relaxed) {
                    // half of the load keeps its connection, half makes one for each call
                    let fresh = channel(addr, client.clone());
                    ask(if index % 2 == 0 { &kept } else { &fresh }).await?;
                    calls.fetch_add(1, Ordering::Relaxed);
                }
                Ok::<_, Status>(())
            })
        })
        .collect();
    for _ in 0..100 {
        let Pair { chain, key } = authority.issue(&["localhost"], None);
        let before = calls.load(Ordering::Relaxed);
        tls.replace(chain, key).unwrap();
        while calls.load(Ordering::Relaxed) < before + 4
            && !load.iter().any(|task| task.is_finished())
        {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
    stop.store(true, Ordering::Relaxed);
    for task in load {
        task.await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn what_was_replaced_counts_for_new_connections() {
    let (old, new) = (Authority::new("old"), Authority::new("new"));
    let tls = old.server();
    let (_serving, addr) = serve(tls.clone()).await;
    let client = old.trusted();
    let kept = channel(addr, client.clone());
    ask(&kept).await.unwrap();
    let Pair { chain, key } = new.issue(&["localhost"], None);
    assert!(tls.replace("no certificate", &key).is_err());
    assert!(tls.replace(&chain, new.issue(&["localhost"], None).key).is_err(), "a foreign key");
    ask(&channel(addr, old.trusted())).await.unwrap();
    tls.replace(chain, key).unwrap();
    ask(&kept).await.unwrap();
    // another client: sessions of the first could be resumed without a certificate
    assert_unavailable(ask(&channel(addr, old.trusted())).await, &["UnknownIssuer"]);
    client.replace_roots(new.pem()).unwrap();
    ask(&channel(addr, client)).await.unwrap();
}

#[tokio::test]
async fn identities_and_client_authorities_change() {
    let (old, new) = (Authority::new("old"), Authority::new("new"));
    let tls = old.server().client_ca(old.pem()).unwrap();
    let (_serving, addr) = serve(tls.clone()).await;
    let Pair { chain, key } = old.issue(&["first.test"], None);
    let client = old.trusted().identity(chain, key).unwrap();
    assert!(ask(&channel(addr, client.clone())).await.unwrap().contains("dns first.test\n"));
    let Pair { chain, key } = old.issue(&["second.test"], None);
    client.replace_identity(chain, key).unwrap();
    assert!(ask(&channel(addr, client.clone())).await.unwrap().contains("dns second.test\n"));
    tls.replace_client_ca(new.pem()).unwrap();
    assert_unavailable(ask(&channel(addr, client.clone())).await, &["alert"]);
    let Pair { chain, key } = new.issue(&["third.test"], None);
    client.replace_identity(chain, key).unwrap();
    assert!(ask(&channel(addr, client)).await.unwrap().contains("dns third.test\n"));
}

#[tokio::test]
async fn configurations_of_ones_own() {
    let authority = Authority::new("ca");
    // ALPN is missing in both: it is set
    let server = server_config(&authority.issue(&["localhost"], None), Vec::new());
    let tls = ServerTls::from_config(Arc::new(server));
    assert!(tls.clone().client_ca(authority.pem()).is_err());
    assert!(tls.replace_client_ca(authority.pem()).is_err());
    let (_serving, addr) = serve(tls.clone()).await;
    let client = ClientTls::from_config(Arc::new(client_config(&authority)));
    ask(&channel(addr, client.clone())).await.unwrap();
    let Pair { chain, key } = authority.issue(&["localhost"], None);
    tls.replace(chain, key).unwrap();
    ask(&channel(addr, client)).await.unwrap();
}

#[tokio::test]
async fn over_a_pipe_in_this_process() {
    let authority = Authority::new("ca");
    let (connector, listener) = memory::pair();
    let server = Server::builder().add_service(Who).tls(authority.server());
    let _serving = Serving::start(server.on(listener).unwrap());
    let channel = Channel::over(connector).tls(authority.trusted()).build();
    assert!(ask(&channel).await.unwrap().starts_with("peer memory\ntls true\n"));
}

#[tokio::test]
async fn from_a_thread_for_each_runtime() {
    let authority = Authority::new("ca");
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    drop(listener);
    let server = Server::builder().add_service(Who).tls(authority.server());
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let serving = tokio::spawn(server.serve_sharded(addr.to_string(), 2, async {
        let _ = stopped.await;
    }));
    let target = format!("https://localhost:{}", addr.port());
    for _ in 0..4 {
        let channel = Channel::builder(&target).unwrap().tls(authority.trusted());
        ask(&channel.wait_for_ready(true).build()).await.unwrap();
    }
    drop(stop);
    serving.await.unwrap().unwrap();
}

#[tokio::test]
async fn draining_waits_for_nobody_who_dawdles() {
    let authority = Authority::new("ca");
    let server = Server::builder().add_service(Who).tls(authority.server());
    let server = server.bind("127.0.0.1:0").await.unwrap();
    let addr = server.local_addr().unwrap();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let serving = tokio::spawn(server.serve_with_shutdown(async {
        let _ = stopped.await;
    }));
    let _silent = TcpStream::connect(addr).await.unwrap();
    ask(&channel(addr, authority.trusted())).await.unwrap();
    drop(stop);
    tokio::time::timeout(Duration::from_secs(5), serving).await.unwrap().unwrap();
}

#[test]
fn what_cannot_be_used_says_why() {
    let authority = Authority::new("ca");
    let Pair { chain, key } = authority.issue(&["localhost"], None);
    let other = authority.issue(&["localhost"], None);
    for (result, part) in [
        (ServerTls::from_pem("", &key).map(drop), "certificate"),
        (ServerTls::from_pem(&chain, "").map(drop), "private key"),
        (ServerTls::from_pem(&chain, &chain).map(drop), "private key"),
        (ServerTls::from_pem(&chain, other.key).map(drop), "certificate with its private key"),
        (ClientTls::with_roots("nothing").map(drop), "certificate"),
        (authority.server().client_ca("").map(drop), "certificate"),
    ] {
        let text = result.unwrap_err().to_string();
        assert!(text.contains(part), "no {part:?} in {text:?}");
    }
    assert!(!format!("{:?}", authority.server()).contains("PRIVATE"));
}

fn server_config(pair: &Pair, protocols: Vec<Vec<u8>>) -> rustls::ServerConfig {
    use rustls::pki_types::pem::PemObject;
    let chain = rustls::pki_types::CertificateDer::from_pem_slice(pair.chain.as_bytes()).unwrap();
    let key = rustls::pki_types::PrivateKeyDer::from_pem_slice(pair.key.as_bytes()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![chain], key)
        .unwrap();
    config.alpn_protocols = protocols;
    config
}

fn client_config(authority: &Authority) -> rustls::ClientConfig {
    let mut roots = rustls::RootCertStore::empty();
    roots.add(authority.0.der().clone()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth()
}
