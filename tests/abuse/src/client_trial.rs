//! A hostile server, and what is demanded of our client: the same as of a server under attack (see
//! [`trial`](crate::trial)), with the good calls of the same program going to another server.

use crate::good;
use crate::limits::{BASE, Honest, P99_TIMES, TIMES};
use crate::peer::{Peer, Sent};
use crate::trial::{BURST, BURST_CPU, ENHANCE_YOUR_CALM, LAST_WORDS, ROUNDS, TICK, frames};
use crate::victim::Victim;
use protocall::http2::Counters;
use protocall::{Channel, Request, Server};
use protocall_tests::numbered;
use protocall_tests::proto::trial::{TrialClient, TrialServer};
use protocall_tests::raw::{frame, kind};
use protocall_tests::service::Scripted;
use std::net::{SocketAddr, TcpListener};
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::time::{Duration, Instant};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio::sync::watch;

/// Connections that are attacked at full speed.
const CONNECTIONS: u32 = 4;
/// How long a call to the hostile server may last: it may never be answered.
const CALL: Duration = Duration::from_millis(100);

/// What a hostile server does to a connection once it has a call.
pub struct Hostile {
    name: &'static str,
    unit: Box<dyn Fn(u32) -> Vec<u8> + Send + Sync>,
    units: u32,
    kill: Option<&'static str>,
    counter: fn(&Counters) -> u64,
    memory: u64,
}

/// What the hostile server's thread is told.
#[derive(Debug, Default)]
struct State {
    /// Bytes in a burst; 0: all at once.
    burst: AtomicUsize,
    on: AtomicBool,
    over: AtomicBool,
    /// Connections that were attacked to the end, and those whose client said why it leaves.
    done: AtomicU32,
    told: AtomicU32,
    bursts: AtomicU32,
}

impl Hostile {
    /// A server that sends `unit(0)`, `unit(1)` and so on, whole frames each. The call is stream 1.
    pub fn new(
        name: &'static str,
        units: u32,
        unit: impl Fn(u32) -> Vec<u8> + Send + Sync + 'static,
    ) -> Self {
        let counter = |counters: &Counters| counters.abuse_kills;
        Self { name, unit: Box::new(unit), units, kill: None, counter, memory: BASE }
    }

    /// Each connection is ended with ENHANCE_YOUR_CALM and that reason, and counted there.
    #[must_use]
    pub const fn ends_with(mut self, reason: &'static str, counter: fn(&Counters) -> u64) -> Self {
        self.kill = Some(reason);
        self.counter = counter;
        self
    }

    /// The memory that it may cost at most, in bytes beyond [`BASE`].
    #[must_use]
    pub const fn memory(mut self, bytes: u64) -> Self {
        self.memory = BASE + bytes;
        self
    }

    /// Runs the server and judges the client.
    ///
    /// # Panics
    /// When the client does not keep to what is demanded of it.
    pub fn run(self) {
        let _turn = crate::alone();
        let (_good, good) =
            Victim::server(|| Server::builder().add_service(TrialServer::new(Scripted::default())));
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let hostile = listener.local_addr().unwrap();
        let (victim, client) = client(good, hostile);
        let honest = client.honest(&victim);
        let (this, state) = (Arc::new(self), Arc::new(State::default()));
        let (served, told) = (Arc::clone(&this), Arc::clone(&state));
        let serving = std::thread::spawn(move || serve(&listener, &served, &told));
        let burst = this.at_full_speed(&victim, &client, &state, &honest);
        state.burst.store(burst, Ordering::SeqCst);
        this.beside_good_calls(&client, &state);
        state.over.store(true, Ordering::SeqCst);
        drop(victim);
        serving.join().unwrap();
    }

