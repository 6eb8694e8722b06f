//! How much of the machine others left to a process: what it can be asked for beside them. What a
//! process does to itself, such as threads in each other's way, is no excuse. Linux tells it, in
//! ticks; where nobody tells, all of the machine is taken to be there.

/// Ticks of a machine's CPUs up to some moment, and those of this process among them.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ticks {
    all: u64,
    idle: u64,
    own: u64,
}

impl Ticks {
    /// As they are now, with those of children that have ended and were waited for; `None` where
    /// the system does not tell.
    #[must_use]
    pub fn now() -> Option<Self> {
        let machine = std::fs::read_to_string("/proc/stat").ok()?;
        let own = std::fs::read_to_string("/proc/self/stat").ok()?;
        Self::read(&machine, &own)
    }

    /// From `proc(5)`'s files of the machine and of the process.
    fn read(machine: &str, own: &str) -> Option<Self> {
        let cpu = machine.lines().next()?.strip_prefix("cpu ")?;
        // user, nice, system, idle, iowait, irq, softirq, steal; guests are in user
        let fields: Vec<u64> = cpu.split_ascii_whitespace().map_while(|n| n.parse().ok()).collect();
        let all = fields.get(..8)?.iter().sum();
        let idle = fields.get(3)? + fields.get(4)?;
        // behind the name, which may hold anything: utime, stime, cutime, cstime
        let (_, rest) = own.rsplit_once(')')?;
        let times = rest.split_ascii_whitespace().skip(11).take(4);
        let own = times.map(|n| n.parse::<u64>().ok()).sum::<Option<u64>>()?;
        Some(Self { all, idle, own })
    }

    /// Which part of the machine was there for this process since then, 0 to 1: what it used, and
    /// what nobody used.
    #[must_use]
    pub fn left_since(self, before: Self) -> f64 {
        let all = self.all.saturating_sub(before.all);
        let idle = self.idle.saturating_sub(before.idle);
        let own = self.own.saturating_sub(before.own);
        if all == 0 { 1.0 } else { ((idle + own) as f64 / all as f64).min(1.0) }
    }
}

/// Which part of the machine was there since then; all of it where nobody tells.
#[must_use]
pub fn left(before: Option<Ticks>) -> f64 {
    before.zip(Ticks::now()).map_or(1.0, |(before, now)| now.left_since(before))
}

/// Of a demanded rate what must be reached at least, by processes that had that part of a machine:
/// all but a tenth where they had all of it, and as much less.
#[must_use]
pub fn least(rate: f64, left: f64) -> f64 {
    rate * 0.9 * left
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_used_is_not_there() {
        let ticks = |busy: u64, idle: u64, own: u64| {
            let machine = format!("cpu  {busy} 0 0 {idle} 0 0 0 0 0 0\ncpu0 1 1 1 1\n");
            let own = format!("7 (a) b) S 1 1 1 0 -1 0 0 0 0 0 {own} 0 0 0 20 0\n");
            Ticks::read(&machine, &own).unwrap()
        };
        let before = ticks(1000, 500, 100);
        let left = |now: Ticks| now.left_since(before);
        // of 200: 50 its own, 50 nobody's, 100 of others
        assert!((left(ticks(1150, 550, 150)) - 0.5).abs() < 1e-9);
        assert!((left(ticks(1200, 500, 300)) - 1.0).abs() < 1e-9, "all its own");
        assert!((left(before) - 1.0).abs() < 1e-9, "no time has passed");
        assert!((least(10_000.0, 0.5) - 4500.0).abs() < 1e-6);
        assert!(Ticks::read("cpu  1 2", "7 (a) S 1").is_none());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn this_system_tells() {
        assert!(Ticks::now().is_some());
    }
}
