// Writes docs/cli.md from the commands of packages/cli. With --check it only compares the page. Build first.
import './lib/node-version.mjs';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import * as prettier from 'prettier';
import cli from '../packages/cli/dist/reference.js';
import { root } from './lib/workspace.mjs';

const MAX_LINE_LENGTH = 119;

const file = path.join(root, 'docs', 'cli.md');
const options = await prettier.resolveConfig(file);
const text = wrap(await prettier.format(cli.renderReference(), { ...options, parser: 'markdown' }));

if (process.argv.includes('--check')) {
  if (readFileSync(file, 'utf8') !== text) {
    console.error('docs/cli.md differs from the commands: run `node scripts/cli-docs.mjs` after a build.');
    process.exitCode = 1;
  }
} else {
  writeFileSync(file, text);
}

/** Wraps paragraphs and list items. Prettier does not wrap the long code spans of JSON output. */
function wrap(markdown) {
  let isCode = false;
  return markdown
    .split('\n')
    .map((line) => {
      if (line.startsWith('```')) isCode = !isCode;
      return isCode || (/^[|#`]{1,3}/.test(line) && !/^`[^`]/.test(line)) ? line : wrapLine(line);
    })
    .join('\n');
}

function wrapLine(line) {
  const indent = line.startsWith('- ') ? '  ' : '';
  const lines = [''];
  for (const word of line.split(' ')) {
    const longer = `${lines.at(-1)}${lines.at(-1) === '' || lines.at(-1) === indent ? '' : ' '}${word}`;
    // A line must not start with a character that begins a list, a quote or a heading.
    if (longer.length <= MAX_LINE_LENGTH || /^[-+*>#\d]/.test(word)) lines[lines.length - 1] = longer;
    else lines.push(`${indent}${word}`);
  }
  return lines.join('\n');
}
