//! tonic as a peer: `tonic-peer server ADDR THREADS` or
//! `tonic-peer client ADDR THREADS MODE CONNS CONCURRENCY SIZE SECONDS`. ADDR and BENCH_TLS mean
//! what they mean to `bench-peer`.
use futures::StreamExt;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio_stream::wrappers::UnixListenerStream;
use tonic::transport::{Certificate, ClientTlsConfig, Endpoint, Identity, Server, ServerTlsConfig};
use tonic::{Request, Response, Status, Streaming};
pub mod bench {
    tonic::include_proto!("bench");
}
pub mod example {
    tonic::include_proto!("example");
}
use bench::{Ask, Payload, echo_client::EchoClient, echo_server::*};
use bench::{
    Order,
    shop_client::ShopClient,
    shop_server::{Shop, ShopServer},
};
use example::{
    HelloRequest, HelloResponse, hello_service_client::HelloServiceClient, hello_service_server::*,
};
#[derive(Clone, Default)]
struct Svc;
type S = Pin<Box<dyn futures::Stream<Item = Result<Payload, Status>> + Send>>;
#[tonic::async_trait]
impl Echo for Svc {
    async fn unary(&self, r: Request<Payload>) -> Result<Response<Payload>, Status> {
        Ok(Response::new(r.into_inner()))
    }
    type DownloadStream = S;
    async fn download(&self, r: Request<Ask>) -> Result<Response<S>, Status> {
        let a = r.into_inner();
        let body = bytes::Bytes::from(vec![7u8; a.size as usize]);
        Ok(Response::new(Box::pin(futures::stream::iter(
            (0..a.count).map(move |_| Ok(Payload { body: body.clone() })),
        ))))
    }
    async fn upload(&self, r: Request<Streaming<Payload>>) -> Result<Response<Ask>, Status> {
        let mut s = r.into_inner();
        let (mut c, mut n) = (0, 0);
        while let Some(m) = s.message().await? {
            c += 1;
            n += m.body.len() as u32;
        }
        Ok(Response::new(Ask { count: c, size: n }))
    }
    type BidiStream = S;
    async fn bidi(&self, r: Request<Streaming<Payload>>) -> Result<Response<S>, Status> {
        Ok(Response::new(Box::pin(r.into_inner())))
    }
}
#[tonic::async_trait]
impl HelloService for Svc {
    async fn send_message(
        &self,
        r: Request<HelloRequest>,
    ) -> Result<Response<HelloResponse>, Status> {
        Ok(Response::new(HelloResponse { message: format!("Hello, {}!", r.into_inner().name) }))
    }
}
#[tonic::async_trait]
impl Shop for Svc {
    async fn place(&self, r: Request<Order>) -> Result<Response<Order>, Status> {
        Ok(Response::new(r.into_inner()))
    }
}
/// The order that every peer sends: the bytes are made by our own program.
fn order() -> Order {
    use prost::Message as _;
    let path =
        std::env::var("BENCH_ORDER").expect("BENCH_ORDER names the file with an encoded order");
    Order::decode(std::fs::read(path).unwrap().as_slice()).unwrap()
}
fn certificates() -> Option<PathBuf> {
    std::env::var_os("BENCH_TLS").map(PathBuf::from)
}
fn endpoint(addr: &str) -> Endpoint {
    if let Some(folder) = certificates() {
        let authority = Certificate::from_pem(std::fs::read(folder.join("authority.pem")).unwrap());
        let tls = ClientTlsConfig::new().ca_certificate(authority);
        return Endpoint::from_shared(format!("https://{addr}")).unwrap().tls_config(tls).unwrap();
    }
    let scheme = if addr.starts_with("unix:") { "" } else { "http://" };
    Endpoint::from_shared(format!("{scheme}{addr}")).unwrap()
}
fn rt(threads: usize) -> tokio::runtime::Runtime {
    if threads == 0 {
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
    } else {
        tokio::runtime::Builder::new_multi_thread()
            .worker_threads(threads)
            .enable_all()
            .build()
            .unwrap()
    }
}
fn main() {
    let a: Vec<String> = std::env::args().collect();
    let threads: usize = a[3].parse().unwrap();
    if a[1] == "server" {
        rt(threads).block_on(async {
            eprintln!("ready");
            let mut server = Server::builder();
            if let Some(folder) = certificates() {
                let read = |name| std::fs::read(folder.join(name)).unwrap();
                let identity = Identity::from_pem(read("chain.pem"), read("key.pem"));
                server = server.tls_config(ServerTlsConfig::new().identity(identity)).unwrap();
            }
            let router = server
                .add_service(
                    EchoServer::new(Svc)
                        .max_decoding_message_size(usize::MAX)
                        .max_encoding_message_size(usize::MAX),
                )
                .add_service(HelloServiceServer::new(Svc))
                .add_service(ShopServer::new(Svc));
            match a[2].strip_prefix("unix:") {
                Some(path) => {
                    let listener = tokio::net::UnixListener::bind(path).unwrap();
                    router.serve_with_incoming(UnixListenerStream::new(listener)).await.unwrap();
                }
                None => router.serve(a[2].parse().unwrap()).await.unwrap(),
            }
        });
        return;
    }
    let (mode, conns, conc, size, secs) = (
        a[4].clone(),
        a[5].parse::<usize>().unwrap(),
        a[6].parse::<usize>().unwrap(),
        a[7].parse::<usize>().unwrap(),
        a[8].parse::<f64>().unwrap(),
    );
    rt(threads).block_on(async move {
        let n = Arc::new(AtomicU64::new(0));
        let mut chans = vec![];
        for _ in 0..conns {
            chans.push(endpoint(&a[2]).connect().await.unwrap());
        }
        let body = bytes::Bytes::from(vec![7u8; size]);
        let start = Instant::now();
        let end = start + Duration::from_secs_f64(secs);
        let mut js = tokio::task::JoinSet::new();
        for i in 0..conc {
            let ch = chans[i % conns].clone();
            let n = n.clone();
            let mode = mode.clone();
            let body = body.clone();
            js.spawn(async move {
                let mut lat: Vec<u32> = Vec::with_capacity(1 << 16);
                let mut c = EchoClient::new(ch.clone())
                    .max_decoding_message_size(usize::MAX)
                    .max_encoding_message_size(usize::MAX);
                let mut h = HelloServiceClient::new(ch.clone());
                let mut o = ShopClient::new(ch);
                match mode.as_str() {
                    "hello" => {
                        while Instant::now() < end {
                            let t = Instant::now();
                            let r = h
                                .send_message(HelloRequest { name: "World".into() })
                                .await
                                .unwrap();
                            assert!(r.into_inner().message == "Hello, World!");
                            lat.push(t.elapsed().as_micros() as u32);
                            n.fetch_add(1, Ordering::Relaxed);
                        }
                    }
                    "unary" => {
                        while Instant::now() < end {
                            let t = Instant::now();
                            let r = c.unary(Payload { body: body.clone() }).await.unwrap();
                            assert!(r.into_inner().body.len() == size);
                            lat.push(t.elapsed().as_micros() as u32);
                            n.fetch_add(1, Ordering::Relaxed);
                        }
                    }
                    "order" => {
                        let order = order();
                        while Instant::now() < end {
                            let t = Instant::now();
                            let r = o.place(order.clone()).await.unwrap();
                            assert!(r.into_inner().revision == order.revision);
                            lat.push(t.elapsed().as_micros() as u32);
                            n.fetch_add(1, Ordering::Relaxed);
                        }
                    }
                    "bidi" => {
                        let (tx, rx) = tokio::sync::mpsc::channel(64);
                        // tonic waits for response headers, which grpc-go sends with its first message: prime the stream or it hangs
                        tx.send(Payload { body: body.clone() }).await.unwrap();
                        let mut s = c
                            .bidi(tokio_stream::wrappers::ReceiverStream::new(rx))
                            .await
                            .unwrap()
                            .into_inner();
                        s.message().await.unwrap().unwrap();
                        while Instant::now() < end {
                            let t = Instant::now();
                            tx.send(Payload { body: body.clone() }).await.unwrap();
                            s.message().await.unwrap().unwrap();
                            lat.push(t.elapsed().as_micros() as u32);
                            n.fetch_add(1, Ordering::Relaxed);
                        }
                    }
                    "download" => {
                        while Instant::now() < end {
                            let mut s = c
                                .download(Ask { count: 1000, size: size as u32 })
                                .await
                                .unwrap()
                                .into_inner();
                            while let Some(m) = s.next().await {
                                m.unwrap();
                                n.fetch_add(1, Ordering::Relaxed);
                            }
                        }
                    }
                    "upload" => {
                        while Instant::now() < end {
                            let b = body.clone();
                            let r = c
                                .upload(futures::stream::iter(
                                    (0..1000).map(move |_| Payload { body: b.clone() }),
                                ))
                                .await
                                .unwrap();
                            assert!(r.into_inner().count == 1000);
                            n.fetch_add(1000, Ordering::Relaxed);
                        }
                    }
                    _ => panic!(),
                }
                lat
            });
        }
        let mut lat = vec![];
        while let Some(l) = js.join_next().await {
            lat.extend(l.unwrap());
        }
        lat.sort();
        let el = start.elapsed().as_secs_f64();
        let p =
            |q: f64| if lat.is_empty() { 0 } else { lat[((lat.len() - 1) as f64 * q) as usize] };
        println!(
            "calls={} secs={:.3} rps={:.0} p50us={} p99us={} p999us={}",
            n.load(Ordering::Relaxed),
            el,
            n.load(Ordering::Relaxed) as f64 / el,
            p(0.5),
            p(0.99),
            p(0.999)
        );
    });
}
