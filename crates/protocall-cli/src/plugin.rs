//! `protocall plugin`: the plugin protocol of protoc and buf, on standard input and output.

use std::io::{Read, Write};

use crate::failure::Failure;

pub(crate) fn run() -> Result<(), Failure> {
    let mut request = Vec::new();
    std::io::stdin().lock().read_to_end(&mut request).map_err(Failure::Stream)?;
    let response = protocall_build::plugin::respond(&request)?;
    let mut out = std::io::stdout().lock();
    out.write_all(&response).and_then(|()| out.flush()).map_err(Failure::Stream)
}
