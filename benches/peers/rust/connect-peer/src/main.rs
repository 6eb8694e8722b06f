//! connectrpc (buffa) as a peer, speaking gRPC: `connect-peer server ADDR THREADS` or
//! `connect-peer client ADDR THREADS MODE CONNS CONCURRENCY SIZE SECONDS`.
//! Set up as the library's own benches do: its own server with the monomorphic dispatchers, views on both sides,
//! one `Http2Connection` per connection; proto-only build (no JSON, no compression).
#![allow(refining_impl_trait_internal, refining_impl_trait_reachable)]
use connectrpc::client::{ClientConfig, Http2Connection};
use connectrpc::{
    Chain, ConnectRpcService, InboundStream, Limits, Protocol, RequestContext, Response,
    ServiceRequest, ServiceResult, ServiceStream, StreamMessage,
};
use futures::StreamExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
pub mod proto {
    connectrpc::include_generated!();
}
use proto::bench::{Ask, Echo, EchoClient, EchoServer, OwnedPayloadView, Payload};
use proto::example::{
    HelloRequest, HelloResponse, HelloService, HelloServiceClient, HelloServiceServer,
};
struct Svc;
impl Echo for Svc {
    async fn unary(
        &self,
        _: RequestContext,
        r: ServiceRequest<'_, Payload>,
    ) -> ServiceResult<OwnedPayloadView> {
        Response::ok(r.to_owned_view())
    }
    async fn download(
        &self,
        _: RequestContext,
        r: ServiceRequest<'_, Ask>,
    ) -> ServiceResult<ServiceStream<Payload>> {
        let body = bytes::Bytes::from(vec![7u8; r.size as usize]);
        Response::stream_ok(futures::stream::iter(
            (0..r.count).map(move |_| Ok(Payload { body: body.clone(), ..Default::default() })),
        ))
    }
    async fn upload(&self, _: RequestContext, mut s: InboundStream<Payload>) -> ServiceResult<Ask> {
        let (mut c, mut n) = (0, 0);
        while let Some(m) = s.next().await {
            c += 1;
            n += m?.body().len() as u32;
        }
        Response::ok(Ask { count: c, size: n, ..Default::default() })
    }
    async fn bidi(
        &self,
        _: RequestContext,
        s: InboundStream<Payload>,
    ) -> ServiceResult<ServiceStream<StreamMessage<Payload>>> {
        Response::stream_ok(s)
    }
}
impl HelloService for Svc {
    async fn send_message(
        &self,
        _: RequestContext,
        r: ServiceRequest<'_, HelloRequest>,
    ) -> ServiceResult<HelloResponse> {
        Response::ok(HelloResponse { message: format!("Hello, {}!", r.name), ..Default::default() })
    }
}
/// WINDOW=bytes sets the HTTP/2 connection window: h2 0.4.16+ allows unread small DATA frames for half of it and past that
/// closes the connection (ENHANCE_YOUR_CALM, "too_many_data_frames"), which streams of small messages meet at the default.
fn window() -> Option<u32> {
    std::env::var("WINDOW").ok().map(|w| w.parse().unwrap())
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
            let service =
                ConnectRpcService::new(Chain(HelloServiceServer::new(Svc), EchoServer::new(Svc)))
                    .with_limits(Limits::unlimited());
            let mut bound =
                connectrpc::server::Server::bind(a[2].parse::<std::net::SocketAddr>().unwrap())
                    .await
                    .unwrap();
            if let Some(w) = window() {
                bound = bound.with_http2_initial_connection_window_size(w);
            }
            eprintln!("ready");
            bound.serve_with_service(service).await.unwrap();
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
        let uri: http::Uri = format!("http://{}", a[2]).parse().unwrap();
        let config = ClientConfig::new(uri.clone())
            .with_protocol(Protocol::Grpc)
            .with_default_max_message_size(usize::MAX);
        let mut chans = vec![];
        for _ in 0..conns {
            chans.push({
                let mut b = Http2Connection::builder();
                if let Some(w) = window() {
                    b = b.initial_connection_window_size(w);
                }
                b.connect_plaintext(uri.clone()).await.unwrap().shared(1024)
            });
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
            let c = EchoClient::new(ch.clone(), config.clone());
            let h = HelloServiceClient::new(ch, config.clone());
            js.spawn(async move {
                let mut lat: Vec<u32> = Vec::with_capacity(1 << 16);
                let payload = move || Payload { body: body.clone(), ..Default::default() };
                match mode.as_str() {
                    "hello" => {
                        while Instant::now() < end {
                            let t = Instant::now();
                            let r = h
                                .send_message(HelloRequest {
                                    name: "World".into(),
                                    ..Default::default()
                                })
                                .await
                                .unwrap();
                            assert!(r.view().message == "Hello, World!");
                            lat.push(t.elapsed().as_micros() as u32);
                            n.fetch_add(1, Ordering::Relaxed);
                        }
                    }
                    "unary" => {
                        while Instant::now() < end {
                            let t = Instant::now();
                            let r = c.unary(payload()).await.unwrap();
                            assert!(r.view().body.len() == size);
                            lat.push(t.elapsed().as_micros() as u32);
                            n.fetch_add(1, Ordering::Relaxed);
                        }
                    }
                    "bidi" => {
                        let mut s = c.bidi().await.unwrap();
                        while Instant::now() < end {
                            let t = Instant::now();
                            s.send(payload()).await.unwrap();
                            s.message().await.unwrap().unwrap();
                            lat.push(t.elapsed().as_micros() as u32);
                            n.fetch_add(1, Ordering::Relaxed);
                        }
                    }
                    "download" => {
                        while Instant::now() < end {
                            let mut s = c
                                .download(Ask {
                                    count: 1000,
                                    size: size as u32,
                                    ..Default::default()
                                })
                                .await
                                .unwrap();
                            let mut k = 0;
                            while let Some(m) = s.message().await.unwrap() {
                                assert!(m.body().len() == size);
                                k += 1;
                                n.fetch_add(1, Ordering::Relaxed);
                            }
                            assert!(k == 1000);
                        }
                    }
                    "upload" => {
                        while Instant::now() < end {
                            let p = payload.clone();
                            let r = c
                                .upload(connectrpc::stream_iter((0..1000).map(move |_| p())))
                                .await
                                .unwrap();
                            assert!(r.view().count == 1000);
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
            "calls={} secs={:.3} rps={:.0} p50us={} p99us={}",
            n.load(Ordering::Relaxed),
            el,
            n.load(Ordering::Relaxed) as f64 / el,
            p(0.5),
            p(0.99)
        );
    });
}
