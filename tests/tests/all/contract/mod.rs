//! What every call may count on, whatever it travels over: one suite, run over each kind of wire.

mod busy_poll;
mod compression;
mod credit;
mod errors;
mod interceptors;
mod limits;
mod metadata;
mod sizes;
mod streams;

/// Makes a test of each function for each kind of wire.
macro_rules! over_each_wire {
    ($($test:ident),* $(,)?) => {
        mod tcp {
            use protocall_tests::rig::Wire;
            $(#[test] fn $test() { protocall_tests::run(super::$test(Wire::Tcp)) })*
        }
        mod memory {
            use protocall_tests::rig::Wire;
            $(#[test] fn $test() { protocall_tests::run(super::$test(Wire::Pipe(256 * 1024))) })*
        }
        /// A pipe so narrow that nearly every write waits and frames are cut anywhere.
        mod narrow {
            use protocall_tests::rig::Wire;
            $(#[test] fn $test() { protocall_tests::run(super::$test(Wire::Pipe(9973))) })*
        }
    };
}
use over_each_wire;
