//! The program that hostile servers attack: it calls them, and a good server at the same time, on
//! the same thread. What it is to go through is for [`client_trial`](crate::client_trial) to say.

use crate::good;
use crate::limits::Honest;
use crate::victim::Victim;
use protocall::channel::{Builder, StatsSnapshot};
use protocall::{Channel, Code, Request, Status};
use protocall_tests::proto::trial::TrialClient;
use protocall_tests::{blob, numbered};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::time::{Duration, Instant};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// Between two looks at whether a connection is open: rare enough to cost nothing beside it.
const LOOK: Duration = Duration::from_millis(20);
/// Calls after a wait each, of which the mean is taken.
const RARE: u32 = 4;
/// Between two rounds of calls where all go over one channel, whose server fails them.
const BREATH: Duration = Duration::from_millis(50);
/// Bytes of a message of an upload.
const MESSAGE: usize = 8 * 1024;

/// The calls that a hostile server gets.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Calls {
    pub(crate) at_a_time: usize,
    pub(crate) uploads: bool,
    pub(crate) limit: Duration,
    /// How long an attack may go on once its call is over.
    pub(crate) linger: Duration,
    pub(crate) callers: usize,
    pub(crate) set: fn(Builder) -> Builder,
    pub(crate) one_channel: bool,
}

impl Default for Calls {
    fn default() -> Self {
        let limit = Duration::from_millis(100);
        Self {
            at_a_time: 1,
            uploads: false,
            limit,
            linger: limit,
            callers: 1,
            set: |builder| builder,
            one_channel: false,
        }
    }
}

/// What channels to the hostile server met, and how their calls ended.
#[derive(Clone, Debug, Default)]
pub(crate) struct Met {
    pub(crate) counted: u64,
    pub(crate) abuse_kills: u64,
    pub(crate) rounds: u64,
    pub(crate) calls: u64,
    /// Messages of theirs that were taken to be sent.
    pub(crate) messages: u64,
    pub(crate) codes: Vec<Code>,
    last: Option<StatsSnapshot>,
}

enum Order {
    Window(mpsc::Sender<Duration>),
    Connect,
    Calls(u32, Duration, mpsc::Sender<()>),
}

/// The program that is attacked, from outside of its thread.
pub(crate) struct Client {
    orders: UnboundedSender<Order>,
    calling: watch::Sender<bool>,
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    met: Mutex<Met>,
    at_work: AtomicUsize,
}

impl Shared {
    /// A channel's calls have ended.
    fn add(
        &self,
        counted: u64,
        before: &StatsSnapshot,
        now: StatsSnapshot,
        ends: Vec<(Code, u64)>,
    ) {
        let mut met = self.met.lock().unwrap();
        met.counted += counted;
        met.abuse_kills += now.http2.abuse_kills - before.http2.abuse_kills;
        met.rounds += 1;
        met.calls += ends.len() as u64;
        met.messages += ends.iter().map(|(_, messages)| messages).sum::<u64>();
        met.codes.extend(ends.iter().map(|(code, _)| *code));
        met.codes.sort_unstable();
        met.codes.dedup();
        met.last = Some(now);
    }
}

/// Calls the hostile server while that is asked for, each time over a channel of its own unless one
/// is to have all: one that has lost its connection would wait before it connects again, and the
/// attack with it.
async fn call(
    hostile: SocketAddr,
    calls: Calls,
    mut calling: watch::Receiver<bool>,
    shared: Arc<Shared>,
    counter: fn(&StatsSnapshot) -> u64,
) {
    let build = || (calls.set)(Channel::builder(&hostile.to_string()).unwrap()).build();
    let one = calls.one_channel.then(build);
    let mut before = StatsSnapshot::default();
    while calling.wait_for(|on| *on).await.is_ok() {
        shared.at_work.fetch_add(1, Ordering::SeqCst);
        let channel = one.clone().unwrap_or_else(build);
        let stats = channel.stats();
        let mut made = JoinSet::new();
        for _ in 0..calls.at_a_time {
            made.spawn(make(TrialClient::new(channel.clone()), calls));
        }
        let ends = made.join_all().await;
        // the attack goes on when the call is over
        let begin = Instant::now();
        while one.is_none()
            && stats.snapshot().connect.connections_open > 0
            && begin.elapsed() < calls.linger
        {
            tokio::time::sleep(LOOK).await;
        }
        drop(channel);
        let now = stats.snapshot();
        shared.add(counter(&now) - counter(&before), &before, now, ends);
        let pause = if one.is_some() {
            before = now;
            BREATH
        } else {
            // an attacker says what it sends, and not how often a program connects to it
            LOOK
        };
        tokio::time::sleep(pause).await;
        shared.at_work.fetch_sub(1, Ordering::SeqCst);
    }
}

