//! RFC 9113 section 6.8: GOAWAY, both ways.

use protocall_http2::{ErrorCode, Initiator, OpenError};

use crate::support::{
    ACK, DATA, END_HEADERS, END_STREAM, GOAWAY, HEADERS, PING, Peer, RESPONSE, RST_STREAM, Seen,
    frame, request,
};

fn goaway(last: u32, code: ErrorCode, debug: &[u8]) -> Vec<u8> {
    let payload = [&last.to_be_bytes()[..], &code.to_wire().to_be_bytes(), debug].concat();
    frame(GOAWAY, 0, 0, &payload)
}

fn unprocessed(stream: u32) -> Seen {
    let (code, by) = (ErrorCode::REFUSED_STREAM, Initiator::Remote);
    Seen::Reset { stream, code, by, unprocessed: true }
}

#[test]
fn streams_above_the_last_one_are_unprocessed() {
    let mut peer = Peer::client();
    let keys = [peer.open(true), peer.open(true), peer.open(true)];
    let mut seen = peer.feed(&goaway(1, ErrorCode::NO_ERROR, b"bye")).unwrap();
    let first = seen.remove(0);
    let code = ErrorCode::NO_ERROR;
    assert_eq!(first, Seen::GoAway { last_stream: 1, code, debug: b"bye".to_vec() });
    seen.sort_by_key(|seen| format!("{seen:?}"));
    assert_eq!(seen, [unprocessed(3), unprocessed(5)]);
    assert_eq!(peer.connection.open(&[], true), Err(OpenError::GoingAway));
    assert_eq!(peer.connection.open_capacity(), 0);
    assert!(peer.connection.is_open(keys[0]), "the last one goes on");
    assert!(!peer.connection.is_drained());
    peer.feed(&frame(HEADERS, END_HEADERS | END_STREAM, 1, RESPONSE)).unwrap();
    assert!(peer.connection.is_drained());
}

#[test]
fn the_last_stream_may_fall_but_not_rise() {
    let mut peer = Peer::client();
    peer.open(true);
    peer.open(true);
    let graceful = goaway(0x7fff_ffff, ErrorCode::NO_ERROR, b"");
    assert_eq!(peer.feed(&graceful).unwrap().len(), 1);
    let seen = peer.feed(&goaway(1, ErrorCode::NO_ERROR, b"")).unwrap();
    assert_eq!(seen[1..], [unprocessed(3)]);
    let again = goaway(1, ErrorCode::ENHANCE_YOUR_CALM, b"");
    assert_eq!(peer.feed(&again).unwrap().len(), 1);
    assert_eq!(peer.kill(&goaway(3, ErrorCode::NO_ERROR, b"")), ErrorCode::PROTOCOL_ERROR);
}

#[test]
fn debug_data_is_cut_and_the_rest_skipped() {
    let mut peer = Peer::client();
    let bytes =
        [goaway(0, ErrorCode::NO_ERROR, &[b'x'; 9000]), frame(PING, 0, 0, &[0; 8])].concat();
    let mut debug = Vec::new();
    for chunk in bytes.chunks(1000) {
        for seen in peer.feed(chunk).unwrap() {
            if let Seen::GoAway { debug: seen, .. } = seen {
                debug = seen;
            }
        }
    }
    assert_eq!(debug.len(), 1024);
    assert_eq!(peer.frames_of(PING).len(), 1, "what follows is read as it should");
}

#[test]
fn bad_forms_kill() {
    let short = frame(GOAWAY, 0, 0, &[0; 7]);
    assert_eq!(Peer::client().kill(&short), ErrorCode::FRAME_SIZE_ERROR);
    let stream = frame(GOAWAY, 0, 1, &[0; 8]);
    assert_eq!(Peer::client().kill(&stream), ErrorCode::PROTOCOL_ERROR);
}

#[test]
fn a_graceful_shutdown_has_two_steps() {
    let mut peer = Peer::server();
    peer.feed(&request(1, END_STREAM)).unwrap();
    peer.connection.shutdown();
    let frames = peer.frames();
    assert_eq!((frames[0].kind, frames[0].number()), (GOAWAY, 0x7fff_ffff));
    assert_eq!(frames[1].kind, PING);
    let seen = peer.feed(&request(3, END_STREAM)).unwrap();
    assert!(matches!(seen[..], [Seen::Headers { stream: 3, .. }]), "it was on its way");
    let answer = frame(PING, ACK, 0, &frames[1].payload);
    assert_eq!(peer.feed(&answer).unwrap(), [], "the answer is our own business");
    let frames = peer.frames();
    assert_eq!((frames[0].kind, frames[0].number()), (GOAWAY, 3));
    peer.feed(&request(5, END_STREAM)).unwrap();
    let frames = peer.frames();
    assert_eq!((frames[0].kind, frames[0].code()), (RST_STREAM, ErrorCode::REFUSED_STREAM));
    for key in peer.keys.clone() {
        assert!(!peer.connection.is_drained());
        peer.respond(key, true);
    }
    assert!(peer.connection.is_drained());
}

#[test]
fn a_shutdown_can_be_finished_without_the_answer() {
    let mut peer = Peer::server();
    peer.connection.shutdown();
    peer.connection.shutdown();
    peer.connection.finish_shutdown();
    peer.connection.finish_shutdown();
    assert_eq!(peer.frames_of(GOAWAY).len(), 2);
    assert!(peer.connection.is_drained());
}

#[test]
fn a_client_leaves_in_one_step() {
    let mut peer = Peer::client();
    let key = peer.open(false);
    peer.frames();
    peer.connection.shutdown();
    assert_eq!(peer.frames_of(GOAWAY).len(), 1);
    assert_eq!(peer.connection.open(&[], true), Err(OpenError::GoingAway));
    peer.connection.send_data_copied(key, b"goes on", true).unwrap();
    assert_eq!(peer.frames_of(DATA).len(), 1);
}

#[test]
fn close_carries_its_reason() {
    let mut peer = Peer::server();
    peer.connection.close(ErrorCode::INTERNAL_ERROR, "out of order");
    let frames = peer.frames();
    assert_eq!(frames[0].code(), ErrorCode::INTERNAL_ERROR);
    assert_eq!(&frames[0].payload[8..], b"out of order");
}
