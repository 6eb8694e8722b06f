//! Runs pairs of connections by the thousand: `simulate [--seeds N] [--steps M] [--first SEED]`.
//! Each seed is a run of M / N steps with every invariant checked after each, and a transfer of
//! messages against a receive budget. A failing seed prints itself, how to run it alone, and the
//! smallest case found that fails, too. What is checked is in `protocall_sim::pair` and
//! `protocall_sim::messages`.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program speaks to its user")]

use std::alloc::System;
use std::fmt::{Debug, Display};
use std::process::ExitCode;
use std::time::Instant;

use protocall_sim::messages::{self, Outcome};
use protocall_sim::pair::{Figures, Script};
use protocall_sim::{Shrink, shrink};
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Bytes allocated and not freed; the program has one thread.
fn live() -> usize {
    let stats = ALLOCATOR.stats();
    stats.bytes_allocated.wrapping_sub(stats.bytes_deallocated)
}

struct Plan {
    seeds: u64,
    steps: u64,
    first: u64,
}

fn plan() -> Result<Plan, String> {
    let mut plan = Plan { seeds: 10_000, steps: 10_000_000, first: 0 };
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let value = arguments.next().and_then(|value| value.replace('_', "").parse().ok());
        let value = value.ok_or_else(|| format!("{argument} wants a number"))?;
        match argument.as_str() {
            "--seeds" => plan.seeds = value,
            "--steps" => plan.steps = value,
            "--first" => plan.first = value,
            _ => return Err(format!("unknown option `{argument}`")),
        }
    }
    if plan.seeds == 0 || plan.steps < plan.seeds {
        return Err("at least one seed and one step a seed".to_owned());
    }
    Ok(plan)
}

/// Runs a case; when it fails, tells how, and the smallest case that fails.
fn check<T: Shrink + Debug, O, E: Display>(
    case: T,
    run: impl Fn(&T) -> Result<O, E>,
    again: &str,
) -> Option<O> {
    let error = match run(&case) {
        Ok(outcome) => return Some(outcome),
        Err(error) => error,
    };
    println!("{again}\n  fails: {error}");
    let (case, error) = shrink(case, error, |case| run(case).err());
    println!("  the smallest case that fails: {error}\n  {case:#?}");
    None
}

fn main() -> ExitCode {
    let plan = match plan() {
        Ok(plan) => plan,
        Err(error) => {
            eprintln!("error: {error}");
            return ExitCode::from(2);
        }
    };
    let begin = Instant::now();
    let steps = plan.steps.div_ceil(plan.seeds);
    let mut total = Figures::default();
    let mut messages = Outcome::default();
    let mut failed = 0;
    for seed in plan.first..plan.first.saturating_add(plan.seeds) {
        let again = format!("cargo xtask simulate --first {seed} --seeds 1 --steps {steps}");
        match check(Script::of_seed(seed, steps), |script| script.play(live), &again) {
            Some(figures) => {
                total.steps += figures.steps;
                total.streams += figures.streams;
                total.payload += figures.payload;
                total.memory = total.memory.max(figures.memory);
            }
            None => failed += 1,
        }
        match check(messages::Plan::of_seed(seed), messages::run, &again) {
            Some(outcome) => {
                messages.bytes += outcome.bytes;
                messages.narrowed += outcome.narrowed;
                messages.most_held = messages.most_held.max(outcome.most_held);
            }
            None => failed += 1,
        }
    }
    println!(
        "messages: {} MiB, at most {} KiB held, windows narrowed {} times",
        messages.bytes >> 20,
        messages.most_held >> 10,
        messages.narrowed,
    );
    println!(
        "{} seeds, {} steps, {} streams, {} MiB of payload, at most {} KiB a connection, {} s",
        plan.seeds,
        total.steps,
        total.streams,
        total.payload >> 20,
        total.memory >> 10,
        begin.elapsed().as_secs(),
    );
    println!("{} passed, {failed} failed", 2 * plan.seeds - failed);
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
