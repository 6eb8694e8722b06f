//! Connecting: waiting for it, failing at it, trying again.

use super::WIRE;
use protocall::channel::connect::{Connect, Connecting, Stream};
use protocall::channel::{Backoff, State};
use protocall::{Channel, Code, Request};
use protocall_tests::proto::trial::TrialClient;
use protocall_tests::raw::{Raw, frame, kind};
use protocall_tests::rig::{Pipes, Rig, pipes};
use protocall_tests::service::Scripted;
use protocall_tests::{blob, run_paused, settle};
use std::error::Error;
use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// Fails so many times, then connects.
#[derive(Clone)]
struct Flaky {
    pipes: Pipes,
    attempts: Arc<Mutex<Vec<Instant>>>,
    failures: usize,
}

impl Flaky {
    fn new(pipes: Pipes, failures: usize) -> Self {
        Self { pipes, attempts: Arc::default(), failures }
    }

    fn attempts(&self) -> Vec<Instant> {
        self.attempts.lock().unwrap().clone()
    }
}

impl Connect for Flaky {
    fn connect(&self) -> Connecting<'_> {
        Box::pin(async {
            let number = {
                let mut attempts = self.attempts.lock().unwrap();
                attempts.push(Instant::now());
                attempts.len()
            };
            if number <= self.failures {
                let text = format!("attempt {number} was in vain");
                return Err(io::Error::new(io::ErrorKind::HostUnreachable, text));
            }
            Ok(Box::new(self.pipes.open()?) as Box<dyn Stream>)
        })
    }

    fn name(&self) -> String {
        "the flaky host".to_owned()
    }
}

/// Never connects, never fails.
struct Stuck;

impl Connect for Stuck {
    fn connect(&self) -> Connecting<'_> {
        Box::pin(std::future::pending())
    }

    fn name(&self) -> String {
        "the stuck host".to_owned()
    }
}

fn pipes_of(rig: &Rig) -> Pipes {
    match rig.door() {
        protocall_tests::rig::Door::Pipe(pipes) => pipes.clone(),
        protocall_tests::rig::Door::Tcp(_) => panic!("not over TCP"),
    }
}

const STEADY: Backoff = Backoff {
    first: Duration::from_secs(1),
    multiplier: 1.6,
    longest: Duration::from_secs(120),
    jitter: 0.0,
};

#[test]
fn a_deadline_counts_while_there_is_no_connection() {
    run_paused(async {
        let patient = Channel::over(Stuck).wait_for_ready(true).build();
        for channel in [patient, Channel::over(Stuck).build()] {
            let client = TrialClient::new(channel);
            let begun = Instant::now();
            let timeout = Duration::from_secs(3);
            let error =
                client.unary(Request::new(blob(1)).with_timeout(timeout)).await.unwrap_err();
            assert_eq!(error.code(), Code::DeadlineExceeded, "{error}");
            assert_eq!(begun.elapsed().as_secs(), 3);
            let mut answers = client.download(Request::new(blob(1)).with_timeout(timeout));
            assert_eq!(answers.message().await.unwrap_err().code(), Code::DeadlineExceeded);
            assert_eq!(begun.elapsed().as_secs(), 6);
        }
    });
}

#[test]
fn connecting_takes_no_longer_than_its_limit() {
    run_paused(async {
        let begun = Instant::now();
        let channel = Channel::over(Stuck).connect_timeout(Duration::from_secs(7)).build();
        let error = TrialClient::new(channel).unary(blob(1)).await.unwrap_err();
        assert_eq!(error.code(), Code::Unavailable);
        assert!(error.message().contains("the stuck host"), "{error}");
        assert!(error.source().is_some());
        assert_eq!(begun.elapsed().as_secs(), 7);
    });
}

/// Impatient calls fail with the last attempt's error while the next is not due; patient ones wait.
#[test]
fn attempts_come_at_growing_intervals() {
    run_paused(async {
        let rig = Rig::start(WIRE, Scripted::default()).await;
        let flaky = Flaky::new(pipes_of(&rig), 4);
        let channel = Channel::over(flaky.clone()).backoff(STEADY).build();
        let client = TrialClient::new(channel.clone());
        let begun = Instant::now();
        let patient = {
            let client = client.clone();
            let request = Request::new(blob(1)).with_wait_for_ready(true);
            tokio::spawn(async move { client.unary(request).await })
        };
        let error = client.unary(blob(1)).await.unwrap_err();
        assert_eq!(error.code(), Code::Unavailable);
        assert!(error.message().contains("attempt 1 was in vain"), "{error}");
        assert!(error.message().contains("the flaky host"), "{error}");
        assert!(error.source().is_some());
        assert_eq!(channel.state(), State::TransientFailure);

        sleep(Duration::from_millis(1500)).await;
        let error = client.unary(blob(1)).await.unwrap_err();
        assert!(error.message().contains("attempt 2 was in vain"), "{error}");
        assert_eq!(begun.elapsed().as_millis(), 1500, "it failed at once");

        patient.await.unwrap().unwrap();
        assert_eq!(channel.state(), State::Ready);
        let times: Vec<_> =
            flaky.attempts().iter().map(|at| at.duration_since(begun).as_secs_f64()).collect();
        let expected = [0.0, 1.0, 2.6, 5.16, 9.256];
        assert_eq!(times.len(), expected.len(), "{times:?}");
        for (time, expected) in times.iter().zip(expected) {
            assert!((time - expected).abs() < 0.05, "{times:?}");
        }
        client.unary(blob(1)).await.unwrap();
    });
}

