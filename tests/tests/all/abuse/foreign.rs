//! Bytes that are not HTTP/2, or stop being it.

use protocall_tests::raw::{self, PREFACE, Raw, frame, kind};
use protocall_tests::rig::{Rig, Wire};
use protocall_tests::service::Scripted;
use protocall_tests::{blob, run, run_paused};
use std::time::Duration;
use tokio::time::Instant;

async fn tcp() -> Rig {
    Rig::start(Wire::Tcp, Scripted::default()).await
}

async fn is_well(rig: &Rig) {
    assert_eq!(rig.client().unary(blob(1000)).await.unwrap().into_inner(), blob(1000));
}

/// Numbers that look random and are the same each time.
fn noise(seed: u64, len: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    (0..len)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 24) as u8
        })
        .collect()
}

#[test]
fn noise_is_refused() {
    run(async {
        let rig = tcp().await;
        for seed in 1..200 {
            let mut raw = Raw::new(rig.door().raw().await);
            raw.send(&noise(seed, 1 + (seed as usize * 37) % 5000)).await;
            raw.finish().await;
            raw.rest().await;
        }
        is_well(&rig).await;
    });
}

#[test]
fn noise_behind_a_preface_is_refused() {
    run(async {
        let rig = tcp().await;
        for seed in 1..200 {
            let mut raw = Raw::client(rig.door().raw().await).await;
            raw.send(&noise(seed, 1 + (seed as usize * 37) % 5000)).await;
            raw.finish().await;
            raw.rest().await;
        }
        is_well(&rig).await;
    });
}

/// Frames that are well-formed as such, with any type, flags, stream and content.
#[test]
fn frames_of_noise_are_refused() {
    run(async {
        let rig = tcp().await;
        for seed in 1..300 {
            let mut raw = Raw::client(rig.door().raw().await).await;
            let mut bytes = raw::headers(1, &raw::call("/trial.Trial/Chat"), false);
            for part in noise(seed, 600).chunks(20) {
                let (head, payload) = part.split_at(3);
                let length = usize::from(head[0]) % (payload.len() + 1);
                let stream = u32::from(head[2] % 4);
                bytes.extend(frame(head[0] % 11, head[1], stream, &payload[..length]));
            }
            raw.send(&bytes).await;
            raw.finish().await;
            raw.rest().await;
        }
        is_well(&rig).await;
    });
}

#[test]
fn http1_is_answered_in_http1() {
    run(async {
        let rig = tcp().await;
        for request in [
            "GET / HTTP/1.1\r\nhost: localhost\r\n\r\n",
            "POST /trial.Trial/Unary HTTP/1.1\r\nhost: localhost\r\ncontent-length: 0\r\n\r\n",
            "OPTIONS * HTTP/1.0\r\n\r\n",
            "PUT /x HTTP/1.1\r\n\r\n",
        ] {
            let mut raw = Raw::new(rig.door().raw().await);
            raw.send(request.as_bytes()).await;
            let answer = String::from_utf8(raw.rest().await).unwrap();
            assert!(answer.starts_with("HTTP/1.1 400 "), "{request:?}: {answer:?}");
            let (head, body) = answer.split_once("\r\n\r\n").unwrap();
            assert!(body.contains("gRPC"), "{answer:?}");
            assert!(head.contains(&format!("content-length: {}", body.len())), "{answer:?}");
        }
        is_well(&rig).await;
    });
}

#[test]
fn other_protocols_hear_a_goaway() {
    run(async {
        let rig = tcp().await;
        for first in [&b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"[..], b"SSH-2.0-x\r\n"] {
            let mut raw = Raw::new(rig.door().raw().await);
            raw.send(first).await;
            let frames = raw.frames().await;
            assert_eq!(frames.last().map(|frame| frame.kind), Some(kind::GOAWAY), "{frames:?}");
        }
        is_well(&rig).await;
    });
}

#[test]
fn half_a_preface_and_gone() {
    run(async {
        let rig = tcp().await;
        for length in 0..PREFACE.len() {
            let mut raw = Raw::new(rig.door().raw().await);
            raw.send(&PREFACE[..length]).await;
            raw.finish().await;
            raw.rest().await;
        }
        is_well(&rig).await;
    });
}

#[test]
fn half_a_preface_and_silence_is_closed_after_ten_seconds() {
    run_paused(async {
        let rig = Rig::start(Wire::Pipe(4096), Scripted::default()).await;
        for sent in [&b""[..], &PREFACE[..10], PREFACE] {
            let begun = Instant::now();
            let mut raw = Raw::new(rig.door().raw().await);
            raw.send(sent).await;
            let frames = raw.frames().await;
            let took = begun.elapsed();
            assert!(took >= Duration::from_secs(10), "{took:?}");
            assert!(took <= Duration::from_secs(12), "{took:?}");
            assert_eq!(frames.last().map(|frame| frame.kind), Some(kind::GOAWAY), "{frames:?}");
        }
        is_well(&rig).await;
    });
}

/// The peer that was said goodbye to and stays is not kept for ever.
#[test]
fn a_peer_that_never_closes_is_left() {
    run_paused(async {
        let rig = Rig::start(Wire::Pipe(4096), Scripted::default()).await;
        let mut raw = Raw::client(rig.door().raw().await).await;
        let begun = Instant::now();
        raw.send(&frame(kind::DATA, 0, 0, b"on stream 0")).await;
        raw.frames().await;
        // our own side stays open; the server's must go
        assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
        is_well(&rig).await;
    });
}

#[test]
fn frames_that_break_the_connection_end_it_with_their_code() {
    const PROTOCOL_ERROR: u32 = 1;
    const FRAME_SIZE_ERROR: u32 = 6;
    const COMPRESSION_ERROR: u32 = 9;
    run(async {
        let rig = tcp().await;
        let cases: [(&str, Vec<u8>, u32); 7] = [
            ("DATA on stream 0", frame(kind::DATA, 0, 0, b"x"), PROTOCOL_ERROR),
            (
                "HEADERS on an even stream",
                raw::headers(2, &raw::call("/a/b"), true),
                PROTOCOL_ERROR,
            ),
            ("DATA on an idle stream", raw::data(5, b"x", false), PROTOCOL_ERROR),
            ("a PING of 7 bytes", frame(kind::PING, 0, 0, &[0; 7]), FRAME_SIZE_ERROR),
            ("SETTINGS of 5 bytes", frame(kind::SETTINGS, 0, 0, &[0; 5]), FRAME_SIZE_ERROR),
            ("a broken header block", frame(kind::HEADERS, 5, 1, &[0xff; 9]), COMPRESSION_ERROR),
            ("a frame above the limit", vec![1, 0, 1, 0, 0, 0, 0, 0, 1], FRAME_SIZE_ERROR),
        ];
        for (what, bytes, code) in cases {
            let mut raw = Raw::client(rig.door().raw().await).await;
            raw.send(&bytes).await;
            let frames = raw.frames().await;
            let last = frames.last().unwrap();
            assert_eq!((last.kind, last.error_code()), (kind::GOAWAY, code), "{what}: {last:?}");
        }
        is_well(&rig).await;
    });
}