    fn at_full_speed(
        &self,
        victim: &Victim,
        client: &Client,
        state: &State,
        honest: &Honest,
    ) -> usize {
        let all: Vec<u8> = (0..self.units).flat_map(|unit| (self.unit)(unit)).collect();
        let _ = victim.look_when_idle();
        state.on.store(true, Ordering::SeqCst);
        client.call_hostile(true);
        let begin = Instant::now();
        while state.done.load(Ordering::SeqCst) < CONNECTIONS {
            assert!(begin.elapsed() < 4 * LAST_WORDS, "{}: nobody calls", self.name);
            std::thread::park_timeout(TICK);
        }
        state.on.store(false, Ordering::SeqCst);
        client.call_hostile(false);
        let figures = victim.look_when_idle();
        let connections = state.done.load(Ordering::SeqCst);
        let sent = frames(&all) * u64::from(connections);
        let bytes = all.len() as u64 * u64::from(connections);
        // attempts that were still under way are connections too
        let cost = honest.cost(2 * connections + 2, sent, bytes);
        println!(
            "{}: {sent} frames cost {:?} of CPU (honest ones {cost:?}) and {} KiB",
            self.name,
            figures.cpu,
            figures.peak / 1024
        );
        assert!(figures.peak <= self.memory, "{}: {} bytes", self.name, figures.peak);
        let most = cost * TIMES;
        assert!(figures.cpu <= most, "{}: {:?}, bound {most:?}", self.name, figures.cpu);
        let met = client.met();
        if self.kill.is_some() {
            assert_eq!(state.told.load(Ordering::SeqCst), connections, "{}: {met:?}", self.name);
            let counted = (self.counter)(&met);
            assert!(counted >= u64::from(connections), "{}: {met:?}", self.name);
        } else {
            assert_eq!(met.abuse_kills, 0, "{}: {met:?}", self.name);
        }
        let each = figures.cpu.as_nanos() / u128::from(bytes.max(1));
        let affordable = usize::try_from(BURST_CPU.as_nanos() / each.max(1)).unwrap_or(usize::MAX);
        affordable.min(all.len() * BURST / frames(&all) as usize).max(1)
    }

    /// Judged as a server's good client is: smallest against smallest.
    fn beside_good_calls(&self, client: &Client, state: &State) {
        let (mut quiet, mut attacked) = (Duration::MAX, Duration::MAX);
        for round in 1..=*ROUNDS.end() {
            quiet = quiet.min(client.window());
            let before = state.bursts.load(Ordering::SeqCst);
            state.on.store(true, Ordering::SeqCst);
            client.call_hostile(true);
            let begin = Instant::now();
            while state.bursts.load(Ordering::SeqCst) < before + 2 {
                assert!(begin.elapsed() < 4 * LAST_WORDS, "{}: nobody calls", self.name);
                std::thread::park_timeout(TICK);
            }
            attacked = attacked.min(client.window());
            state.on.store(false, Ordering::SeqCst);
            client.call_hostile(false);
            if round >= *ROUNDS.start() && attacked <= quiet * P99_TIMES {
                break;
            }
        }
        println!("{}: p99 {quiet:?} quiet, {attacked:?} attacked", self.name);
        let name = self.name;
        assert!(attacked <= quiet * P99_TIMES, "{name}: p99 from {quiet:?} to {attacked:?}");
    }
}

impl std::fmt::Debug for Hostile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Hostile").field("name", &self.name).finish_non_exhaustive()
    }
}

enum Order {
    Window(mpsc::Sender<Duration>),
    Connect,
    Calls(u32, mpsc::Sender<()>),
}

/// The program that is attacked, from outside of its thread.
struct Client {
    orders: UnboundedSender<Order>,
    calling: watch::Sender<bool>,
    met: Arc<Mutex<[u64; Counters::COUNT]>>,
}

/// Calls the hostile server while that is asked for, each time over a channel of its own: one that
/// has lost its connection would wait before it connects again, and the attack with it.
async fn call(
    hostile: SocketAddr,
    mut calling: watch::Receiver<bool>,
    met: &Mutex<[u64; Counters::COUNT]>,
) {
    while calling.wait_for(|on| *on).await.is_ok() {
        let channel = Channel::builder(&hostile.to_string()).unwrap().build();
        let stats = channel.stats();
        let client = TrialClient::new(channel);
        // however it ends
        let _ = client.unary(Request::new(numbered(1)).with_timeout(CALL)).await;
        // the attack goes on when the call is over
        let begin = Instant::now();
        while stats.snapshot().connect.connections_open > 0 && begin.elapsed() < CALL {
            tokio::time::sleep(TICK).await;
        }
        let values = stats.snapshot().http2.values();
        let mut met = met.lock().unwrap();
        met.iter_mut().zip(values).for_each(|(all, one)| *all += one);
    }
}

