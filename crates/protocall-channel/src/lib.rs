//! The gRPC client: target, resolve, balance, connect, call.
