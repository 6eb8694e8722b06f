//! Where chance comes from: the one place that tests can fix. Jitter keeps programs that began
//! together from doing everything together; nothing here is for secrets.

use std::collections::hash_map::RandomState;
use std::fmt;
use std::hash::BuildHasher;
use std::sync::Arc;
use std::time::Duration;

/// A source of numbers from 0 to 1. Clones share it.
#[derive(Clone)]
pub struct Chance {
    share: Arc<dyn Fn() -> f64 + Send + Sync>,
}

impl Chance {
    /// Numbers from a source of one's own, such as always the same in a test. What is outside 0 to
    /// 1 is brought into it.
    #[must_use]
    pub fn from_fn(share: impl Fn() -> f64 + Send + Sync + 'static) -> Self {
        Self { share: Arc::new(share) }
    }

    /// A time that differs from `time` by up to `jitter` of it, a share from 0 to 1, either way.
    #[must_use]
    pub fn around(&self, time: Duration, jitter: f64) -> Duration {
        let jitter = jitter.clamp(0.0, 1.0);
        let share = (self.share)().clamp(0.0, 1.0);
        let factor = 1.0 - jitter + 2.0 * jitter * share;
        Duration::try_from_secs_f64(time.as_secs_f64() * factor).unwrap_or(time)
    }
}

impl Default for Chance {
    /// The randomness that the standard library seeds its hash maps with.
    fn default() -> Self {
        Self::from_fn(|| RandomState::new().hash_one(0u8) as f64 / u64::MAX as f64)
    }
}

impl fmt::Debug for Chance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Chance")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_secs(3600);

    #[test]
    fn times_stay_within_their_jitter_and_use_all_of_it() {
        for (share, expected) in [(0.0, 3240), (0.5, 3600), (1.0, 3960), (7.0, 3960)] {
            let time = Chance::from_fn(move || share).around(HOUR, 0.1);
            assert_eq!(time.as_secs(), expected);
        }
        let times: Vec<_> = (0..100).map(|_| Chance::default().around(HOUR, 0.1)).collect();
        assert!(times.iter().all(|time| (3240..=3960).contains(&time.as_secs())));
        assert!(times.iter().any(|time| time.as_secs() < 3500), "{times:?}");
        assert!(times.iter().any(|time| time.as_secs() > 3700), "{times:?}");
    }

    #[test]
    fn odd_settings_do_not_panic() {
        let odd = Chance::from_fn(|| f64::NAN);
        assert_eq!(odd.around(HOUR, f64::NAN), HOUR);
        assert_eq!(Chance::default().around(Duration::MAX, 0.0), Duration::MAX);
    }
}