/// After a success the waits begin anew.
#[test]
fn a_connection_that_worked_resets_the_backoff() {
    run_paused(async {
        let rig = Rig::start(WIRE, Scripted::default()).await;
        let flaky = Flaky::new(pipes_of(&rig), 3);
        let channel = Channel::over(flaky.clone()).backoff(STEADY).wait_for_ready(true).build();
        let client = TrialClient::new(channel);
        client.unary(blob(1)).await.unwrap();
        let (lost, before) = (Instant::now(), flaky.attempts().len());
        rig.kill().await;
        let (other, mut listener) = pipes(1024);
        flaky.pipes.lead_to(&other);
        // connections that close at once, before any SETTINGS
        tokio::spawn(async move { while listener.next().await.is_some() {} });
        let request = Request::new(blob(1)).with_timeout(Duration::from_secs(3));
        let error = client.unary(request).await.unwrap_err();
        assert_eq!(error.code(), Code::DeadlineExceeded, "patient to the end: {error}");
        let waits: Vec<_> = flaky
            .attempts()
            .iter()
            .skip(before)
            .map(|at| at.duration_since(lost).as_secs_f64())
            .collect();
        assert_eq!(waits.len(), 3, "{waits:?}");
        assert!(waits[0] < 0.1 && (waits[1] - 1.0).abs() < 0.1, "{waits:?}");
        assert!((waits[2] - 2.6).abs() < 0.1, "{waits:?}");
    });
}

/// A connection that takes no stream and goes: a patient call waits through what follows.
#[test]
fn a_patient_call_stays_patient_when_its_connection_goes() {
    run_paused(async {
        let (pipes, mut listener) = pipes(64 * 1024);
        let channel = Channel::over(pipes.clone()).backoff(STEADY).build();
        let client = TrialClient::new(channel);
        let call = |patient| {
            let (client, request) = (client.clone(), Request::new(blob(1)));
            let request = request.with_wait_for_ready(patient);
            tokio::spawn(async move { client.unary(request).await })
        };
        let (patient, impatient) = (call(true), call(false));
        let mut raw = Raw::server(Box::new(listener.next().await.unwrap())).await;
        // SETTINGS_MAX_CONCURRENT_STREAMS = 0, before the client has seen the first SETTINGS
        raw.send(&frame(kind::SETTINGS, 0, 0, &[0, 3, 0, 0, 0, 0])).await;
        settle().await;
        drop(listener);
        drop(raw);
        let error = impatient.await.unwrap().unwrap_err();
        assert_eq!(error.code(), Code::Unavailable, "{error}");
        sleep(Duration::from_secs(10)).await;
        assert!(!patient.is_finished(), "{:?}", patient.await);
        let rig = Rig::start(WIRE, Scripted::default()).await;
        pipes.lead_to(&pipes_of(&rig));
        patient.await.unwrap().unwrap();
    });
}

/// Bytes are taken but no SETTINGS come: it is no HTTP/2 server, and calls are not kept waiting.
#[test]
fn a_server_that_says_nothing_is_given_up() {
    run_paused(async {
        let (pipes, mut listener) = pipes(1024 * 1024);
        let held = tokio::spawn(async move {
            let mut held = Vec::new();
            while let Some(stream) = listener.next().await {
                held.push(stream);
            }
        });
        let begun = Instant::now();
        let client = TrialClient::new(Channel::over(pipes).build());
        let error = client.unary(blob(1)).await.unwrap_err();
        assert_eq!(error.code(), Code::Unavailable, "{error}");
        assert!(begun.elapsed() <= Duration::from_secs(20), "{:?}", begun.elapsed());
        held.abort();
    });
}

#[test]
fn a_channel_connects_when_asked_and_tells_its_state() {
    run_paused(async {
        let rig = Rig::start(WIRE, Scripted::default()).await;
        let channel = rig.channel();
        assert_eq!(channel.state(), State::Idle);
        settle().await;
        assert_eq!(channel.state(), State::Idle, "nobody needs a connection");
        channel.ready().await.unwrap();
        assert_eq!(channel.state(), State::Ready);
        rig.kill().await;
        assert_ne!(channel.state_after(State::Ready).await, State::Ready);
        let error = channel.ready().await.unwrap_err();
        assert_eq!(error.code(), Code::Unavailable, "{error}");
        assert!(error.message().contains("nobody listens"), "{error}");
    });
}

/// An idle channel notices that its connection is gone, and the next call makes another.
#[test]
fn a_call_after_the_connection_was_lost_gets_a_new_one() {
    run_paused(async {
        let rig = Rig::start(WIRE, Scripted::default()).await;
        let pipes = pipes_of(&rig);
        let client = TrialClient::new(Channel::over(pipes.clone()).build());
        for _ in 0..5 {
            client.unary(blob(1)).await.unwrap();
            let next = Rig::start(WIRE, Scripted::default()).await;
            pipes.lead_to(&pipes_of(&next));
            tokio::spawn(async move {
                sleep(Duration::from_secs(100)).await;
                next.kill().await;
            });
            sleep(Duration::from_secs(1)).await;
        }
        rig.kill().await;
        settle().await;
        client.unary(blob(1)).await.unwrap();
    });
}