fn client(good: SocketAddr, hostile: SocketAddr) -> (Victim, Client) {
    let (orders, mut ordered) = unbounded_channel();
    let (calling, called) = watch::channel(false);
    let met = Arc::new(Mutex::new([0; Counters::COUNT]));
    let all = Arc::clone(&met);
    let (victim, ()) = Victim::start(move || async move {
        tokio::spawn(async move { call(hostile, called, &all).await });
        let channel = Channel::connect(&good.to_string()).await.unwrap();
        let client = TrialClient::new(channel);
        good::window(&client).await;
        tokio::spawn(async move {
            while let Some(order) = ordered.recv().await {
                match order {
                    Order::Window(to) => drop(to.send(good::window(&client).await)),
                    Order::Connect => {
                        let channel = Channel::connect(&good.to_string()).await.unwrap();
                        TrialClient::new(channel).unary(numbered(1)).await.unwrap();
                    }
                    Order::Calls(count, done) => {
                        for _ in 0..count {
                            client.unary(numbered(1)).await.unwrap();
                        }
                        let _ = done.send(());
                    }
                }
            }
        });
    });
    (victim, Client { orders, calling, met })
}

impl Client {
    fn order(&self, order: Order) {
        assert!(self.orders.send(order).is_ok(), "the client is gone");
    }

    fn window(&self) -> Duration {
        let (to, from) = mpsc::channel();
        self.order(Order::Window(to));
        from.recv().expect("good calls are answered")
    }

    fn call_hostile(&self, on: bool) {
        self.calling.send_replace(on);
    }

    fn met(&self) -> Counters {
        Counters::from_values(*self.met.lock().unwrap())
    }

    /// What honest use costs this client: two frames a call come in.
    fn honest(&self, victim: &Victim) -> Honest {
        let _ = victim.look_when_idle();
        let (done, is_done) = mpsc::channel();
        self.order(Order::Calls(500, done));
        is_done.recv().unwrap();
        let frame = victim.look_when_idle().cpu / 1000;
        for _ in 0..8 {
            self.order(Order::Connect);
        }
        let connection = victim.look_when_idle().cpu / 8;
        Honest { connection, frame, frame_bytes: 50 }
    }
}

/// Serves one connection after the other, each badly.
fn serve(listener: &TcpListener, hostile: &Hostile, state: &State) {
    listener.set_nonblocking(true).unwrap();
    let all: Vec<u8> = (0..hostile.units).flat_map(|unit| (hostile.unit)(unit)).collect();
    while !state.over.load(Ordering::SeqCst) {
        let Ok((stream, _)) = listener.accept() else {
            std::thread::park_timeout(TICK / 4);
            continue;
        };
        let mut peer = Peer::server(stream);
        let _ = peer.send(&frame(kind::SETTINGS, 0, 0, &[]));
        let called = |seen: &crate::peer::Seen| seen.frames[usize::from(kind::HEADERS)] > 0;
        let begin = Instant::now();
        while !called(&peer.seen) && !peer.seen.closed && begin.elapsed() < LAST_WORDS {
            if state.over.load(Ordering::SeqCst) {
                return;
            }
            peer.read_until(TICK, called);
        }
        if !called(&peer.seen) {
            continue;
        }
        attack(&mut peer, &all, hostile, state);
        let reason = hostile.kill.map(|reason| (ENHANCE_YOUR_CALM, reason.to_owned()));
        state.told.fetch_add(u32::from(peer.seen.goaway == reason), Ordering::SeqCst);
        state.done.fetch_add(1, Ordering::SeqCst);
    }
}

fn attack(peer: &mut Peer, all: &[u8], hostile: &Hostile, state: &State) {
    let burst = state.burst.load(Ordering::SeqCst);
    if burst == 0 {
        let _ = peer.send(all);
        let limit = if hostile.kill.is_some() { LAST_WORDS } else { 2 * CALL };
        peer.read_until(limit, |seen| seen.closed);
        return;
    }
    for chunk in all.chunks(burst) {
        let begin = Instant::now();
        if !state.on.load(Ordering::SeqCst) || peer.send(chunk) != Sent::All {
            return;
        }
        state.bursts.fetch_add(1, Ordering::SeqCst);
        std::thread::park_timeout(TICK.saturating_sub(begin.elapsed()));
    }
}
