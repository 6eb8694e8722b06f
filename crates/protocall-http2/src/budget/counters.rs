//! Counters of everything unusual: how often each limit was met, and what came close to it. What
//! the limits are, `config` says; which of them ended a connection, `limit`.
//!
//! A connection keeps only what it has not handed over yet: a number, and counters of its own as
//! long as something unusual is among it.

/// Declares the counters once; names, sums and differences follow from the list.
macro_rules! counters {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// How often a connection, or all of a driver's, met something unusual.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        #[non_exhaustive]
        pub struct Counters {
            $($(#[$doc])* pub $name: u64,)*
        }

        impl Counters {
            /// The names of the counters, in the order of [`Counters::values`].
            pub const NAMES: &'static [&'static str] = &[$(stringify!($name)),*];

            /// How many counters there are.
            pub const COUNT: usize = Self::NAMES.len();

            /// The counters as numbers, in the order of [`Counters::NAMES`].
            pub const fn values(&self) -> [u64; Self::COUNT] {
                [$(self.$name),*]
            }

            /// Counters with these numbers, in the order of [`Counters::NAMES`].
            pub const fn from_values(values: [u64; Self::COUNT]) -> Self {
                let [$($name),*] = values;
                Self { $($name),* }
            }
        }
    };
}

counters! {
    /// Streams that ended on both sides without a reset.
    streams_completed,
    /// Streams refused because too many were open.
    streams_refused,
    /// Streams refused because this side is going away.
    streams_refused_leaving,
    /// Header lists of more bytes than the limit; answered or reset, the connection lives.
    header_list_bytes_exceeded,
    /// Header lists of more fields than the limit; answered or reset, the connection lives.
    header_fields_exceeded,
    /// Connections ended by a header list so far above its limits that nobody errs that much.
    header_floods,
    /// Connections ended by a header block of too many CONTINUATION frames.
    continuations_exceeded,
    /// Connections ended by a header block of too many encoded bytes.
    header_block_bytes_exceeded,
    /// RST_STREAM frames received on open streams.
    resets_received,
    /// Those of them that came soon after the stream was opened and so cost a token.
    rapid_resets,
    /// Connections ended because rapid resets ran out of tokens.
    rapid_resets_exceeded,
    /// RST_STREAM frames sent because the peer broke a stream rule.
    resets_provoked,
    /// Connections ended because provoked resets ran out of tokens.
    resets_provoked_exceeded,
    /// Empty DATA frames that did not end their stream.
    empty_data,
    /// Frames of unknown type.
    unknown_frames,
    /// PRIORITY frames.
    priority_frames,
    /// Interim (1xx) responses received.
    interim_responses,
    /// Frames on streams that had ended, and unasked acknowledgements.
    stray_frames,
    /// GOAWAY frames after the first.
    goaways_repeated,
    /// Connections ended because useless frames (the six counters above, and SETTINGS after the
    /// first) ran out of tokens.
    useless_frames_exceeded,
    /// Times that input was refused because answers waited to be written.
    input_paused,
    /// Connections ended because too many answers waited to be written.
    control_frames_exceeded,
    /// PING frames received that were not acknowledgements.
    pings_received,
    /// Pings that came too soon (gRFC A8).
    ping_strikes,
    /// Connections ended by one ping strike too many (gRFC A8, "too_many_pings").
    pings_exceeded,
    /// PING frames sent to measure the path (`Config::adaptive_window`).
    probes,
    /// SETTINGS frames received that were not acknowledgements.
    settings_received,
    /// SETTINGS that offered our HPACK encoder a larger table than it uses; it stays at its own
    /// size.
    header_tables_capped,
    /// Connections ended by an HPACK table size update above what our decoder allows.
    header_table_bytes_exceeded,
    /// Connections ended by a SETTINGS frame of too many entries.
    settings_entries_exceeded,
    /// Connections ended by a frame larger than SETTINGS_MAX_FRAME_SIZE.
    frame_bytes_exceeded,
    /// DATA beyond a window: the stream was reset, or the connection ended.
    windows_exceeded,
    /// Times that a message needed a larger window than the most that one is raised to.
    windows_capped,
    /// Times that windows were narrowed because the receive budget was nearly used up.
    windows_narrowed,
    /// Times that connection credit began to be withheld because the receive budget was used up.
    receive_budget_withheld,
    /// Times that a stream's send buffer became full.
    stream_send_buffers_filled,
    /// Times that the connection's send buffer became full.
    connection_send_buffer_filled,
    /// Connections ended because the preface and first SETTINGS took too long.
    preface_timeouts,
    /// Connections ended because a header block took too long.
    header_block_timeouts,
    /// Connections ended because SETTINGS were not acknowledged in time.
    settings_timeouts,
    /// Connections ended because the peer took nothing of what waited to be written.
    write_timeouts,
    /// Keepalive PINGs sent (gRFC A8, A9).
    keepalive_pings,
    /// Connections ended because a keepalive PING was not answered in time (gRFC A8, A9).
    keepalive_timeouts,
    /// Connections of a client that had used three quarters of their stream ids, and so are to be
    /// replaced (`Connection::is_worn`).
    stream_ids_worn,
    /// Graceful shutdowns whose PING was not answered in time.
    goaway_timeouts,
    /// Connections that were shut down because they were idle for too long (gRFC A9).
    max_idle_reached,
    /// Connections that were shut down because of their age (gRFC A9).
    max_age_reached,
    /// Connections ended because streams outlived the grace after that (gRFC A9).
    max_age_grace_exceeded,
    /// Connections ended because the peer broke RFC 9113 or RFC 7541.
    protocol_kills,
    /// Connections ended because the first bytes were not HTTP/2.
    foreign_protocols,
    /// Connections ended because the peer went over a limit (ENHANCE_YOUR_CALM).
    abuse_kills,
    /// Connections ended because the peer took too long.
    timeout_kills,
}

/// What a connection has counted and not handed over.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    completed: u64,
    /// Made by the first that is counted.
    unusual: Option<Box<Counters>>,
}

impl Tally {
    /// A stream has ended on both sides.
    #[inline]
    pub(crate) fn complete(&mut self) {
        self.completed += 1;
    }

    /// Something unusual was met: where it is counted.
    #[cold]
    pub(crate) fn met(&mut self) -> &mut Counters {
        self.unusual.get_or_insert_default()
    }

    /// All of it.
    pub(crate) fn counters(&self) -> Counters {
        let unusual = self.unusual.as_deref().copied().unwrap_or_default();
        Counters { streams_completed: self.completed, ..unusual }
    }

    /// Hands the number of completed streams over.
    #[inline]
    pub(crate) fn take_completed(&mut self) -> u64 {
        core::mem::take(&mut self.completed)
    }

    /// Hands the rest over, if there is any.
    #[inline]
    pub(crate) fn take_unusual(&mut self) -> Option<Box<Counters>> {
        self.unusual.take()
    }
}
