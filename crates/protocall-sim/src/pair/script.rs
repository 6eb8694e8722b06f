//! A run as a value: what is drawn of it, so that it can be played again, and made smaller.

use std::any::Any;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::operation::Operation;
use super::{Figures, LiveBytes, Pair, Tuning, Violation};
use crate::choices::Choices;
use crate::shrink::Shrink;
use crate::{Conditions, Random};

/// All that a run is a function of.
#[derive(Clone, Debug)]
pub struct Script {
    tuning: Tuning,
    operations: Vec<Operation>,
}

impl Script {
    /// So many operations, fewer if the decisions are spent.
    pub fn draw(choices: &mut impl Choices, steps: u64) -> Self {
        let tuning = Tuning::draw(choices);
        let mut operations = Vec::new();
        while (operations.len() as u64) < steps && !choices.is_spent() {
            operations.push(Operation::draw(choices));
        }
        Self { tuning, operations }
    }

    /// The one that belongs to `seed`.
    pub fn of_seed(seed: u64, steps: u64) -> Self {
        Self::draw(&mut Random::new(seed), steps)
    }

    /// Plays it, and checks every invariant after each step.
    ///
    /// # Errors
    /// The invariant that did not hold; a panic breaks one, too.
    pub fn play(&self, live: LiveBytes) -> Result<Figures, Violation> {
        let played = catch_unwind(AssertUnwindSafe(|| {
            let mut pair = Pair::new(self.tuning.clone(), live);
            for operation in &self.operations {
                pair.step(*operation)?;
            }
            pair.finish()
        }));
        played.unwrap_or_else(|panic| Err(Violation::new(format!("panic: {}", said(&*panic)))))
    }
}

fn said(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("without words")
}

impl Shrink for Script {
    fn parts(&self) -> usize {
        self.operations.len()
    }

    fn without(&self, parts: Range<usize>) -> Self {
        let mut smaller = self.clone();
        smaller.operations.drain(parts);
        smaller
    }

    fn simpler(&self, part: Option<usize>) -> Vec<Self> {
        let Some(part) = part else { return self.simpler_tunings() };
        let Some(operation) = self.operations.get(part) else { return Vec::new() };
        let replaced = operation.simpler().into_iter().map(|operation| {
            let mut simpler = self.clone();
            simpler.operations[part] = operation;
            simpler
        });
        replaced.collect()
    }
}

impl Script {
    fn simpler_tunings(&self) -> Vec<Self> {
        let tunings: [fn(&mut Tuning); 8] = [
            |tuning| tuning.conditions = Conditions::default(),
            |tuning| tuning.windows = (65_535, 65_535),
            |tuning| tuning.budgets = (1_000_000, 1_000_000),
            |tuning| tuning.keepalive = None,
            |tuning| tuning.in_place = (false, false),
            |tuning| tuning.max_frame_bytes = 16_384,
            |tuning| tuning.flush_target = 128 * 1024,
            |tuning| tuning.stream_send_buffer = 64 * 1024,
        ];
        let changed = tunings.into_iter().filter_map(|change| {
            let mut simpler = self.clone();
            change(&mut simpler.tuning);
            (simpler.tuning != self.tuning).then_some(simpler)
        });
        changed.collect()
    }
}
