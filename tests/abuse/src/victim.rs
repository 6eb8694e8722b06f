//! The side that is attacked: a thread with a runtime of its own, so that its CPU time and its
//! memory are nobody else's. It does what a program under attack does; it knows nothing of attacks.

use allocation_counter::measure;
use protocall::server::Builder;
use rustix::time::{ClockId, clock_gettime};
use std::future::Future;
use std::net::SocketAddr;
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

/// What a victim used between two looks.
#[derive(Clone, Copy, Debug, Default)]
pub struct Figures {
    /// CPU time, the kernel's on its behalf included.
    pub cpu: Duration,
    /// The most memory at one time, in bytes above what it held at the last look.
    pub peak: u64,
    /// Memory held now, in bytes above what it held at the last look.
    pub live: i64,
}

impl Figures {
    /// Both of them, one after the other.
    #[must_use]
    pub fn and_then(self, next: Self) -> Self {
        let before = u64::try_from(self.live.max(0)).unwrap_or_default();
        Self {
            cpu: self.cpu + next.cpu,
            peak: self.peak.max(before + next.peak),
            live: self.live + next.live,
        }
    }
}

/// More than any victim is let hold, in pieces that come from the heap.
const WARM: usize = 24 * 1024 * 1024;
const PIECE: usize = 16 * 1024;

/// Makes this thread's memory that of a program which has run for a while. The first touch of a
/// page costs what the kernel and its host take for it, up to 12 us, and is no cost of an attack;
/// the bytes that an attack may hold have a bound of their own.
fn warm_up() {
    // giving back one large piece tells the allocator to keep as much from now on
    drop(std::hint::black_box(vec![0_u8; WARM]));
    let pieces: Vec<_> = (0..WARM / PIECE).map(|_| vec![1_u8; PIECE]).collect();
    drop(std::hint::black_box(pieces));
    // services answer from a pattern that takes a debug build 0.1 s to make
    std::hint::black_box(protocall_tests::blob(1));
}

/// A thread that is measured.
#[derive(Debug)]
pub struct Victim {
    looks: UnboundedSender<()>,
    figures: mpsc::Receiver<Figures>,
    thread: Option<JoinHandle<()>>,
}

impl Victim {
    /// Runs `begin` on a thread of its own, and then what it spawned, until the victim is dropped.
    /// Returns what `begin` returns too.
    ///
    /// # Panics
    /// When `begin` does.
    pub fn start<T, Fut>(begin: impl FnOnce() -> Fut + Send + 'static) -> (Self, T)
    where
        T: Send + 'static,
        Fut: Future<Output = T>,
    {
        let (looks, mut looked) = unbounded_channel::<()>();
        let (sender, figures) = mpsc::channel();
        let (begun, has_begun) = mpsc::channel();
        let thread = std::thread::spawn(move || {
            let runtime =
                tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            begun.send(runtime.block_on(begin())).unwrap();
            loop {
                let (cpu, mut over) = (thread_cpu(), false);
                let memory = measure(|| {
                    over = runtime.block_on(looked.recv()).is_none();
                });
                if over {
                    return;
                }
                let (peak, live) = (memory.bytes_max, memory.bytes_current);
                let _ = sender.send(Figures { cpu: thread_cpu() - cpu, peak, live });
            }
        });
        let value = has_begun.recv().expect("the victim could not begin");
        (Self { looks, figures, thread: Some(thread) }, value)
    }

    /// A server on a port of its own.
    ///
    /// # Panics
    /// When there is nothing to listen on.
    pub fn server(builder: impl FnOnce() -> Builder + Send + 'static) -> (Self, SocketAddr) {
        Self::start(|| async {
            warm_up();
            let bound = builder().bind("127.0.0.1:0").await.unwrap();
            let addr = bound.local_addr().unwrap();
            tokio::spawn(bound.serve());
            addr
        })
    }

    /// What it used since the last look.
    ///
    /// # Panics
    /// When the victim's thread has panicked.
    pub fn look(&self) -> Figures {
        self.looks.send(()).expect("the victim is gone");
        self.figures.recv().expect("the victim is gone")
    }

    /// What it uses until it has nothing more to do.
    ///
    /// # Panics
    /// When it never rests.
    pub fn look_when_idle(&self) -> Figures {
        let mut all = Figures::default();
        for _ in 0..1000 {
            let (next, next_again) = (self.look(), {
                std::thread::park_timeout(REST);
                self.look()
            });
            all = all.and_then(next).and_then(next_again);
            if next_again.cpu < IDLE {
                return all;
            }
        }
        panic!("the victim never rests");
    }
}

/// A victim that uses less than [`IDLE`] in this time has nothing to do.
const REST: Duration = Duration::from_millis(5);
/// What two looks cost at most.
const IDLE: Duration = Duration::from_micros(400);

impl Drop for Victim {
    fn drop(&mut self) {
        let (nobody, _) = unbounded_channel();
        self.looks = nobody;
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
            && !std::thread::panicking()
        {
            panic!("the victim panicked");
        }
    }
}

/// CPU time of this thread.
fn thread_cpu() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    let part = |value: i64| u64::try_from(value).unwrap_or_default();
    Duration::new(part(time.tv_sec), part(time.tv_nsec).try_into().unwrap_or_default())
}
