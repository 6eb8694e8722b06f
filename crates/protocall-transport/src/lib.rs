//! Connections: one task owns one connection; every waker and lock lives here.
