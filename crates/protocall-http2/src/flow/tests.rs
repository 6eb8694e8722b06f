//! Window arithmetic at its edges.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::{
    AT_ONCE, ConnectionCredit, MAX_WINDOW, StreamCredit, StreamWindow, WORTH_A_RIDE, WORTH_A_WRITE,
    WindowExceeded,
};

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
    let first = credit.due(AT_ONCE).unwrap();
    assert_eq!(first, 100_000 - 65_535);
    credit.grant(first);
    credit.debit(40_000).unwrap();
    credit.hold(40_000);
    assert_eq!(credit.due(WORTH_A_WRITE), None, "not worth a frame yet");
    credit.debit(10_000).unwrap();
    credit.hold(10_000);
    assert_eq!(credit.due(WORTH_A_WRITE), Some(50_000), "nothing was consumed, and yet it returns");
    credit.grant(50_000);
    credit.debit(100_000).unwrap();
    credit.hold(100_000);
    assert_eq!(credit.due(WORTH_A_WRITE), None, "the budget is used up");
    assert_eq!(credit.debit(1), Err(WindowExceeded));
    credit.release(150_000);
    assert_eq!(credit.due(WORTH_A_WRITE), Some(100_000), "all consumed: all returns");
}

#[test]
fn half_a_megabyte_of_a_wide_window_goes_back() {
    let wide = 16 * 1024 * 1024;
    let mut connection = ConnectionCredit::new(wide, u64::from(wide));
    connection.grant(connection.due(AT_ONCE).unwrap());
    let mut stream = StreamCredit::default();
    for (bytes, due) in [(512 * 1024 - 1, None), (1, Some(512 * 1024))] {
        connection.debit(bytes).unwrap();
        assert_eq!(connection.due(WORTH_A_WRITE), due);
        stream.debit(i64::from(wide), bytes, bytes).unwrap();
        stream.consume(u64::from(bytes));
        assert_eq!(stream.due(i64::from(wide), WORTH_A_WRITE, false), due);
    }
}

#[test]
fn stream_credit_returns_on_consumption() {
    let mut credit = StreamCredit::default();
    credit.debit(1000, 600, 590).unwrap();
    assert_eq!(credit.due(1000, WORTH_A_WRITE, false), None);
    assert_eq!(credit.debit(1000, 401, 401), Err(WindowExceeded));
    assert_eq!(credit.consume(500), 500);
    assert_eq!(credit.due(1000, WORTH_A_WRITE, false), Some(510), "padding counts as consumed");
    credit.grant(510);
    assert_eq!(credit.consume(500), 90, "no more than was received");
    assert_eq!(credit.due(1000, WORTH_A_RIDE, false), None);
    credit.wait_for_rest(0, 5000);
    assert_eq!(credit.due_for_rest(1000, 10_000), Some(4090));
    assert_eq!(credit.due_for_rest(1000, 4000), Some(3090), "that much at a time");
    credit.wait_for_rest(0, 0);
    assert_eq!(credit.due_for_rest(-1000, 4000), None, "nobody waits");
}

#[test]
fn an_empty_frame_fits_a_negative_window() {
    let mut credit = StreamCredit::default();
    credit.debit(100, 100, 100).unwrap();
    assert_eq!(credit.debit(50, 0, 0), Ok(0));
}

#[test]
fn part_of_a_message_that_is_waited_for_is_returned_unless_windows_are_narrow() {
    let mut credit = StreamCredit::default();
    credit.debit(1000, 900, 900).unwrap();
    assert_eq!(credit.due(1000, WORTH_A_WRITE, false), None);
    credit.wait_for_rest(800, 50);
    assert_eq!(credit.due(1000, WORTH_A_WRITE, false), Some(800));
    assert_eq!(credit.due(1000, WORTH_A_WRITE, true), None);
    assert!(!credit.note_arrival(49));
    assert!(credit.note_arrival(1), "now it is whole");
    assert!(!credit.note_arrival(1), "and only once");
    assert_eq!(credit.consume(850), 850);
    assert_eq!(credit.due(1000, WORTH_A_WRITE, true), Some(850));
}

#[test]
fn what_was_promised_is_counted_until_it_came_or_never_will() {
    let mut credit = StreamCredit::default();
    assert_eq!(credit.grant(300), 300);
    assert_eq!(credit.debit(1000, 200, 200).unwrap(), 200);
    assert_eq!(credit.debit(1000, 500, 500).unwrap(), 100, "the rest was the initial window's");
    assert_eq!(credit.grant(450), 50, "400 of it only lift the window to the initial one");
    assert_eq!((credit.promised(), credit.end(), credit.promised()), (50, 50, 0));
}

#[test]
fn narrow_windows_are_covered_by_the_connection_whatever_is_held() {
    let mut credit = ConnectionCredit::new(100_000, 150_000);
    credit.grant(100_000 - 65_535);
    credit.debit(100_000).unwrap();
    credit.hold(150_000);
    assert_eq!(credit.due(WORTH_A_WRITE), None);
    credit.certify(Some(1000));
    credit.promise(500);
    assert_eq!(credit.due(WORTH_A_WRITE), Some(1500));
    credit.promise(500_000);
    assert_eq!(credit.due(WORTH_A_WRITE), Some(100_000), "never above the window that is kept up");
    credit.certify(None);
    assert_eq!(credit.due(WORTH_A_WRITE), None);
}
