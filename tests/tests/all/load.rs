//! Many callers at once, on several threads and runtimes, while things come and go.

use protocall::{Channel, Code, Request, Response};
use protocall_tests::proto::trial::{Blob, TrialClient};
use protocall_tests::rig::{Door, Rig, Wire};
use protocall_tests::service::Scripted;
use protocall_tests::{PATIENCE, blob, numbered, run, run_on_threads};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;
use tokio::time::timeout;

const WIRES: [Wire; 2] = [Wire::Tcp, Wire::Pipe(16 * 1024)];

/// Gives up its turn as often as its number says, so that calls overlap in all ways.
fn yielding() -> Scripted {
    Scripted::default().unary(|request: Request<Blob>| async move {
        for _ in 0..request.message().number % 4 {
            tokio::task::yield_now().await;
        }
        Ok(Response::new(request.into_inner()))
    })
}

#[test]
fn two_hundred_tasks_of_two_hundred_calls_on_one_channel() {
    for wire in WIRES {
        run_on_threads(4, async move {
            let rig = Rig::start(wire, yielding()).await;
            let client = rig.client();
            let tasks: Vec<_> = (0..200)
                .map(|task| {
                    let client = client.clone();
                    tokio::spawn(async move {
                        for call in 0..200 {
                            let number = task * 1000 + call;
                            let answer = client.unary(numbered(number)).await.unwrap();
                            assert_eq!(answer.message().number, number);
                        }
                    })
                })
                .collect();
            for task in tasks {
                task.await.unwrap();
            }
        });
    }
}

#[test]
fn streams_on_several_threads() {
    for wire in WIRES {
        run_on_threads(4, async move {
            let rig = Rig::start(wire, yielding()).await;
            let client = rig.client();
            let tasks: Vec<_> = (0..50)
                .map(|task| {
                    let client = client.clone();
                    tokio::spawn(async move {
                        let (mut requests, mut answers) = client.chat(()).split();
                        let sending = tokio::spawn(async move {
                            for number in 0..100 {
                                let mut message = blob((number * 37 * task % 5000) as usize);
                                message.number = number;
                                requests.send(message).await.unwrap();
                            }
                        });
                        for number in 0..100 {
                            let answer = answers.message().await.unwrap().unwrap();
                            let length = (number * 37 * task % 5000) as usize;
                            assert_eq!((answer.number, answer.data.len()), (number, length));
                        }
                        assert_eq!(answers.message().await.unwrap(), None);
                        sending.await.unwrap();
                    })
                })
                .collect();
            for task in tasks {
                task.await.unwrap();
            }
        });
    }
}

/// A channel belongs to no runtime: one connects, others call, and those may end first.
#[test]
fn calls_from_several_runtimes() {
    run_on_threads(2, async {
        let rig = Rig::start(Wire::Tcp, yielding()).await;
        let channel = rig.channel();
        channel.ready().await.unwrap();
        let threads: Vec<_> = (0..4)
            .map(|thread| {
                let client = TrialClient::new(channel.clone());
                std::thread::spawn(move || {
                    run(async {
                        for call in 0..100 {
                            let number = thread * 1000 + call;
                            let answer = client.unary(numbered(number)).await.unwrap();
                            assert_eq!(answer.message().number, number);
                        }
                    });
                })
            })
            .collect();
        let joining = tokio::task::spawn_blocking(|| {
            threads.into_iter().for_each(|thread| thread.join().unwrap());
        });
        joining.await.unwrap();
        TrialClient::new(channel).unary(blob(10)).await.unwrap();
    });
}

/// The runtime on which the channel connected is gone: calls elsewhere fail or connect anew, and
/// do not hang.
#[test]
fn the_runtime_that_connected_may_end() {
    run_on_threads(2, async {
        let rig = Rig::start(Wire::Tcp, yielding()).await;
        let channel = rig.channel();
        let other = channel.clone();
        tokio::task::spawn_blocking(move || run(async { other.ready().await.unwrap() }))
            .await
            .unwrap();
        let client = TrialClient::new(channel);
        if let Err(error) = client.unary(blob(10)).await {
            assert_eq!(error.code(), Code::Unavailable, "{error}");
        }
        client.unary(blob(10)).await.unwrap();
    });
}

/// A runtime that ends while it is connecting leaves a channel that connects elsewhere.
#[test]
fn the_runtime_that_was_connecting_may_end() {
    run_on_threads(2, async {
        let (pipes, mut listener) = protocall_tests::rig::pipes(64 * 1024);
        let channel = Channel::over(pipes.clone()).build();
        let other = channel.clone();
        tokio::task::spawn_blocking(move || {
            run(async {
                let client = TrialClient::new(other);
                let call = client.unary(blob(10));
                // nobody says anything on the other end of the pipe
                let _ = timeout(Duration::from_millis(20), call).await;
            });
        })
        .await
        .unwrap();
        drop(listener.next().await);
        let rig = Rig::start(Wire::Pipe(64 * 1024), yielding()).await;
        let Door::Pipe(good) = rig.door() else { panic!("not over TCP") };
        pipes.lead_to(good);
        let client = TrialClient::new(channel);
        timeout(PATIENCE / 2, client.unary(blob(10))).await.expect("it hangs").unwrap();
    });
}