/// One call: how it ended, and how many messages it had sent.
async fn make(client: TrialClient, calls: Calls) -> (Code, u64) {
    let mut messages = 0;
    let ended = if calls.uploads {
        let mut upload = client.upload(Request::new(()).with_timeout(calls.limit));
        while upload.send(blob(MESSAGE)).await.is_ok() {
            messages += 1;
        }
        upload.finish().await.map(drop)
    } else {
        client.unary(Request::new(numbered(1)).with_timeout(calls.limit)).await.map(drop)
    };
    (ended.as_ref().err().map_or(Code::Ok, Status::code), messages)
}

pub(crate) fn client(
    good: SocketAddr,
    hostile: SocketAddr,
    calls: Calls,
    counter: fn(&StatsSnapshot) -> u64,
) -> (Victim, Client) {
    let (orders, mut ordered) = unbounded_channel();
    let (calling, called) = watch::channel(false);
    let shared = Arc::new(Shared::default());
    let all = Arc::clone(&shared);
    let (victim, ()) = Victim::start(move || async move {
        for _ in 0..calls.callers {
            let (called, all) = (called.clone(), Arc::clone(&all));
            tokio::spawn(call(hostile, calls, called, all, counter));
        }
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
                    Order::Calls(count, pause, done) => {
                        for _ in 0..count {
                            client.unary(numbered(1)).await.unwrap();
                            if !pause.is_zero() {
                                tokio::time::sleep(pause).await;
                            }
                        }
                        let _ = done.send(());
                    }
                }
            }
        });
    });
    (victim, Client { orders, calling, shared })
}

impl Client {
    fn order(&self, order: Order) {
        assert!(self.orders.send(order).is_ok(), "the client is gone");
    }

    /// The 99th percentile of some calls to the good server.
    pub(crate) fn window(&self) -> Duration {
        let (to, from) = mpsc::channel();
        self.order(Order::Window(to));
        from.recv().expect("good calls are answered")
    }

    pub(crate) fn call_hostile(&self, on: bool) {
        self.calling.send_replace(on);
    }

    /// No call to the hostile server is under way.
    pub(crate) fn rests(&self) -> bool {
        self.shared.at_work.load(Ordering::SeqCst) == 0
    }

    pub(crate) fn met(&self) -> Met {
        self.shared.met.lock().unwrap().clone()
    }

    /// What honest use costs this client: two frames a call come in. Where its calls to the hostile
    /// server hear nothing until their time is over, `waits`, a rare call is one on a connection of
    /// its own after as long a wait: by then no cache holds the program's code any more.
    pub(crate) fn honest(&self, victim: &Victim, waits: Option<Duration>) -> Honest {
        let _ = victim.look_when_idle();
        let calls = |count, pause| {
            let (done, is_done) = mpsc::channel();
            self.order(Order::Calls(count, pause, done));
            is_done.recv().unwrap();
            victim.look_when_idle().cpu / count
        };
        let (alone, mut rare) = (calls(500, Duration::ZERO), calls(10, BREATH));
        if let Some(wait) = waits {
            let mut cpu = Duration::ZERO;
            for _ in 0..RARE {
                std::thread::sleep(wait);
                self.order(Order::Connect);
                cpu += victim.look_when_idle().cpu;
            }
            rare = cpu / RARE;
        }
        for _ in 0..8 {
            self.order(Order::Connect);
        }
        let connection = victim.look_when_idle().cpu / 8;
        Honest { connection, rare, alone, frame: alone / 2, frame_bytes: 50 }
    }
}
