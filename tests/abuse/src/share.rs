//! How much of the CPU that it wanted a process got: what it can be asked for on a busy machine.
//! Linux counts for each thread how long it ran, and how long it stood in a queue of those that
//! could run. Where nobody counts, a process is taken to have got all.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

/// What the threads of a process have done since each began, by their numbers.
#[derive(Clone, Debug, Default)]
pub struct Threads {
    used: BTreeMap<u32, Used>,
}

/// What threads did.
#[derive(Clone, Copy, Debug, Default)]
pub struct Used {
    /// They ran.
    pub ran: Duration,
    /// They could have run, and others did.
    pub waited: Duration,
}

impl Threads {
    /// Those that a process has now; `None` when it is gone, or the system does not tell.
    #[must_use]
    pub fn of(process: u32) -> Option<Self> {
        let folder = Path::new("/proc").join(process.to_string()).join("task");
        let mut threads = Self::default();
        for thread in std::fs::read_dir(folder).ok()? {
            let thread = thread.ok()?;
            // a thread that ends meanwhile is not missed
            let Ok(text) = std::fs::read_to_string(thread.path().join("schedstat")) else {
                continue;
            };
            let mut numbers = text.split_ascii_whitespace().map(str::parse);
            let mut next = || numbers.next()?.ok().map(Duration::from_nanos);
            let used = Used { ran: next()?, waited: next()? };
            threads.used.insert(thread.file_name().to_str()?.parse().ok()?, used);
        }
        Some(threads)
    }

    /// What those that are here have used since then. Those that have ended meanwhile are left out,
    /// with all that they had used before.
    #[must_use]
    pub fn since(&self, before: &Self) -> Used {
        let mut all = Used::default();
        for (thread, now) in &self.used {
            let before = before.used.get(thread).copied().unwrap_or_default();
            all.ran += now.ran.saturating_sub(before.ran);
            all.waited += now.waited.saturating_sub(before.waited);
        }
        all
    }
}

impl Used {
    /// How much of what they wanted they got, 0 to 1; 1 for threads that wanted nothing.
    #[must_use]
    pub fn share(self) -> f64 {
        let wanted = (self.ran + self.waited).as_secs_f64();
        if wanted > 0.0 { self.ran.as_secs_f64() / wanted } else { 1.0 }
    }
}

/// Of a demanded rate what must be reached at least, by processes that got these shares of their
/// CPU: all but a tenth where they got all, and as much less as the one that got least. They work
/// at the same time, on different calls, so the slowest decides.
#[must_use]
pub fn least(rate: f64, shares: &[f64]) -> f64 {
    rate * 0.9 * shares.iter().copied().fold(1.0, f64::min)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_that_waited_is_asked_for_less() {
        let used = |ran, waited| Used {
            ran: Duration::from_millis(ran),
            waited: Duration::from_millis(waited),
        };
        let threads = |all: &[(u32, Used)]| Threads { used: all.iter().copied().collect() };
        // the second ends, the third is new
        let before = threads(&[(1, used(50, 10)), (2, used(1000, 1000))]);
        let now = threads(&[(1, used(100, 30)), (3, used(50, 30))]);
        let share = now.since(&before).share();
        assert!((share - 2.0 / 3.0).abs() < 1e-9, "{share}");
        assert!((used(0, 0).share() - 1.0).abs() < 1e-9);
        assert!((least(10_000.0, &[]) - 9000.0).abs() < 1e-6);
        assert!((least(10_000.0, &[0.5, 0.8]) - 4500.0).abs() < 1e-6);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn this_process_has_run() {
        let own = std::process::id();
        let before = Threads::of(own).unwrap();
        let mut sum = 0_u64;
        while Threads::of(own).unwrap().since(&before).ran < Duration::from_millis(5) {
            sum = std::hint::black_box(sum.wrapping_add(1));
        }
        assert!(Threads::of(u32::MAX).is_none());
    }
}
