//! Messages of all sizes, one and many, in all four shapes.

use protocall_tests::rig::{Rig, Wire};
use protocall_tests::service::Scripted;
use protocall_tests::{blob, numbered, pattern};

super::over_each_wire!(
    unary,
    download,
    upload,
    chat,
    upload_and_download_of_many_small_messages,
    chat_of_many_small_messages,
    large_responses_at_the_same_time,
    large_requests_at_the_same_time,
    many_calls_one_after_the_other,
);

/// Around the edges of buffers and frames, up to just below the limit of a message.
const SIZES: [usize; 9] = [
    0,
    1,
    16 * 1024 - 8,
    16 * 1024 - 1,
    16 * 1024,
    64 * 1024,
    64 * 1024 + 1,
    1024 * 1024,
    4 * 1024 * 1024 - 100 * 1024,
];

async fn unary(wire: Wire) {
    let rig = Rig::start(wire, Scripted::default()).await;
    let client = rig.client();
    for size in SIZES {
        let answer = client.unary(blob(size)).await.unwrap().into_inner();
        assert!(answer == blob(size), "{size} bytes came back changed");
    }
}

async fn download(wire: Wire) {
    let rig = Rig::start(wire, Scripted::default()).await;
    let client = rig.client();
    for size in SIZES {
        let mut asked = blob(size);
        asked.number = 3;
        let mut answers = client.download(asked.clone());
        for number in 0..3 {
            asked.number = number;
            assert!(answers.message().await.unwrap().unwrap() == asked, "{size} bytes");
        }
        assert_eq!(answers.message().await.unwrap(), None);
        assert_eq!(answers.message().await.unwrap(), None, "the end stays the end");
    }
}

async fn upload(wire: Wire) {
    let rig = Rig::start(wire, Scripted::default()).await;
    let client = rig.client();
    for size in SIZES {
        let size = size / 3;
        let mut upload = client.upload(());
        for _ in 0..3 {
            upload.send(blob(size)).await.unwrap();
        }
        let sum = upload.finish().await.unwrap().into_inner();
        assert_eq!(sum.number, 3);
        assert!(sum.data == [pattern(size), pattern(size), pattern(size)].concat(), "{size} bytes");
    }
    let sum = client.upload(()).finish().await.unwrap().into_inner();
    assert_eq!(sum.number, 0, "a stream without messages is one");
}

async fn chat(wire: Wire) {
    let rig = Rig::start(wire, Scripted::default()).await;
    let client = rig.client();
    let mut chat = client.chat(());
    for size in SIZES {
        chat.send(blob(size)).await.unwrap();
        assert!(chat.message().await.unwrap().unwrap() == blob(size), "{size} bytes");
    }
    chat.finish();
    assert_eq!(chat.message().await.unwrap(), None);
}

const MANY: i64 = 10_000;

async fn upload_and_download_of_many_small_messages(wire: Wire) {
    let rig = Rig::start(wire, Scripted::default()).await;
    let client = rig.client();
    let mut upload = client.upload(());
    for _ in 0..MANY {
        upload.send(blob(64)).await.unwrap();
    }
    let sum = upload.finish().await.unwrap().into_inner();
    assert_eq!((sum.number, sum.data.len()), (MANY, 64 * MANY as usize));

    let mut asked = blob(64);
    asked.number = MANY;
    let mut answers = client.download(asked);
    for number in 0..MANY {
        let answer = answers.message().await.unwrap().unwrap();
        assert_eq!((answer.number, answer.data.len()), (number, 64));
    }
    assert_eq!(answers.message().await.unwrap(), None);
}

async fn chat_of_many_small_messages(wire: Wire) {
    let rig = Rig::start(wire, Scripted::default()).await;
    let (mut requests, mut answers) = rig.client().chat(()).split();
    let sending = tokio::spawn(async move {
        for number in 0..MANY {
            let mut message = numbered(number);
            message.data = pattern(64);
            requests.send(message).await.unwrap();
        }
        requests.finish();
    });
    for number in 0..MANY {
        assert_eq!(answers.message().await.unwrap().unwrap().number, number);
    }
    assert_eq!(answers.message().await.unwrap(), None);
    sending.await.unwrap();
}

/// Together they are more than a connection may have waiting: none of them may wait for another.
async fn large_responses_at_the_same_time(wire: Wire) {
    let rig = Rig::start(
        wire,
        Scripted::default().unary(|_| async { Ok(protocall::Response::new(blob(3_900_000))) }),
    )
    .await;
    let client = rig.client();
    let calls: Vec<_> = (0..12)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { client.unary(blob(0)).await })
        })
        .collect();
    for call in calls {
        assert_eq!(call.await.unwrap().unwrap().message().data.len(), 3_900_000);
    }
}

/// As above, the other way, as single requests and within streams.
async fn large_requests_at_the_same_time(wire: Wire) {
    let rig = Rig::start(wire, Scripted::default()).await;
    let client = rig.client();
    let calls: Vec<_> = (0..4)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move {
                let mut upload = client.upload(());
                upload.send(blob(3_900_000)).await.unwrap();
                let length = upload.finish().await.map(|sum| sum.message().data.len());
                let one = client.unary(blob(3_900_000)).await;
                (length, one.map(|one| one.message().data.len()))
            })
        })
        .collect();
    for call in calls {
        let (streamed, one) = call.await.unwrap();
        assert_eq!((streamed.unwrap(), one.unwrap()), (3_900_000, 3_900_000));
    }
}

/// Slots, keys and credit are used again and again.
async fn many_calls_one_after_the_other(wire: Wire) {
    let rig = Rig::start(wire, Scripted::default()).await;
    let client = rig.client();
    for number in 0..500 {
        assert_eq!(client.unary(numbered(number)).await.unwrap().message().number, number);
        let mut answers = client.download(numbered(2));
        assert_eq!(answers.trailers().await.unwrap().len(), 0);
        assert_eq!(client.upload(()).finish().await.unwrap().message().number, 0);
    }
}
