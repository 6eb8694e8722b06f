//! The workspace's own tests: spec, contract, golden, abuse.
