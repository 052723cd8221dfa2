#!/usr/bin/env node
'use strict';

let cli;
try {
  // A literal path, which a bundler includes.
  cli = require('../dist/index.js');
} catch (error) {
  if (error.code !== 'MODULE_NOT_FOUND' || !error.message.includes('../dist/index.js')) throw error;
  console.error('orra: this package has not been built; run `npm ci && npm run build` in its repository first');
  process.exit(1);
}

void cli.runCli(process.argv.slice(2)).then((code) => {
  // process.exit() would discard output that has not yet been written to a pipe.
  process.exitCode = code;
});
