"""gRPC's interop server on Python's grpcio: --port P [--use_tls=true]."""

import argparse
import os
import pathlib
import time
from concurrent import futures

import grpc

# the generated code's package has the name of grpcio's own
grpc.__path__.append(os.environ["INTEROP_GENERATED"] + "/grpc")
from grpc.testing import empty_pb2, messages_pb2, test_pb2_grpc  # noqa: E402

INITIAL = "x-grpc-test-echo-initial"
TRAILING = "x-grpc-test-echo-trailing-bin"
TESTDATA = pathlib.Path(__file__).parents[2] / "testdata"


def echo(context):
    """Gives metadata back, as the tests ask."""
    for key, value in context.invocation_metadata():
        if key == INITIAL:
            context.send_initial_metadata(((key, value),))
        elif key == TRAILING:
            context.set_trailing_metadata(((key, value),))


def payload(size):
    return messages_pb2.Payload(body=bytes(size))


def outputs(request, context):
    for wanted in request.response_parameters:
        if wanted.interval_us:
            time.sleep(wanted.interval_us / 1e6)
        if not wanted.compressed.value:
            context.disable_next_message_compression()
        yield messages_pb2.StreamingOutputCallResponse(payload=payload(wanted.size))


def fail(context, request):
    context.abort(
        {code.value[0]: code for code in grpc.StatusCode}[request.response_status.code],
        request.response_status.message,
    )


class Service(test_pb2_grpc.TestServiceServicer):
    def EmptyCall(self, request, context):
        echo(context)
        return empty_pb2.Empty()

    def UnaryCall(self, request, context):
        echo(context)
        if request.response_status.code:
            fail(context, request)
        if request.response_compressed.value:
            context.set_compression(grpc.Compression.Gzip)
        elif request.HasField("response_compressed"):
            context.disable_next_message_compression()
        response = messages_pb2.SimpleResponse(payload=payload(request.response_size))
        if request.fill_server_id:
            response.server_id = "python"
        return response

    def StreamingOutputCall(self, request, context):
        if any(wanted.compressed.value for wanted in request.response_parameters):
            context.set_compression(grpc.Compression.Gzip)
        echo(context)
        if request.response_status.code:
            fail(context, request)
        yield from outputs(request, context)

    def StreamingInputCall(self, requests, context):
        echo(context)
        total = sum(len(request.payload.body) for request in requests)
        return messages_pb2.StreamingInputCallResponse(aggregated_payload_size=total)

    def FullDuplexCall(self, requests, context):
        echo(context)
        for request in requests:
            if request.response_status.code:
                fail(context, request)
            yield from outputs(request, context)

    HalfDuplexCall = FullDuplexCall


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--use_tls", default="false")
    flags = parser.parse_args()
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=20))
    test_pb2_grpc.add_TestServiceServicer_to_server(Service(), server)
    address = f"127.0.0.1:{flags.port}"
    if flags.use_tls == "true":
        pair = ((TESTDATA / "server1.key").read_bytes(), (TESTDATA / "server1.pem").read_bytes())
        server.add_secure_port(address, grpc.ssl_server_credentials([pair]))
    else:
        server.add_insecure_port(address)
    server.start()
    print(f"listening on {address}", flush=True)
    server.wait_for_termination()


if __name__ == "__main__":
    main()
