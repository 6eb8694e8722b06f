// gRPC's interop client on @grpc/grpc-js: one case, as often as asked, each time on a channel of its
// own. Ends with an error when something differs from the case's description.
'use strict';

const assert = require('node:assert/strict');
const { grpc, testing, flags, testdata } = require('./common');

const INITIAL = 'x-grpc-test-echo-initial';
const TRAILING = 'x-grpc-test-echo-trailing-bin';
const REQUESTS = [27182, 8, 1828, 45904];
const RESPONSES = [31415, 9, 2653, 58979];
const SPECIAL = '\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n';

const limit = () => ({ deadline: Date.now() + 20000 });
const payload = (size) => ({ body: Buffer.alloc(size) });
const large = (more) => ({ response_size: 314159, payload: payload(271828), ...more });
const ask = (request, size) => ({ response_parameters: [{ size }], payload: payload(request) });

// A call with one response, as a promise of the response and the metadata around it.
function unary(client, method, request, options = limit(), metadata = new grpc.Metadata()) {
  return new Promise((resolve, reject) => {
    const around = {};
    const call = client[method](request, metadata, options, (error, response) => {
      around.response = response;
      around.error = error;
    });
    call.on('metadata', (head) => { around.initial = head; });
    call.on('status', (status) => {
      around.trailing = status.metadata;
      setImmediate(() => (around.error ? reject(around.error) : resolve(around)));
    });
  });
}

// A call with one response whose requests are sent by `send`.
function upload(client, send) {
  return new Promise((resolve, reject) => {
    const done = (error, response) => (error ? reject(error) : resolve(response));
    send(client.StreamingInputCall(new grpc.Metadata(), limit(), done));
  });
}

// The responses of a stream, one by one; `null` at its end.
function reader(call) {
  const [items, waiting] = [[], []];
  const put = (item) => (waiting.length ? waiting.shift()(item) : items.push(item));
  call.on('data', (value) => put({ value }));
  call.on('end', () => put({ value: null }));
  call.on('error', (error) => put({ error }));
  return async () => {
    const item = items.length
      ? items.shift()
      : await new Promise((resolve) => { waiting.push(resolve); });
    if (item.error) throw item.error;
    return item.value;
  };
}

async function fails(promise, code, details) {
  await assert.rejects(promise, (error) => {
    assert.equal(error.code, code, error.message);
    if (details !== undefined) assert.equal(error.details, details);
    return true;
  });
}

