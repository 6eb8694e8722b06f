//! Nothing but benchmarks is here: see `benches/http2.rs`.
