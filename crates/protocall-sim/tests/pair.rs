//! A small run of the pair's simulation with every `cargo test`; the large one is
//! `cargo xtask simulate`.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use protocall_sim::pair::{Script, run, run_seed, uncounted};
use protocall_sim::{ByteChoices, Random, Shrink, shrink};

#[test]
fn seeds_hold_every_invariant() {
    let mut streams = 0;
    let mut payload = 0;
    for seed in 0..60 {
        match run_seed(seed, 300, uncounted) {
            Ok(figures) => {
                streams += figures.streams;
                payload += figures.payload;
            }
            Err(violation) => panic!("seed {seed}: {violation}"),
        }
    }
    // a simulation in which nothing happens would hold them too
    assert!(streams > 200 && payload > 500_000, "{streams} streams, {payload} bytes");
}

#[test]
fn a_seed_repeats_its_run() {
    assert_eq!(run_seed(3, 500, uncounted), run_seed(3, 500, uncounted));
    assert_ne!(run_seed(3, 500, uncounted), run_seed(4, 500, uncounted));
}

#[test]
fn decisions_may_come_from_bytes() {
    let mut random = Random::new(9);
    let bytes: Vec<u8> = (0..4000).map(|_| random.next_u64() as u8).collect();
    let figures = run(&mut ByteChoices::new(&bytes), u64::MAX, uncounted).unwrap();
    assert!(figures.steps > 500 && figures.streams > 0, "{figures:?}");
}

#[test]
fn a_failing_run_shrinks_to_the_operations_that_matter() {
    // "no payload may arrive" is broken by every run that does something
    let fails = |script: &Script| {
        let figures = script.play(uncounted).ok()?;
        (figures.payload > 100).then_some(figures.payload)
    };
    let script = Script::of_seed(5, 300);
    let payload = fails(&script).unwrap();
    let (script, payload) = shrink(script, payload, fails);
    // one opens a stream, one sends on it, and all arrives when the run ends
    assert!(script.parts() <= 3 && payload < 300, "{payload} by {script:#?}");
}
