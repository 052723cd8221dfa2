#!/usr/bin/env node
'use strict';

const { existsSync } = require('node:fs');
const { join } = require('node:path');

const entry = join(__dirname, '..', 'dist', 'index.js');
if (!existsSync(entry)) {
  console.error('orra: this package has not been built; run `npm ci && npm run build` in its repository first');
  process.exit(1);
}

const { runCli } = require(entry);
void runCli(process.argv.slice(2)).then((code) => {
  // process.exit() would discard output that has not yet been written to a pipe.
  process.exitCode = code;
});
