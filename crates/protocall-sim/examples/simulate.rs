//! Runs pairs of connections by the thousand: `simulate [--seeds N] [--steps M] [--first SEED]`.
//! Each seed is a run of M / N steps with every invariant checked after each. A failing seed
//! prints itself and how to run it alone. What is checked is in `protocall_sim::pair`.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program speaks to its user")]

use std::alloc::System;
use std::process::ExitCode;
use std::time::Instant;

use protocall_sim::pair::{Figures, run_seed};
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
    let mut failed = 0;
    for seed in plan.first..plan.first.saturating_add(plan.seeds) {
        match run_seed(seed, steps, live) {
            Ok(figures) => {
                total.steps += figures.steps;
                total.streams += figures.streams;
                total.payload += figures.payload;
                total.memory = total.memory.max(figures.memory);
            }
            Err(violation) => {
                failed += 1;
                println!("seed {seed}: {violation}");
                println!("  again: cargo xtask simulate --first {seed} --seeds 1 --steps {steps}");
            }
        }
    }
    println!(
        "{} seeds, {} steps, {} streams, {} MiB of payload, at most {} KiB a connection, {} s",
        plan.seeds,
        total.steps,
        total.streams,
        total.payload >> 20,
        total.memory >> 10,
        begin.elapsed().as_secs(),
    );
    println!("{} passed, {failed} failed", plan.seeds - failed);
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
