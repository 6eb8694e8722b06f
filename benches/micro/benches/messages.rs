//! Messages through buffa and through the wire codec: a hello of 14 bytes, an order of 2 KB, a list
//! of 1 MB; times and allocations.
//!
//! `cargo bench -p protocall-micro --bench messages`. On a busy machine count instructions, as the
//! benchmarks beside say.
#![allow(clippy::unwrap_used)]

use divan::{Bencher, black_box};
use protocall::codec::{Buffa, Codec, Payload, Wire};

#[allow(dead_code, reason = "the program that it belongs to also prints it")]
#[path = "../../bench-peer/src/order.rs"]
mod order;
#[allow(missing_docs, unreachable_pub, reason = "comments of the .proto files are the docs")]
mod proto {
    protocall::include_proto!();
}

use proto::bench::Order;
use proto::big::{Big, Point, Record};
use proto::example::HelloRequest;

#[global_allocator]
static ALLOCATOR: divan::AllocProfiler = divan::AllocProfiler::system();

fn main() {
    divan::main();
}

trait Example: Sized {
    fn example() -> Self;
}

impl Example for HelloRequest {
    fn example() -> Self {
        Self { name: "hello, world".into(), ..Self::default() }
    }
}

impl Example for Order {
    fn example() -> Self {
        order::example()
    }
}

impl Example for Big {
    fn example() -> Self {
        let record = |id: u32| Record {
            id: 4_000_000 + u64::from(id),
            name: format!("record number {id}"),
            body: vec![id as u8; 24],
            numbers: vec![id, id * 7, 3],
            score: f64::from(id) * 1.5,
            at: Point { x: 1.0, y: f64::from(id), ..Point::default() }.into(),
            ..Record::default()
        };
        Self { records: (0..11_000).map(record).collect(), ..Self::default() }
    }
}

#[divan::bench(types = [HelloRequest, Order, Big])]
fn decode_buffa<M: Example>(bencher: Bencher<'_, '_>)
where
    Buffa: Codec<M>,
{
    decode::<Buffa, M>(bencher);
}

#[divan::bench(types = [HelloRequest, Order, Big])]
fn decode_wire<M: Example>(bencher: Bencher<'_, '_>)
where
    Wire: Codec<M>,
{
    decode::<Wire, M>(bencher);
}

#[divan::bench(types = [HelloRequest, Order, Big])]
fn encode_buffa<M: Example>(bencher: Bencher<'_, '_>)
where
    Buffa: Codec<M>,
{
    encode::<Buffa, M>(bencher);
}

#[divan::bench(types = [HelloRequest, Order, Big])]
fn encode_wire<M: Example>(bencher: Bencher<'_, '_>)
where
    Wire: Codec<M>,
{
    encode::<Wire, M>(bencher);
}

/// Decodes, and drops what was decoded.
fn decode<C: Codec<M>, M: Example>(bencher: Bencher<'_, '_>) {
    let mut bytes = Vec::new();
    C::encode(&M::example(), &mut bytes).unwrap();
    bencher.bench_local(|| drop(C::decode(Payload::borrowed(black_box(&bytes))).unwrap()));
}

/// Encodes into a buffer that was used before.
fn encode<C: Codec<M>, M: Example>(bencher: Bencher<'_, '_>) {
    let (message, mut buffer) = (M::example(), Vec::new());
    bencher.bench_local(|| {
        buffer.clear();
        C::encode(black_box(&message), &mut buffer).unwrap();
    });
}
