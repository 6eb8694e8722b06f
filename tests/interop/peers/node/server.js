// gRPC's interop server on @grpc/grpc-js: --port=P [--use_tls=true].
'use strict';

const { grpc, testing, flags, testdata } = require('./common');

const INITIAL = 'x-grpc-test-echo-initial';
const TRAILING = 'x-grpc-test-echo-trailing-bin';

// Gives metadata back, as the tests ask: leading at once, trailing by what is returned.
function echo(call) {
  const [initial, trailing] = [new grpc.Metadata(), new grpc.Metadata()];
  call.metadata.get(INITIAL).forEach((value) => initial.add(INITIAL, value));
  call.metadata.get(TRAILING).forEach((value) => trailing.add(TRAILING, value));
  call.sendMetadata(initial);
  return trailing;
}

const payload = (size) => ({ body: Buffer.alloc(size) });

function failure(request, metadata) {
  const { code, message } = request.response_status ?? {};
  return code ? { code, details: message, metadata } : null;
}

function send(call, request) {
  for (const { size } of request.response_parameters) call.write({ payload: payload(size) });
}

function chat(call) {
  const trailing = echo(call);
  let failed = false;
  call.on('data', (request) => {
    const error = failure(request, trailing);
    if (error && !failed) {
      failed = true;
      call.emit('error', error);
    } else if (!failed) {
      send(call, request);
    }
  });
  call.on('end', () => failed || call.end(trailing));
}

const service = {
  EmptyCall: (call, done) => done(null, {}, echo(call)),
  UnaryCall(call, done) {
    const trailing = echo(call);
    const error = failure(call.request, trailing);
    if (error) return done(error);
    const server_id = call.request.fill_server_id ? 'node' : '';
    done(null, { payload: payload(call.request.response_size), server_id }, trailing);
  },
  StreamingOutputCall(call) {
    const trailing = echo(call);
    send(call, call.request);
    call.end(trailing);
  },
  StreamingInputCall(call, done) {
    const trailing = echo(call);
    let total = 0;
    call.on('data', (request) => { total += request.payload.body.length; });
    call.on('end', () => done(null, { aggregated_payload_size: total }, trailing));
  },
  FullDuplexCall: chat,
  HalfDuplexCall: chat,
};

const server = new grpc.Server();
server.addService(testing.TestService.service, service);
const pair = { private_key: testdata('server1.key'), cert_chain: testdata('server1.pem') };
const credentials = flags.use_tls === 'true'
  ? grpc.ServerCredentials.createSsl(null, [pair])
  : grpc.ServerCredentials.createInsecure();
server.bindAsync(`127.0.0.1:${flags.port}`, credentials, (error, port) => {
  if (error) throw error;
  console.log(`listening on ${port}`);
});