/// Clones come and go with calls on their way.
#[test]
fn clones_dropped_in_the_middle_of_calls() {
    run_on_threads(4, async {
        let rig = Rig::start(Wire::Tcp, yielding()).await;
        for round in 0..50 {
            let client = rig.client();
            let tasks: Vec<_> = (0..10)
                .map(|number| {
                    let client = client.clone();
                    let call = async move { client.unary(numbered(number)).await };
                    tokio::spawn(call)
                })
                .collect();
            drop(client);
            for (number, task) in tasks.into_iter().enumerate() {
                let answer = task.await.unwrap().unwrap();
                assert_eq!(answer.message().number, number as i64, "round {round}");
            }
        }
    });
}

/// Servers come and go under load: each call succeeds or is unavailable, and none hangs.
#[test]
fn servers_restart_under_load() {
    run_on_threads(4, async {
        let mut rig = Rig::start(Wire::Pipe(16 * 1024), yielding()).await;
        let Door::Pipe(pipes) = rig.door().clone() else { panic!("not over TCP") };
        let channel = Channel::over(pipes.clone()).wait_for_ready(true).build();
        let (over, answered) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        let tasks: Vec<_> = (0..20)
            .map(|task: usize| {
                let client = TrialClient::new(channel.clone());
                let (over, answered) = (Arc::clone(&over), Arc::clone(&answered));
                tokio::spawn(async move {
                    let mut failed = 0;
                    while !over.load(Ordering::SeqCst) {
                        let size = task * 997;
                        let outcome = if task.is_multiple_of(2) {
                            client.unary(blob(size)).await.map(|_| ())
                        } else {
                            let mut asked = blob(size);
                            asked.number = 5;
                            client.download(asked).trailers().await.map(|_| ())
                        };
                        match outcome {
                            Ok(()) => drop(answered.fetch_add(1, Ordering::SeqCst)),
                            Err(error) => {
                                assert_eq!(error.code(), Code::Unavailable, "{error}");
                                failed += 1;
                            }
                        }
                    }
                    failed
                })
            })
            .collect();
        for round in 0..20 {
            let before = answered.load(Ordering::SeqCst);
            while answered.load(Ordering::SeqCst) < before + 100 {
                tokio::task::yield_now().await;
            }
            let next = Rig::start(Wire::Pipe(16 * 1024), yielding()).await;
            let Door::Pipe(other) = next.door() else { panic!("not over TCP") };
            pipes.lead_to(other);
            let mut old = std::mem::replace(&mut rig, next);
            if round % 2 == 0 {
                old.kill().await;
            } else {
                old.stop();
                old.stopped().await;
            }
        }
        over.store(true, Ordering::SeqCst);
        for task in tasks {
            task.await.unwrap();
        }
    });
}

/// A server that stops gently loses no call at all.
#[test]
fn gentle_restarts_lose_no_call() {
    run_on_threads(4, async {
        let mut rig = Rig::start(Wire::Pipe(16 * 1024), yielding()).await;
        let Door::Pipe(pipes) = rig.door().clone() else { panic!("not over TCP") };
        let channel = Channel::over(pipes.clone()).build();
        let (over, answered) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        let tasks: Vec<_> = (0..20)
            .map(|task| {
                let client = TrialClient::new(channel.clone());
                let (over, answered) = (Arc::clone(&over), Arc::clone(&answered));
                tokio::spawn(async move {
                    while !over.load(Ordering::SeqCst) {
                        client.unary(numbered(task)).await.unwrap();
                        answered.fetch_add(1, Ordering::SeqCst);
                    }
                })
            })
            .collect();
        for _ in 0..20 {
            let before = answered.load(Ordering::SeqCst);
            while answered.load(Ordering::SeqCst) < before + 100 {
                assert!(tasks.iter().all(|task| !task.is_finished()), "a call was lost");
                tokio::task::yield_now().await;
            }
            let next = Rig::start(Wire::Pipe(16 * 1024), yielding()).await;
            let Door::Pipe(other) = next.door() else { panic!("not over TCP") };
            pipes.lead_to(other);
            let mut old = std::mem::replace(&mut rig, next);
            old.stop();
            old.stopped().await;
        }
        over.store(true, Ordering::SeqCst);
        for task in tasks {
            task.await.unwrap();
        }
    });
}
