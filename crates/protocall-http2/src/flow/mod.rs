//! Flow control arithmetic (RFC 9113 sections 5.2 and 6.9). Windows of streams are kept as
//! differences to the initial window in force, so that a SETTINGS change costs nothing a stream.
//! Which stream sends when is `send`'s part; when credit goes back, `recv` and the commands decide.

mod bdp;
mod pressure;
mod receive;
mod window;

pub(crate) use bdp::Estimator;
pub(crate) use pressure::Pressure;
pub(crate) use receive::{ConnectionCredit, StreamCredit};
pub(crate) use window::StreamWindow;

/// The windows that every connection starts with (RFC 9113 section 6.9.2).
pub(crate) const PROTOCOL_WINDOW: i64 = 65_535;

/// The largest window (RFC 9113 section 6.9.1).
pub(crate) const MAX_WINDOW: i64 = 0x7fff_ffff;

/// How often a window is halved to be what must be due before a WINDOW_UPDATE is worth its own
/// write; of wide windows, less.
pub(crate) const WORTH_A_WRITE: u32 = 1;

/// The same when other output is being written anyway.
pub(crate) const WORTH_A_RIDE: u32 = 2;

/// Whatever is due is worth it.
pub(crate) const AT_ONCE: u32 = 62;

/// The peer used more than its window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct WindowExceeded;

#[cfg(test)]
mod tests;
