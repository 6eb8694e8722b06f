//! SETTINGS (RFC 9113 section 6.5): pairs of identifier and value, each value checked here. What a
//! setting changes is decided in `crate::settings`.

use super::{Head, MAX_31_BITS, MAX_MAX_FRAME_BYTES, MIN_MAX_FRAME_BYTES, flag, kind};
use crate::error::ConnectionError;

/// Size of one setting.
pub(crate) const ENTRY_BYTES: usize = 6;

/// Setting identifiers (RFC 9113 section 6.5.2; RFC 8441 section 3).
mod id {
    pub(super) const HEADER_TABLE_SIZE: u16 = 0x1;
    pub(super) const ENABLE_PUSH: u16 = 0x2;
    pub(super) const MAX_CONCURRENT_STREAMS: u16 = 0x3;
    pub(super) const INITIAL_WINDOW_SIZE: u16 = 0x4;
    pub(super) const MAX_FRAME_SIZE: u16 = 0x5;
    pub(super) const MAX_HEADER_LIST_SIZE: u16 = 0x6;
    pub(super) const ENABLE_CONNECT_PROTOCOL: u16 = 0x8;
}

/// One setting, its value in range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Setting {
    HeaderTableSize(u32),
    EnablePush(bool),
    MaxConcurrentStreams(u32),
    InitialWindowSize(u32),
    MaxFrameSize(u32),
    MaxHeaderListSize(u32),
    /// One that means nothing to us.
    Other,
}

/// Checks what can be checked from the head alone.
pub(crate) fn check(head: Head) -> Result<(), ConnectionError> {
    if head.stream != 0 {
        return Err(ConnectionError::protocol("SETTINGS on a stream"));
    }
    if head.has(flag::ACK) && head.length != 0 {
        return Err(ConnectionError::frame_size("SETTINGS acknowledgement with a payload"));
    }
    if !(head.length as usize).is_multiple_of(ENTRY_BYTES) {
        return Err(ConnectionError::frame_size("SETTINGS payload is not made of 6-byte entries"));
    }
    Ok(())
}

/// The settings in `payload`, in order.
pub(crate) fn read(payload: &[u8]) -> impl Iterator<Item = Result<Setting, ConnectionError>> {
    payload.as_chunks::<ENTRY_BYTES>().0.iter().map(|&[i0, i1, v0, v1, v2, v3]| {
        entry(u16::from_be_bytes([i0, i1]), u32::from_be_bytes([v0, v1, v2, v3]))
    })
}

fn entry(id: u16, value: u32) -> Result<Setting, ConnectionError> {
    Ok(match id {
        id::HEADER_TABLE_SIZE => Setting::HeaderTableSize(value),
        id::ENABLE_PUSH => match value {
            0 => Setting::EnablePush(false),
            1 => Setting::EnablePush(true),
            _ => return Err(ConnectionError::protocol("SETTINGS_ENABLE_PUSH is neither 0 nor 1")),
        },
        id::MAX_CONCURRENT_STREAMS => Setting::MaxConcurrentStreams(value),
        id::INITIAL_WINDOW_SIZE if value > MAX_31_BITS => {
            return Err(ConnectionError::flow_control("SETTINGS_INITIAL_WINDOW_SIZE above 2^31-1"));
        }
        id::INITIAL_WINDOW_SIZE => Setting::InitialWindowSize(value),
        id::MAX_FRAME_SIZE if !(MIN_MAX_FRAME_BYTES..=MAX_MAX_FRAME_BYTES).contains(&value) => {
            return Err(ConnectionError::protocol("SETTINGS_MAX_FRAME_SIZE out of range"));
        }
        id::MAX_FRAME_SIZE => Setting::MaxFrameSize(value),
        id::MAX_HEADER_LIST_SIZE => Setting::MaxHeaderListSize(value),
        id::ENABLE_CONNECT_PROTOCOL if value > 1 => {
            return Err(ConnectionError::protocol(
                "SETTINGS_ENABLE_CONNECT_PROTOCOL is neither 0 nor 1",
            ));
        }
        _ => Setting::Other,
    })
}

pub(crate) fn write(settings: &[Setting], out: &mut Vec<u8>) {
    let at = out.len();
    out.extend_from_slice(&[0; super::HEAD_BYTES]);
    let mut length = 0;
    for &setting in settings {
        let (id, value) = match setting {
            Setting::HeaderTableSize(value) => (id::HEADER_TABLE_SIZE, value),
            Setting::EnablePush(value) => (id::ENABLE_PUSH, u32::from(value)),
            Setting::MaxConcurrentStreams(value) => (id::MAX_CONCURRENT_STREAMS, value),
            Setting::InitialWindowSize(value) => (id::INITIAL_WINDOW_SIZE, value),
            Setting::MaxFrameSize(value) => (id::MAX_FRAME_SIZE, value),
            Setting::MaxHeaderListSize(value) => (id::MAX_HEADER_LIST_SIZE, value),
            Setting::Other => continue,
        };
        out.extend_from_slice(&id.to_be_bytes());
        out.extend_from_slice(&value.to_be_bytes());
        length += ENTRY_BYTES as u32;
    }
    let head = Head { length, kind: kind::SETTINGS, flags: 0, stream: 0 }.to_bytes();
    if let Some(place) = out.get_mut(at..at + super::HEAD_BYTES) {
        place.copy_from_slice(&head);
    }
}

pub(crate) fn write_ack(out: &mut Vec<u8>) {
    Head { length: 0, kind: kind::SETTINGS, flags: flag::ACK, stream: 0 }.write(out);
}
