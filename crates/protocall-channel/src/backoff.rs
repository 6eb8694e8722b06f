//! How long a channel waits before it connects again (`connection-backoff.md`).

use protocall_transport::chance::Chance;
use std::time::Duration;

/// The waits between attempts: each longer than the one before, each with some chance in it, so
/// that clients that lost a server together do not come back together.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Backoff {
    /// The wait after the first failure.
    pub first: Duration,
    /// By how much each wait is longer than the one before.
    pub multiplier: f64,
    /// The longest wait.
    pub longest: Duration,
    /// How far a wait may differ from these rules, as a share of it.
    pub jitter: f64,
}

impl Default for Backoff {
    /// 1 s, 1.6 times longer each, at most 120 s, 20 % more or less: as all gRPC clients do.
    fn default() -> Self {
        Self {
            first: Duration::from_secs(1),
            multiplier: 1.6,
            longest: Duration::from_secs(120),
            jitter: 0.2,
        }
    }
}

impl Backoff {
    /// The wait after `failures` attempts that failed, the first counting as 1.
    pub(crate) fn wait(&self, failures: u32, chance: &Chance) -> Duration {
        let exponent = i32::try_from(failures.saturating_sub(1)).unwrap_or(i32::MAX);
        let seconds = self.first.as_secs_f64() * self.multiplier.max(1.0).powi(exponent);
        let seconds = seconds.min(self.longest.as_secs_f64());
        let wait = Duration::try_from_secs_f64(seconds).unwrap_or(self.longest);
        chance.around(wait, self.jitter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grows_to_the_longest_within_its_jitter() {
        let backoff = Backoff::default();
        for (failures, expected) in [(1, 1.0), (2, 1.6), (3, 2.56), (20, 120.0), (u32::MAX, 120.0)]
        {
            for _ in 0..50 {
                let wait = backoff.wait(failures, &Chance::default()).as_secs_f64();
                assert!(
                    (expected * 0.799..=expected * 1.201).contains(&wait),
                    "{failures}: {wait}"
                );
            }
        }
    }

    #[test]
    fn odd_settings_do_not_panic() {
        let odd = Backoff { multiplier: f64::NAN, jitter: f64::NAN, ..Backoff::default() };
        assert!(odd.wait(3, &Chance::default()) <= Duration::from_secs(240));
    }
}
