"""gRPC's interop client on Python's grpcio: one case, as often as asked, each time on a channel of
its own. Ends with an AssertionError or grpc.RpcError when something differs from its description.
"""

import argparse
import os
import pathlib
import queue

import grpc

# the generated code's package has the name of grpcio's own
grpc.__path__.append(os.environ["INTEROP_GENERATED"] + "/grpc")
from grpc.testing import empty_pb2, messages_pb2, test_pb2_grpc  # noqa: E402

INITIAL = ("x-grpc-test-echo-initial", "test_initial_metadata_value")
TRAILING = ("x-grpc-test-echo-trailing-bin", b"\xab\xab\xab")
REQUESTS = (27182, 8, 1828, 45904)
RESPONSES = (31415, 9, 2653, 58979)
SPECIAL = "\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n"
LIMIT = 20
TESTDATA = pathlib.Path(__file__).parents[2] / "testdata"


def payload(size):
    return messages_pb2.Payload(body=bytes(size))


def large(**more):
    return messages_pb2.SimpleRequest(response_size=314159, payload=payload(271828), **more)


def check_large(response):
    assert response.payload.body == bytes(314159)


def ask(request, response):
    parameters = [messages_pb2.ResponseParameters(size=response)]
    return messages_pb2.StreamingOutputCallRequest(
        payload=payload(request), response_parameters=parameters
    )


def fails(call, code, details=None):
    """Demands that a call, or what it is made by, fails so."""
    try:
        result = call()
        list(result) if hasattr(result, "__next__") else result
    except grpc.RpcError as error:
        assert error.code() == code, error
        assert details is None or error.details() == details, error
    else:
        raise AssertionError(f"{code} was demanded, and the call went well")


class Pipe:
    """Requests that are sent one by one."""

    def __init__(self):
        self.queue = queue.Queue()

    def __iter__(self):
        return iter(self.queue.get, None)

    def send(self, request):
        self.queue.put(request)

    def close(self):
        self.queue.put(None)


def empty_unary(stub, _):
    assert stub.EmptyCall(empty_pb2.Empty(), timeout=LIMIT) == empty_pb2.Empty()


def large_unary(stub, _):
    check_large(stub.UnaryCall(large(), timeout=LIMIT))


def client_compressed_unary(stub, _):
    yes, no = messages_pb2.BoolValue(value=True), messages_pb2.BoolValue(value=False)
    probe = large(expect_compressed=yes)
    fails(lambda: stub.UnaryCall(probe, timeout=LIMIT), grpc.StatusCode.INVALID_ARGUMENT)
    gzip = grpc.Compression.Gzip
    check_large(stub.UnaryCall(large(expect_compressed=yes), timeout=LIMIT, compression=gzip))
    check_large(stub.UnaryCall(large(expect_compressed=no), timeout=LIMIT))


def client_streaming(stub, _):
    requests = (messages_pb2.StreamingInputCallRequest(payload=payload(n)) for n in REQUESTS)
    assert stub.StreamingInputCall(requests, timeout=LIMIT).aggregated_payload_size == 74922


def server_streaming(stub, _):
    parameters = [messages_pb2.ResponseParameters(size=size) for size in RESPONSES]
    request = messages_pb2.StreamingOutputCallRequest(response_parameters=parameters)
    responses = list(stub.StreamingOutputCall(request, timeout=LIMIT))
    assert [len(response.payload.body) for response in responses] == list(RESPONSES)


def ping_pong(stub, _):
    pipe = Pipe()
    responses = stub.FullDuplexCall(iter(pipe), timeout=LIMIT)
    for request, response in zip(REQUESTS, RESPONSES):
        pipe.send(ask(request, response))
        assert len(next(responses).payload.body) == response
    pipe.close()
    assert not list(responses)


def empty_stream(stub, _):
    assert not list(stub.FullDuplexCall(iter(()), timeout=LIMIT))


