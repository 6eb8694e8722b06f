//! How much of the CPU that it wanted a process got: what it can be asked for on a busy machine.
//! Linux counts for each thread how long it ran, and how long it stood in a queue of those that
//! could run. Where nobody counts, a process is taken to have got all.

use std::path::Path;
use std::time::Duration;

/// What a process's threads did.
#[derive(Clone, Copy, Debug, Default)]
pub struct Used {
    /// They ran.
    pub ran: Duration,
    /// They could have run, and others did.
    pub waited: Duration,
}

impl Used {
    /// Of the threads that a process has now; `None` when it is gone, or the system does not tell.
    #[must_use]
    pub fn of(process: u32) -> Option<Self> {
        let threads = Path::new("/proc").join(process.to_string()).join("task");
        let mut all = Self::default();
        for thread in std::fs::read_dir(threads).ok()? {
            // a thread that ends meanwhile is not missed
            let Ok(text) = std::fs::read_to_string(thread.ok()?.path().join("schedstat")) else {
                continue;
            };
            let mut numbers = text.split_ascii_whitespace().map(str::parse);
            let mut next = || numbers.next()?.ok().map(Duration::from_nanos);
            all.ran += next()?;
            all.waited += next()?;
        }
        Some(all)
    }

    /// What was used since then.
    #[must_use]
    pub fn since(self, before: Self) -> Self {
        Self {
            ran: self.ran.saturating_sub(before.ran),
            waited: self.waited.saturating_sub(before.waited),
        }
    }

    /// How much of what they wanted they got, 0 to 1; 1 for threads that wanted nothing.
    #[must_use]
    pub fn share(self) -> f64 {
        let wanted = (self.ran + self.waited).as_secs_f64();
        if wanted > 0.0 { self.ran.as_secs_f64() / wanted } else { 1.0 }
    }
}

/// Of a demanded rate what must be reached at least, by processes that got these shares of their
/// CPU: all but a tenth where they got all, and as much less as they got less. Chains of processes
/// wait one after the other, so their shares multiply.
#[must_use]
pub fn least(rate: f64, shares: &[f64]) -> f64 {
    rate * 0.9 * shares.iter().product::<f64>()
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
        let share = used(150, 60).since(used(50, 10)).share();
        assert!((share - 2.0 / 3.0).abs() < 1e-9, "{share}");
        assert!((used(0, 0).share() - 1.0).abs() < 1e-9);
        assert!((least(10_000.0, &[]) - 9000.0).abs() < 1e-6);
        assert!((least(10_000.0, &[0.5, 0.5]) - 2250.0).abs() < 1e-6);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn this_process_has_run() {
        let before = Used::of(std::process::id()).unwrap();
        let mut sum = 0_u64;
        while Used::of(std::process::id()).unwrap().since(before).ran < Duration::from_millis(5) {
            sum = std::hint::black_box(sum.wrapping_add(1));
        }
        assert!(Used::of(u32::MAX).is_none());
    }
}
