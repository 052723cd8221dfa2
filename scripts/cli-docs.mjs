// Writes docs/cli.md from the command tree of packages/cli. With --check it only says whether that is up to date. Build first.
import './lib/node-version.mjs';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import * as prettier from 'prettier';
import cli from '../packages/cli/dist/reference.js';
import { root } from './lib/workspace.mjs';

const file = path.join(root, 'docs', 'cli.md');
const options = await prettier.resolveConfig(file);
const text = await prettier.format(cli.renderReference(), { ...options, parser: 'markdown' });

if (process.argv.includes('--check')) {
  if (readFileSync(file, 'utf8') !== text) {
    console.error('docs/cli.md is not what the commands say: run `node scripts/cli-docs.mjs` after a build.');
    process.exitCode = 1;
  }
} else {
  writeFileSync(file, text);
}
