//! The program that the conformance runner starts: messages through buffa's codec.

use std::error::Error;

use protobuf_conformance::{Binary, run};

fn main() -> Result<(), Box<dyn Error>> {
    run(Binary::Buffa)
}
