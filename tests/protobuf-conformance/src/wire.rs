//! The program that the conformance runner starts a second time: messages through the wire codec.

use std::error::Error;

use protobuf_conformance::{Binary, run};

fn main() -> Result<(), Box<dyn Error>> {
    run(Binary::Wire)
}
