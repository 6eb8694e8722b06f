//! Window arithmetic at its edges.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::{ConnectionCredit, MAX_WINDOW, StreamCredit, StreamWindow, WindowExceeded};

#[test]
fn a_send_window_follows_the_initial_window() {
    let mut window = StreamWindow::default();
    window.debit(1000);
    assert_eq!(window.available(1500), 500);
    assert_eq!(window.available(400), -600, "may be negative after SETTINGS");
    assert!(window.credit(1500, 300));
    assert_eq!(window.available(1500), 800);
}

#[test]
fn a_send_window_never_passes_31_bits() {
    let mut window = StreamWindow::default();
    assert!(window.credit(65_535, (MAX_WINDOW - 65_535) as u32));
    assert!(!window.credit(65_535, 1));
    assert_eq!(window.available(65_535), MAX_WINDOW);
}

#[test]
fn connection_credit_returns_on_receipt_within_the_budget() {
    let mut credit = ConnectionCredit::new(100_000, 150_000);
    let first = credit.due(i64::MAX).unwrap();
    assert_eq!(first, 100_000 - 65_535);
    credit.grant(first);
    credit.debit(40_000).unwrap();
    credit.hold(40_000);
    assert_eq!(credit.due(2), None, "not worth a frame yet");
    credit.debit(10_000).unwrap();
    credit.hold(10_000);
    assert_eq!(credit.due(2), Some(50_000), "nothing was consumed, and yet it returns");
    credit.grant(50_000);
    credit.debit(100_000).unwrap();
    credit.hold(100_000);
    assert_eq!(credit.due(2), None, "the budget is used up");
    assert_eq!(credit.debit(1), Err(WindowExceeded));
    credit.release(150_000);
    assert_eq!(credit.due(2), Some(100_000), "all consumed: all returns");
}

#[test]
fn stream_credit_returns_on_consumption() {
    let mut credit = StreamCredit::default();
    credit.debit(1000, 600, 590).unwrap();
    assert_eq!(credit.due(1000, 2), None);
    assert_eq!(credit.debit(1000, 401, 401), Err(WindowExceeded));
    assert_eq!(credit.consume(500), 500);
    assert_eq!(credit.due(1000, 2), Some(510), "padding counts as consumed");
    credit.grant(510);
    assert_eq!(credit.consume(500), 90, "no more than was received");
    assert_eq!(credit.due(1000, 4), None);
    assert_eq!(credit.due_for(1000, 5000), Some(4090));
}

#[test]
fn an_empty_frame_fits_a_negative_window() {
    let mut credit = StreamCredit::default();
    credit.debit(100, 100, 100).unwrap();
    assert_eq!(credit.debit(50, 0, 0), Ok(()));
}
