//! What goes over stdin and stdout: messages behind four bytes of length, big-endian.

use protocall::buffa::Message;
use std::io;
use tokio::io::{AsyncReadExt, AsyncWriteExt, Stdin, Stdout};

/// The largest message that is read; the suite's are below a megabyte.
const LIMIT: u32 = 64 * 1024 * 1024;

/// The next message; `None` at the end of the input.
///
/// # Errors
/// Of reading, and for what is no such message.
pub async fn read<M: Message>(input: &mut Stdin) -> io::Result<Option<M>> {
    let mut prefix = [0; 4];
    match input.read_exact(&mut prefix).await {
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        Err(error) => return Err(error),
    }
    let len = u32::from_be_bytes(prefix);
    if len > LIMIT {
        return Err(io::Error::other(format!("a message of {len} bytes")));
    }
    let mut bytes = vec![0; usize::try_from(len).map_err(io::Error::other)?];
    input.read_exact(&mut bytes).await?;
    M::decode_from_slice(&bytes).map(Some).map_err(io::Error::other)
}

/// Writes a message.
///
/// # Errors
/// Of writing.
pub async fn write<M: Message>(output: &mut Stdout, message: &M) -> io::Result<()> {
    let body = message.encode_to_vec();
    let len = u32::try_from(body.len()).map_err(io::Error::other)?;
    output.write_all(&[&len.to_be_bytes()[..], &body].concat()).await?;
    output.flush().await
}
