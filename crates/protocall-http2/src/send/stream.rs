//! Commands that begin, carry on and end the sending side of a stream.

use crate::config::STREAMS_BEFORE_SETTINGS;
use crate::connection::{Connection, Part, Side};
use crate::error::{ErrorCode, OpenError, SendError, StreamGone};
use crate::flow::WORTH_A_WRITE;
use crate::frame::{MAX_31_BITS, rst_stream};
use crate::send::{Ending, QueuedHead};
use crate::stream::{Closed, Half, Passage, StreamKey};

/// The stream id from which a connection should be replaced, as in grpc-go: what is left suffices
/// for the calls that come until another one is there.
const WORN_FROM: u32 = MAX_31_BITS / 4 * 3;

impl Connection {
    /// Opens a stream with a request head (clients). The head must be well-formed: the connection
    /// checks what it receives, not what it is told to send.
    ///
    /// # Errors
    /// See [`OpenError`]; nothing was sent.
    pub fn open(&mut self, head: &[Part<'_>], end_stream: bool) -> Result<StreamKey, OpenError> {
        if self.side == Side::Server {
            return Err(OpenError::NotClient);
        }
        if self.is_going_away() {
            return Err(OpenError::GoingAway);
        }
        if self.next_stream > MAX_31_BITS {
            return Err(OpenError::IdsExhausted);
        }
        if self.open_capacity() == 0 {
            return Err(OpenError::ConcurrencyLimit);
        }
        if !self.fits_peer(head) {
            return Err(OpenError::HeaderListTooLarge);
        }
        let key = self.store.insert(self.next_stream);
        let counted = self.is_worn() && self.next_stream != self.config.first_stream_id;
        self.next_stream += 2;
        if self.is_worn() && !counted {
            self.counters.met().stream_ids_worn += 1;
        }
        self.stream_opened();
        let head_request = self.is_head_request(head);
        if let Some(stream) = self.store.get_mut(key) {
            stream.opened = self.now;
            stream.head_request = head_request;
            stream.send = if end_stream { Half::Ended } else { Half::Body };
        }
        self.write_head(key.id(), head, end_stream);
        Ok(key)
    }

    /// Three quarters of a client's stream ids are used: time to replace the connection, while
    /// calls can still be opened on it.
    pub fn is_worn(&self) -> bool {
        self.next_stream >= WORN_FROM
    }

    /// How many streams could be opened now: 0 when going away or on a server.
    pub fn open_capacity(&self) -> usize {
        if self.side == Side::Server || self.is_going_away() {
            return 0;
        }
        let limit = match self.peer.max_concurrent_streams {
            Some(limit) => limit,
            None if self.peer.received => u32::MAX,
            None => STREAMS_BEFORE_SETTINGS,
        };
        let ids = (MAX_31_BITS + 2).saturating_sub(self.next_stream) / 2;
        (limit as usize).saturating_sub(self.store.len()).min(ids as usize)
    }

    /// Sends the initial headers, or, when they were sent and `end_stream` is set, trailers
    /// (which queue behind blocked data).
    ///
    /// # Errors
    /// See [`SendError`]; nothing was sent.
    pub fn send_headers(
        &mut self,
        stream: StreamKey,
        head: &[Part<'_>],
        end_stream: bool,
    ) -> Result<(), SendError> {
        let found = self.store.get(stream).ok_or(SendError::StreamGone)?;
        let after = found.send.after(Passage::Headers { end_stream });
        let (Ok(after), Ending::Open) = (after, found.ending()) else {
            return Err(SendError::OutOfOrder);
        };
        let waits = found.queued() > 0;
        if !self.fits_peer(head) {
            return Err(SendError::HeaderListTooLarge);
        }
        if waits {
            let queued = Box::new(QueuedHead::new(head));
            if let Some(found) = self.store.get_mut(stream) {
                found.aside().ending = Ending::Trailers(queued);
            }
            return Ok(());
        }
        self.write_head(stream.id(), head, end_stream);
        let answered_at = self.output.end();
        if end_stream {
            self.finish_sending(stream);
        } else if let Some(found) = self.store.get_mut(stream) {
            found.send = after;
            found.answered_at = answered_at;
        }
        Ok(())
    }

    /// Sends RST_STREAM, drops what is queued, frees the stream; no further event comes for it.
    ///
    /// # Errors
    /// [`StreamGone`] if it had ended already.
    pub fn reset(&mut self, stream: StreamKey, code: ErrorCode) -> Result<(), StreamGone> {
        if self.store.get(stream).is_none() {
            return Err(StreamGone);
        }
        rst_stream::write(stream.id(), code, self.output.buffer());
        self.remove_stream(stream, Closed::ResetByUs);
        Ok(())
    }

    /// The rest of what the peer sends on this stream is of no use, such as a request's that was
    /// answered early: it is dropped as it comes, and once this side has sent all, RST_STREAM
    /// with NO_ERROR asks the peer to stop (RFC 9113 section 8.1). No further event comes for it.
    /// Nothing happens when the peer has ended already.
    pub fn discard(&mut self, stream: StreamKey) {
        let Some(found) = self.store.get_mut(stream) else {
            return;
        };
        if found.recv.is_ended() {
            return;
        }
        found.discard = true;
        let held = found.credit.unconsumed();
        let (sent_all, held) = (found.send.is_ended(), found.credit.consume(held));
        self.credit.release(held);
        self.message_over(stream);
        self.return_connection_credit(WORTH_A_WRITE);
        self.eased();
        if sent_all {
            self.finish_sending(stream);
        }
    }

    /// END_STREAM was written: the stream's sending side has ended, and perhaps the stream.
    pub(super) fn finish_sending(&mut self, key: StreamKey) {
        let Some(stream) = self.store.get_mut(key) else {
            return;
        };
        stream.send = Half::Ended;
        let (received, discard) = (stream.recv.is_ended(), stream.discard);
        if received {
            self.complete(key);
        } else if discard {
            // The answer is out, and the rest of the request is of no use (RFC 9113 section 8.1).
            rst_stream::write(key.id(), ErrorCode::NO_ERROR, self.output.buffer());
            self.remove_stream(key, Closed::ResetByUs);
        }
    }

    /// Both sides have ended.
    pub(crate) fn complete(&mut self, key: StreamKey) {
        self.counters.complete();
        self.budgets.completed();
        self.remove_stream(key, Closed::Ended);
    }

    /// Frees the stream, and gives back all that it held.
    pub(crate) fn remove_stream(&mut self, key: StreamKey, how: Closed) {
        self.sending.remove(&mut self.store, key);
        let Some(stream) = self.store.get(key) else {
            return;
        };
        self.sending.queued -= stream.queued();
        let held = stream.credit.unconsumed();
        self.credit.release(held);
        self.credit.promise(-stream.credit.promised());
        self.store.remove(key, how);
        self.message_over(key);
        if self.store.is_empty() {
            self.note_idle();
        }
        if held > 0 {
            // withheld for this stream's sake; nobody else might ever ask for it
            self.return_connection_credit(WORTH_A_WRITE);
        }
        self.eased();
    }
}
