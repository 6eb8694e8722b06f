//! HTTP/2 and HPACK as a pure state machine: bytes to stream events and back.
