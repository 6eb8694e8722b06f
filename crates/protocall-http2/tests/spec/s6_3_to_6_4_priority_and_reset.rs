//! RFC 9113 sections 6.3 (PRIORITY) and 6.4 (RST_STREAM).

use protocall_http2::{ErrorCode, Initiator};

use crate::support::{PRIORITY, Peer, RST_STREAM, Seen, frame, request, reset};

#[test]
fn priority_is_ignored_but_checked() {
    let with_stream = || {
        let mut peer = Peer::server();
        peer.feed(&request(1, 0)).unwrap();
        peer
    };
    let mut peer = with_stream();
    assert_eq!(peer.feed(&frame(PRIORITY, 0, 1, &[0, 0, 0, 3, 9])).unwrap(), []);
    assert_eq!(peer.connection.counters().priority_frames, 1);
    let short = frame(PRIORITY, 0, 1, &[0; 4]);
    assert_eq!(with_stream().reset_by(&short, 1), ErrorCode::FRAME_SIZE_ERROR);
    let long = frame(PRIORITY, 0, 1, &[0; 100]);
    assert_eq!(with_stream().reset_by(&long, 1), ErrorCode::FRAME_SIZE_ERROR);
    let itself = frame(PRIORITY, 0, 1, &[0, 0, 0, 1, 9]);
    assert_eq!(with_stream().reset_by(&itself, 1), ErrorCode::PROTOCOL_ERROR);
    let mut peer = with_stream();
    let key = peer.keys[0];
    peer.connection.reset(key, ErrorCode::CANCEL).unwrap();
    peer.frames();
    assert_eq!(peer.reset_by(&short, 1), ErrorCode::FRAME_SIZE_ERROR, "on closed streams too");
    let idle = frame(PRIORITY, 0, 9, &[0; 4]);
    assert_eq!(with_stream().kill(&idle), ErrorCode::FRAME_SIZE_ERROR, "an idle one has no reset");
    let zero = frame(PRIORITY, 0, 0, &[0, 0, 0, 1, 9]);
    assert_eq!(with_stream().kill(&zero), ErrorCode::PROTOCOL_ERROR);
}

#[test]
fn a_reset_is_told_with_its_code() {
    for (code, unprocessed) in [
        (ErrorCode::CANCEL, false),
        (ErrorCode::REFUSED_STREAM, true),
        (ErrorCode::from_wire(0xdead), false),
    ] {
        let mut peer = Peer::client();
        let key = peer.open(false);
        let seen = peer.feed(&reset(1, code)).unwrap();
        let by = Initiator::Remote;
        assert_eq!(seen, [Seen::Reset { stream: 1, code, by, unprocessed }]);
        assert!(!peer.connection.is_open(key));
        assert!(peer.connection.send_data_copied(key, b"late", false).is_err());
    }
}

#[test]
fn a_reset_has_a_stream_and_four_bytes() {
    let mut peer = Peer::server();
    peer.feed(&request(1, 0)).unwrap();
    assert_eq!(peer.kill(&frame(RST_STREAM, 0, 1, &[0; 5])), ErrorCode::FRAME_SIZE_ERROR);
    let zero = reset(0, ErrorCode::CANCEL);
    assert_eq!(Peer::server().kill(&zero), ErrorCode::PROTOCOL_ERROR);
}
