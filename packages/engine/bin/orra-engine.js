#!/usr/bin/env node
'use strict';

let engine;
try {
  // A literal path, which a bundler includes.
  engine = require('../dist/engine-process.js');
} catch (error) {
  if (error.code !== 'MODULE_NOT_FOUND' || !error.message.includes('../dist/engine-process.js')) throw error;
  console.error('orra-engine: this package has not been built; run `npm ci && npm run build` in its repository first');
  process.exit(1);
}

const { processIo } = require('@orra-ts/common/process');
void engine.runEngineProcess(process.argv.slice(2), processIo());
