//! A producing block: order, ends, and what becomes of it when the call is over.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]
use super::*;
use protocall_core::Code;
use std::future::{pending, poll_fn};
use std::sync::Arc;

async fn next<M>(stream: &mut ResponseStream<M>) -> Option<Result<M, Status>> {
    poll_fn(|cx| Pin::new(&mut *stream).poll_next(cx)).await
}

async fn all(mut stream: ResponseStream<usize>) -> (Vec<usize>, Result<(), Code>) {
    let mut messages = Vec::new();
    loop {
        match next(&mut stream).await {
            Some(Ok(message)) => messages.push(message),
            Some(Err(status)) => return (messages, Err(status.code())),
            None => return (messages, Ok(())),
        }
    }
}

fn count(to: usize, end: Result<(), Status>) -> ResponseStream<usize> {
    ResponseStream::produce(move |sender| async move {
        for number in 0..to {
            sender.send(number).await?;
        }
        end
    })
}

#[tokio::test]
async fn a_block_sends_in_order_and_ends_the_stream() {
    for len in [0, 1, PRODUCED, PRODUCED + 1, 1000] {
        assert_eq!(all(count(len, Ok(()))).await, ((0..len).collect(), Ok(())));
    }
}

#[tokio::test]
async fn its_error_comes_behind_what_it_sent() {
    for len in [0, 1, PRODUCED, PRODUCED + 1] {
        let stream = count(len, Err(Status::not_found("gone")));
        assert_eq!(all(stream).await, ((0..len).collect(), Err(Code::NotFound)));
    }
}

#[tokio::test]
async fn a_message_leaves_before_the_block_is_done() {
    let mut stream = ResponseStream::produce(|sender| async move {
        sender.send(1).await?;
        pending().await
    });
    assert_eq!(next(&mut stream).await.unwrap().unwrap(), 1);
}

#[tokio::test]
async fn a_block_that_gave_its_sender_away_still_fails_the_stream() {
    let stream = ResponseStream::produce(|sender| async move {
        drop(sender);
        tokio::task::yield_now().await;
        Err(Status::aborted("later"))
    });
    assert_eq!(all(stream).await, (vec![], Err(Code::Aborted)));

    let (keep, kept) = tokio::sync::oneshot::channel();
    let stream = ResponseStream::produce(|sender| async move {
        assert!(keep.send(sender).is_ok());
        Err(Status::aborted("at once"))
    });
    assert_eq!(all(stream).await, (vec![], Err(Code::Aborted)));
    assert!(kept.await.unwrap().send(1).await.is_err());
}

#[tokio::test]
async fn a_sender_that_outlives_its_block_goes_on() {
    let stream = ResponseStream::produce(|sender| async move {
        tokio::spawn(async move {
            tokio::task::yield_now().await;
            sender.send(7).await
        });
        Ok(())
    });
    assert_eq!(all(stream).await, (vec![7], Ok(())));
}

#[tokio::test]
async fn dropping_the_stream_drops_the_block() {
    let alive = Arc::new(());
    let held = Arc::clone(&alive);
    let mut stream = ResponseStream::produce(|sender| async move {
        sender.send(1).await?;
        pending::<()>().await;
        drop(held);
        Ok(())
    });
    next(&mut stream).await.unwrap().unwrap();
    assert_eq!(Arc::strong_count(&alive), 2);
    drop(stream);
    assert_eq!(Arc::strong_count(&alive), 1);
}
