//! Token buckets against abuse, and counters of everything unusual.

/// How often a connection met something unusual. Never reset; a driver reads and adds them up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counters {
    /// Streams that ended on both sides without a reset.
    pub streams_completed: u64,
    /// RST_STREAM frames received on open streams.
    pub resets_received: u64,
    /// Those of them that came soon after the stream was opened and so cost a token.
    pub rapid_resets: u64,
    /// RST_STREAM frames sent because the peer broke a stream rule.
    pub resets_provoked: u64,
    /// Streams refused because too many were open, or because the connection is going away.
    pub streams_refused: u64,
    /// Header lists over the limits.
    pub headers_too_large: u64,
    /// Empty DATA frames that did not end their stream.
    pub empty_data: u64,
    /// Frames of unknown type.
    pub unknown_frames: u64,
    /// PRIORITY frames.
    pub priority_frames: u64,
    /// Frames on streams that had ended, and unasked acknowledgements.
    pub stray_frames: u64,
    /// PING frames received that were not acknowledgements.
    pub pings_received: u64,
    /// Pings that came too soon (gRFC A8).
    pub ping_strikes: u64,
    /// SETTINGS frames received that were not acknowledgements.
    pub settings_received: u64,
    /// Times that input was refused because answers waited to be written.
    pub input_paused: u64,
    /// 1 after a limit closed the connection (ENHANCE_YOUR_CALM).
    pub abuse_kills: u64,
}
