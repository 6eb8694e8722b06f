//! A seeded in-memory network with a virtual clock, for tests.
