//! What the machine takes for one round trip when nothing is done with the bytes: two threads that
//! block on a TCP connection. No call can be quicker than this, on the same machine, one at a time.

use crate::Failure;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};

/// About what a hello call's request and response take on the wire.
const BYTES: usize = 64;

/// Measures for so many seconds, and prints one line.
pub(crate) fn run(seconds: &str) -> Result<(), Failure> {
    let end = Instant::now() + Duration::from_secs_f64(seconds.parse()?);
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let mut client = TcpStream::connect(listener.local_addr()?)?;
    let (mut server, _) = listener.accept()?;
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    std::thread::spawn(move || {
        let mut bytes = [0; BYTES];
        while server.read_exact(&mut bytes).and_then(|()| server.write_all(&bytes)).is_ok() {}
    });
    let (mut bytes, mut latencies) = ([7; BYTES], Vec::new());
    while Instant::now() < end {
        let start = Instant::now();
        client.write_all(&bytes)?;
        client.read_exact(&mut bytes)?;
        latencies.push(u32::try_from(start.elapsed().as_micros()).unwrap_or(u32::MAX));
    }
    latencies.sort_unstable();
    let last = latencies.len().saturating_sub(1);
    let at = |share: f64| latencies.get((last as f64 * share) as usize).copied().unwrap_or(0);
    println!("p50us={} p99us={} p999us={}", at(0.5), at(0.99), at(0.999));
    Ok(())
}
