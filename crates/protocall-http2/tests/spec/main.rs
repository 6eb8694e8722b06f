//! The rules of RFC 9113, one module a section: raw bytes in, events and frames out. The frames
//! are built and read by `support`, which shares no code with the library.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod adaptive;
mod configured;
mod lifetime;
mod limits;
mod liveness;
mod receive_budget;
mod s3_4_preface;
mod s4_frames;
mod s5_1_states;
mod s6_10_continuation;
mod s6_1_data;
mod s6_2_headers;
mod s6_3_to_6_4_priority_and_reset;
mod s6_5_settings;
mod s6_7_ping;
mod s6_8_goaway;
mod s6_9_flow_control;
mod s8_messages;
mod sending;
mod support;
