//! What the conformance runner starts: requests on standard input, responses on standard output,
//! each behind its length in four bytes, little-endian. Ends with its input.

use std::error::Error;
use std::io::{self, Read, Write};

use protocall::buffa::Message;

use crate::proto::conformance::ConformanceRequest;
use crate::{Binary, answer, register};

/// Answers all requests.
///
/// # Errors
/// Standard input or output that breaks, or a request that is none.
pub fn run(binary: Binary) -> Result<(), Box<dyn Error>> {
    register();
    let (mut input, mut output) = (io::stdin().lock(), io::stdout().lock());
    while let Some(request) = next(&mut input)? {
        let request = ConformanceRequest::decode_from_slice(&request)?;
        let response = answer(&request, binary).encode_to_vec();
        output.write_all(&u32::try_from(response.len())?.to_le_bytes())?;
        output.write_all(&response)?;
        output.flush()?;
    }
    Ok(())
}

/// The next request; `None` at the end of the input.
fn next(input: &mut impl Read) -> Result<Option<Vec<u8>>, Box<dyn Error>> {
    let mut length = [0; 4];
    match input.read_exact(&mut length) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        other => other?,
    }
    let mut request = vec![0; usize::try_from(u32::from_le_bytes(length))?];
    input.read_exact(&mut request)?;
    Ok(Some(request))
}