const cases = {
  async empty_unary(client) {
    assert.deepEqual({ ...(await unary(client, 'EmptyCall', {})).response }, {});
  },
  async large_unary(client) {
    const { response } = await unary(client, 'UnaryCall', large());
    assert.deepEqual(response.payload.body, Buffer.alloc(314159));
  },
  async client_streaming(client) {
    const response = await upload(client, (call) => {
      REQUESTS.forEach((size) => call.write({ payload: payload(size) }));
      call.end();
    });
    assert.equal(response.aggregated_payload_size, 74922);
  },
  async server_streaming(client) {
    const request = { response_parameters: RESPONSES.map((size) => ({ size })) };
    const next = reader(client.StreamingOutputCall(request, new grpc.Metadata(), limit()));
    for (const size of RESPONSES) assert.equal((await next()).payload.body.length, size);
    assert.equal(await next(), null);
  },
  async ping_pong(client) {
    const call = client.FullDuplexCall(new grpc.Metadata(), limit());
    const next = reader(call);
    for (const [turn, size] of RESPONSES.entries()) {
      call.write(ask(REQUESTS[turn], size));
      assert.equal((await next()).payload.body.length, size);
    }
    call.end();
    assert.equal(await next(), null);
  },
  async empty_stream(client) {
    const call = client.FullDuplexCall(new grpc.Metadata(), limit());
    const next = reader(call);
    call.end();
    assert.equal(await next(), null);
  },
  async custom_metadata(client) {
    const metadata = new grpc.Metadata();
    metadata.set(INITIAL, 'test_initial_metadata_value');
    metadata.set(TRAILING, Buffer.from('ababab', 'hex'));
    const check = ({ initial, trailing }) => {
      assert.deepEqual(initial.get(INITIAL), ['test_initial_metadata_value']);
      assert.deepEqual(trailing.get(TRAILING), [Buffer.from('ababab', 'hex')]);
    };
    check(await unary(client, 'UnaryCall', large(), limit(), metadata));
    const call = client.FullDuplexCall(metadata, limit());
    const around = {};
    call.on('metadata', (head) => { around.initial = head; });
    const ended = new Promise((resolve) => {
      call.on('status', (status) => { around.trailing = status.metadata; resolve(); });
    });
    const next = reader(call);
    call.write(ask(271828, 314159));
    assert.equal((await next()).payload.body.length, 314159);
    call.end();
    assert.equal(await next(), null);
    await ended;
    check(around);
  },
  async status_code_and_message(client) {
    const response_status = { code: 2, message: 'test status message' };
    const { UNKNOWN } = grpc.status;
    await fails(unary(client, 'UnaryCall', { response_status }), UNKNOWN, response_status.message);
    const call = client.FullDuplexCall(new grpc.Metadata(), limit());
    const next = reader(call);
    call.write({ response_status });
    call.end();
    await fails(next(), UNKNOWN, response_status.message);
  },
  async special_status_message(client) {
    const request = { response_status: { code: 2, message: SPECIAL } };
    await fails(unary(client, 'UnaryCall', request), grpc.status.UNKNOWN, SPECIAL);
  },
  async unimplemented_method(client) {
    await fails(unary(client, 'UnimplementedCall', {}), grpc.status.UNIMPLEMENTED);
  },
  async unimplemented_service(_, connect) {
    const client = connect(testing.UnimplementedService);
    await fails(unary(client, 'UnimplementedCall', {}), grpc.status.UNIMPLEMENTED);
    client.close();
  },
  async cancel_after_begin(client) {
    await fails(upload(client, (call) => call.cancel()), grpc.status.CANCELLED);
  },
  async cancel_after_first_response(client) {
    const call = client.FullDuplexCall(new grpc.Metadata(), limit());
    const next = reader(call);
    call.write(ask(27182, 31415));
    assert.equal((await next()).payload.body.length, 31415);
    call.cancel();
    await fails(next(), grpc.status.CANCELLED);
  },
  async timeout_on_sleeping_server(client) {
    const call = client.FullDuplexCall(new grpc.Metadata(), { deadline: Date.now() + 1 });
    const next = reader(call);
    call.write({ payload: payload(27182) });
    await fails(next(), grpc.status.DEADLINE_EXCEEDED);
  },
  async pick_first_unary(client) {
    const ids = new Set();
    for (let turn = 0; turn < 20; turn += 1) {
      ids.add((await unary(client, 'UnaryCall', { fill_server_id: true })).response.server_id);
    }
    assert.ok(ids.size === 1 && !ids.has(''), [...ids].join());
  },
};

const tls = flags.use_tls === 'true';
const credentials = tls
  ? grpc.credentials.createSsl(testdata('ca.pem'))
  : grpc.credentials.createInsecure();
const override = flags.server_host_override;
const options = tls
  ? { 'grpc.ssl_target_name_override': override, 'grpc.default_authority': override }
  : {};
options['grpc.use_local_subchannel_pool'] = 1;
const connect = (Service) =>
  new Service(`${flags.server_host}:${flags.server_port}`, credentials, options);

(async () => {
  for (let turn = 0; turn < Number(flags.repeat ?? 1); turn += 1) {
    const client = connect(testing.TestService);
    await cases[flags.test_case](client, connect);
    client.close();
  }
})().catch((error) => {
  console.error(error);
  process.exit(1);
});
