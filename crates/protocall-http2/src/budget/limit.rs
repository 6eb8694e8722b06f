//! Which limit ended a connection: its sentence on the wire, and its counter.

use super::Counters;

/// A limit whose crossing ends a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Limit {
    /// [`Limits::resets_received`](crate::Limits::resets_received).
    RapidResets,
    /// [`Limits::resets_sent`](crate::Limits::resets_sent).
    ProvokedResets,
    /// [`Limits::useless_frames`](crate::Limits::useless_frames).
    UselessFrames,
    /// [`Limits::control_frames_kill`](crate::Limits::control_frames_kill).
    ControlFrames,
    /// [`Limits::settings_entries`](crate::Limits::settings_entries).
    SettingsEntries,
    /// [`Limits::continuations`](crate::Limits::continuations).
    Continuations,
    /// [`Limits::header_block_bytes`](crate::Limits::header_block_bytes).
    HeaderBlockBytes,
    /// Many times [`Limits::header_list_bytes`](crate::Limits::header_list_bytes) or
    /// [`Limits::header_fields`](crate::Limits::header_fields).
    HeaderFlood,
    /// [`MAX_PING_STRIKES`](crate::config::MAX_PING_STRIKES).
    Pings,
    /// [`Config::max_frame_bytes`](crate::Config::max_frame_bytes).
    FrameBytes,
    /// [`Config::header_table_bytes`](crate::Config::header_table_bytes).
    HeaderTableBytes,
    /// The connection's window.
    Window,
    /// [`Config::preface_timeout`](crate::Config::preface_timeout).
    PrefaceTime,
    /// [`Config::header_block_timeout`](crate::Config::header_block_timeout).
    HeaderBlockTime,
    /// [`Config::keepalive_timeout`](crate::Config::keepalive_timeout).
    KeepaliveTime,
    /// [`Config::settings_timeout`](crate::Config::settings_timeout).
    SettingsTime,
    /// [`Config::write_timeout`](crate::Config::write_timeout).
    WriteTime,
    /// [`Config::max_connection_age_grace`](crate::Config::max_connection_age_grace).
    AgeGrace,
}

impl Limit {
    /// What GOAWAY carries as debug data.
    pub(crate) const fn reason(self) -> &'static str {
        match self {
            Self::RapidResets => "too many rapid resets",
            Self::ProvokedResets => "too many stream errors",
            Self::UselessFrames => "too many frames that do nothing",
            Self::ControlFrames => "too many unwritten answers",
            Self::SettingsEntries => "too many entries in SETTINGS",
            Self::Continuations => "too many CONTINUATION frames",
            Self::HeaderBlockBytes => "header block is too large",
            Self::HeaderFlood => "hpack: header list far above the limit",
            // gRFC A8 demands these very words
            Self::Pings => "too_many_pings",
            Self::FrameBytes => "frame is larger than SETTINGS_MAX_FRAME_SIZE",
            Self::HeaderTableBytes => "hpack: table size update above the limit",
            Self::Window => "DATA beyond the connection's window",
            Self::PrefaceTime => "no preface and SETTINGS in time",
            Self::HeaderBlockTime => "header block took too long",
            Self::KeepaliveTime => "keepalive: no answer in time",
            Self::SettingsTime => "SETTINGS were not acknowledged in time",
            Self::WriteTime => "nothing was read of what waits to be written",
            // gRFC A9's word
            Self::AgeGrace => "max_age",
        }
    }

    /// Where it is counted.
    pub(super) const fn counter(self, counters: &mut Counters) -> &mut u64 {
        match self {
            Self::RapidResets => &mut counters.rapid_resets_exceeded,
            Self::ProvokedResets => &mut counters.resets_provoked_exceeded,
            Self::UselessFrames => &mut counters.useless_frames_exceeded,
            Self::ControlFrames => &mut counters.control_frames_exceeded,
            Self::SettingsEntries => &mut counters.settings_entries_exceeded,
            Self::Continuations => &mut counters.continuations_exceeded,
            Self::HeaderBlockBytes => &mut counters.header_block_bytes_exceeded,
            Self::HeaderFlood => &mut counters.header_floods,
            Self::Pings => &mut counters.pings_exceeded,
            Self::FrameBytes => &mut counters.frame_bytes_exceeded,
            Self::HeaderTableBytes => &mut counters.header_table_bytes_exceeded,
            Self::Window => &mut counters.windows_exceeded,
            Self::PrefaceTime => &mut counters.preface_timeouts,
            Self::HeaderBlockTime => &mut counters.header_block_timeouts,
            Self::KeepaliveTime => &mut counters.keepalive_timeouts,
            Self::SettingsTime => &mut counters.settings_timeouts,
            Self::WriteTime => &mut counters.write_timeouts,
            Self::AgeGrace => &mut counters.max_age_grace_exceeded,
        }
    }
}
