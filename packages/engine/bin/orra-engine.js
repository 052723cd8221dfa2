#!/usr/bin/env node
'use strict';

const { existsSync } = require('node:fs');
const { join } = require('node:path');

const entry = join(__dirname, '..', 'dist', 'engine-process.js');
if (!existsSync(entry)) {
  console.error('orra-engine: this package has not been built; run `npm ci && npm run build` in its repository first');
  process.exit(1);
}

const { runEngineProcess } = require(entry);
const { processIo } = require('@orra-ts/common/process');
void runEngineProcess(process.argv.slice(2), processIo());
