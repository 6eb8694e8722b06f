//! The first bytes (RFC 9113 section 3.4): a client's preface, and how to tell that a peer speaks
//! something else.

use super::{Position, Progress};
use crate::connection::{Connection, Side};
use crate::error::ConnectionError;

/// What a client sends first.
pub(crate) const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// How an HTTP/1 response begins; as a frame head it would announce 4.7 MB of type 0x50.
const HTTP1_RESPONSE: &[u8] = b"HTTP/";

impl Connection {
    /// Takes what is there of the preface, byte by byte, so that another protocol is recognised at
    /// the first byte that differs.
    pub(super) fn preface<'i>(
        &mut self,
        matched: usize,
        input: &mut &'i [u8],
    ) -> Result<Progress<'i>, ConnectionError> {
        let expected = PREFACE.get(matched..).unwrap_or_default();
        let length = expected.len().min(input.len());
        let (now, rest) = input.split_at(length);
        if now != expected.get(..length).unwrap_or_default() {
            return Err(ConnectionError::not_http2("the client's preface is not HTTP/2"));
        }
        *input = rest;
        if matched + length < PREFACE.len() {
            self.reader.position = Position::Preface(matched + length);
            return Ok(Progress::Incomplete);
        }
        self.reader.position = Position::Frame;
        Ok(Progress::Done)
    }

    /// A server that answers in HTTP/1.
    pub(super) fn check_for_http1(&self, input: &[u8]) -> Result<(), ConnectionError> {
        let first = self.side == Side::Client && !self.reader.settings_seen;
        if first && input.starts_with(HTTP1_RESPONSE) {
            return Err(ConnectionError::not_http2("the server answered in HTTP/1"));
        }
        Ok(())
    }
}
