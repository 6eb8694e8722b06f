//! Cases of calls that end with an error of the server's.

use super::{Outcome, failed, same};
use crate::proto::grpc::testing::{
    EchoStatus, Empty, SimpleRequest, StreamingOutputCallRequest, TestServiceClient,
    UnimplementedServiceClient,
};
use protocall::{Channel, Code, Request};

const MESSAGE: &str = "test status message";
/// White space at both ends, and characters of two, three and four bytes' worth of trouble.
const SPECIAL: &str = "\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n";

fn unknown(message: &str) -> EchoStatus {
    EchoStatus {
        code: i32::from(Code::Unknown.number()),
        message: message.to_owned(),
        ..Default::default()
    }
}

fn ask(message: &str) -> SimpleRequest {
    SimpleRequest { response_status: Some(unknown(message)).into(), ..Default::default() }
}

pub(super) async fn status_code_and_message(channel: Channel) -> Outcome {
    let client = TestServiceClient::new(channel);
    let status = failed(client.unary_call(ask(MESSAGE)).await, Code::Unknown)?;
    same("message of the unary call", status.message(), MESSAGE)?;

    let mut call = client.full_duplex_call(Request::new(()));
    call.send(StreamingOutputCallRequest {
        response_status: Some(unknown(MESSAGE)).into(),
        ..Default::default()
    })
    .await?;
    call.finish();
    let status = failed(call.message().await, Code::Unknown)?;
    same("message of the stream", status.message(), MESSAGE)
}

pub(super) async fn special_status_message(channel: Channel) -> Outcome {
    let outcome = TestServiceClient::new(channel).unary_call(ask(SPECIAL)).await;
    same("message", failed(outcome, Code::Unknown)?.message(), SPECIAL)
}

pub(super) async fn unimplemented_method(channel: Channel) -> Outcome {
    let client = TestServiceClient::new(channel);
    failed(client.unimplemented_call(Empty::default()).await, Code::Unimplemented).map(drop)
}

pub(super) async fn unimplemented_service(channel: Channel) -> Outcome {
    let client = UnimplementedServiceClient::new(channel);
    failed(client.unimplemented_call(Empty::default()).await, Code::Unimplemented).map(drop)
}
