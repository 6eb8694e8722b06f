//! Flow-control credit: what a call took must come back, whatever became of the call.

use protocall::{Request, Response, ResponseStream, Streaming};
use protocall_tests::proto::trial::Blob;
use protocall_tests::rig::{Rig, Wire};
use protocall_tests::service::Scripted;
use protocall_tests::{blob, numbered};
use tokio::sync::watch;

super::over_each_wire!(
    half_closed_calls_that_were_read_hold_no_credit,
    calls_that_were_cancelled_hold_no_credit,
    responses_of_odd_sizes_keep_flowing,
    many_open_streams_hold_little_credit,
);

/// Calls that have sent all and wait for their answer: the server has read what they sent, so
/// other calls on the connection must go on.
async fn half_closed_calls_that_were_read_hold_no_credit(wire: Wire) {
    const CALLS: usize = 60;
    let (go, gone) = watch::channel(false);
    let rig = Rig::start(
        wire,
        Scripted::default().upload(move |request: Request<Streaming<Blob>>| {
            let mut gone = gone.clone();
            async move {
                let mut requests = request.into_inner();
                let mut sum = 0;
                while let Some(message) = requests.message().await? {
                    sum += message.data.len();
                }
                let _ = gone.wait_for(|go| *go).await;
                Ok(Response::new(numbered(sum as i64)))
            }
        }),
    )
    .await;
    let client = rig.client();
    let mut uploads = Vec::new();
    for _ in 0..CALLS {
        let (mut requests, answer) = client.upload(()).split();
        requests.send(blob(200_000)).await.unwrap();
        requests.finish();
        uploads.push(answer);
    }
    assert_eq!(client.unary(blob(2_000_000)).await.unwrap().message().data.len(), 2_000_000);
    go.send_replace(true);
    for answer in uploads {
        assert_eq!(answer.await.unwrap().message().number, 200_000);
    }
}

async fn calls_that_were_cancelled_hold_no_credit(wire: Wire) {
    let rig = Rig::start(
        wire,
        Scripted::default().download(|_| async {
            Ok(Response::new(ResponseStream::iter((0..).map(|_| blob(100_000)))))
        }),
    )
    .await;
    let client = rig.client();
    for read in 0..60 {
        let mut answers = client.download(blob(0));
        for _ in 0..read % 4 {
            answers.message().await.unwrap().unwrap();
        }
        protocall_tests::settle().await;
        drop(answers);
    }
    assert_eq!(client.unary(blob(3_000_000)).await.unwrap().message().data.len(), 3_000_000);
}

/// Credit goes back in batches; what many quiet streams keep of theirs must not add up to all that
/// a connection may have.
async fn many_open_streams_hold_little_credit(wire: Wire) {
    let rig = Rig::start(
        wire,
        Scripted::default().chat(|request: Request<Streaming<Blob>>| async move {
            // reads all that comes, and answers nothing before the end
            let (sender, stream) = ResponseStream::channel(1);
            tokio::spawn(async move {
                let mut requests = request.into_inner();
                let mut read = 0;
                while let Ok(Some(message)) = requests.message().await {
                    read += message.data.len();
                }
                let _ = sender.send(numbered(read as i64)).await;
            });
            Ok(Response::new(stream))
        }),
    )
    .await;
    let client = rig.client();
    let mut chats = Vec::new();
    for _ in 0..900 {
        let mut chat = client.chat(());
        for _ in 0..10 {
            chat.send(blob(1000)).await.unwrap();
        }
        chats.push(chat);
    }
    assert_eq!(client.unary(blob(2_000_000)).await.unwrap().message().data.len(), 2_000_000);
    for chat in &mut chats {
        chat.finish();
        assert_eq!(chat.message().await.unwrap().unwrap().number, 10_000);
    }
}

/// Sizes for which a stream's buffer fills to anywhere below its end.
async fn responses_of_odd_sizes_keep_flowing(wire: Wire) {
    let rig = Rig::start(
        wire,
        Scripted::default().download(|request: Request<Blob>| async move {
            let size = request.message().number as usize;
            let count = 1_500_000 / size;
            Ok(Response::new(ResponseStream::iter((0..count).map(move |_| blob(size)))))
        }),
    )
    .await;
    let client = rig.client();
    for size in [700, 2047, 5000, 9999, 16_379, 20_000, 33_333, 65_531, 131_072, 500_000] {
        let mut answers = client.download(numbered(size));
        let mut read = 0;
        while let Some(answer) = answers.message().await.unwrap() {
            assert_eq!(answer.data.len(), size as usize);
            read += 1;
        }
        assert_eq!(read, 1_500_000 / size, "{size}");
    }
}
