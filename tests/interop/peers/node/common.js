// What the interop programs for Node share: flags, certificates, the service.
'use strict';

const fs = require('node:fs');
const { createRequire } = require('node:module');
const path = require('node:path');

// the packages lie where `cargo xtask interop` installed them
const packages = createRequire(path.join(process.env.INTEROP_PACKAGES, 'package.json'));
const grpc = packages('@grpc/grpc-js');
const loader = packages('@grpc/proto-loader');

const root = path.join(__dirname, '../..');
const definition = loader.loadSync('grpc/testing/test.proto', {
  includeDirs: [path.join(root, 'proto')],
  keepCase: true,
  defaults: true,
});
const { testing } = grpc.loadPackageDefinition(definition).grpc;

const flags = Object.fromEntries(
  process.argv.slice(2).map((flag) => flag.replace(/^--/, '').split('=')),
);
const testdata = (name) => fs.readFileSync(path.join(root, 'testdata', name));

module.exports = { grpc, testing, flags, testdata };