def custom_metadata(stub, _):
    metadata = (INITIAL, TRAILING)
    pipe = Pipe()
    chat = stub.FullDuplexCall(iter(pipe), timeout=LIMIT, metadata=metadata)
    pipe.send(ask(271828, 314159))
    next(chat)
    pipe.close()
    assert not list(chat)
    response, unary = stub.UnaryCall.with_call(large(), timeout=LIMIT, metadata=metadata)
    check_large(response)
    for call in (chat, unary):
        assert INITIAL in [tuple(pair) for pair in call.initial_metadata()]
        assert TRAILING in [tuple(pair) for pair in call.trailing_metadata()]


def status_code_and_message(stub, _):
    status = messages_pb2.EchoStatus(code=2, message="test status message")
    check = (grpc.StatusCode.UNKNOWN, "test status message")
    request = messages_pb2.SimpleRequest(response_status=status)
    fails(lambda: stub.UnaryCall(request, timeout=LIMIT), *check)
    request = messages_pb2.StreamingOutputCallRequest(response_status=status)
    fails(lambda: stub.FullDuplexCall(iter((request,)), timeout=LIMIT), *check)


def special_status_message(stub, _):
    status = messages_pb2.EchoStatus(code=2, message=SPECIAL)
    request = messages_pb2.SimpleRequest(response_status=status)
    fails(lambda: stub.UnaryCall(request, timeout=LIMIT), grpc.StatusCode.UNKNOWN, SPECIAL)


def unimplemented_method(stub, _):
    call = lambda: stub.UnimplementedCall(empty_pb2.Empty(), timeout=LIMIT)
    fails(call, grpc.StatusCode.UNIMPLEMENTED)


def unimplemented_service(_, channel):
    stub = test_pb2_grpc.UnimplementedServiceStub(channel)
    unimplemented_method(stub, channel)


def cancel_after_begin(stub, _):
    call = stub.StreamingInputCall.future(iter(Pipe()))
    call.cancel()
    assert call.cancelled() and call.code() == grpc.StatusCode.CANCELLED


def cancel_after_first_response(stub, _):
    pipe = Pipe()
    responses = stub.FullDuplexCall(iter(pipe), timeout=LIMIT)
    pipe.send(ask(27182, 31415))
    assert len(next(responses).payload.body) == 31415
    responses.cancel()
    fails(lambda: responses, grpc.StatusCode.CANCELLED)
    pipe.close()


def timeout_on_sleeping_server(stub, _):
    pipe = Pipe()
    pipe.send(messages_pb2.StreamingOutputCallRequest(payload=payload(27182)))
    call = lambda: stub.FullDuplexCall(iter(pipe), timeout=0.001)
    fails(call, grpc.StatusCode.DEADLINE_EXCEEDED)
    pipe.close()


def pick_first_unary(stub, _):
    request = messages_pb2.SimpleRequest(fill_server_id=True)
    ids = {stub.UnaryCall(request, timeout=LIMIT).server_id for _ in range(20)}
    assert len(ids) == 1 and "" not in ids, ids


CASES = {
    case.__name__: case
    for case in (
        empty_unary,
        large_unary,
        client_compressed_unary,
        client_streaming,
        server_streaming,
        ping_pong,
        empty_stream,
        custom_metadata,
        status_code_and_message,
        special_status_message,
        unimplemented_method,
        unimplemented_service,
        cancel_after_begin,
        cancel_after_first_response,
        timeout_on_sleeping_server,
        pick_first_unary,
    )
}


def connect(flags):
    target = f"{flags.server_host}:{flags.server_port}"
    if flags.use_tls != "true":
        return grpc.insecure_channel(target)
    credentials = grpc.ssl_channel_credentials((TESTDATA / "ca.pem").read_bytes())
    override = ("grpc.ssl_target_name_override", flags.server_host_override)
    return grpc.secure_channel(target, credentials, options=(override,))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--server_host", default="127.0.0.1")
    parser.add_argument("--server_port", type=int, required=True)
    parser.add_argument("--test_case", required=True)
    parser.add_argument("--use_tls", default="false")
    parser.add_argument("--use_test_ca", default="false")
    parser.add_argument("--server_host_override", default="")
    parser.add_argument("--repeat", type=int, default=1)
    flags = parser.parse_args()
    for _ in range(flags.repeat):
        with connect(flags) as channel:
            CASES[flags.test_case](test_pb2_grpc.TestServiceStub(channel), channel)


if __name__ == "__main__":
    main()
