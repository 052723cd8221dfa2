// Checks the wording of sources and pages, and the line lengths of pages. Prints `file:line` and the wording to use.
import './lib/node-version.mjs';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { root, workspaces } from './lib/workspace.mjs';

const LINE_LIMIT = 120;
const CELL_LIMIT = 160;

/** The space between two words, also if a comment or paragraph continues on the next line. */
const GAP = String.raw`(?:[ \t]+|[ \t]*\n[ \t]*(?:\*[ \t]+|//[ \t]+)?)`;

function phrase(...words) {
  return new RegExp(String.raw`\b${words.join(GAP)}`, 'gi');
}

const WORDS = [
  { pattern: phrase('the', 'original\\b'), instead: 'name it: "the Go engine", "the Go CLI", "the first response"' },
  {
    pattern: phrase('(?<!\\bthere )is', 'no', '(?!(?:longer|more|less)\\b)[a-z]+'),
    instead: 'put the negation on the verb: "is not a …"',
  },
  {
    pattern: phrase('a', 'text\\b(?! (?:editor|file|field)\\b)'),
    instead: 'write "a string", "a message", "a name"',
  },
  { pattern: /\/\*\*\s+(?:\* )?Of\b/g, instead: 'begin with a subject or a verb: "Fields common to all outcomes."' },
];

let problems = 0;
function report(file, line, problem) {
  problems += 1;
  console.error(`${path.relative(root, file)}:${line} ${problem}`);
}

for (const { folder } of workspaces()) checkFolder(path.join(folder, 'src'), isSource, checkWords);
checkFolder(path.join(root, 'scripts'), (file) => file.endsWith('.mjs'), checkWords);
checkFolder(path.join(root, 'docs'), (file) => file.endsWith('.md'), checkWords);
checkFolder(path.join(root, 'docs'), (file) => file.endsWith('.md'), checkWidths);
if (problems) console.error(`${problems} places need other words or shorter lines`);
process.exitCode = problems ? 1 : 0;

function isSource(file) {
  return file.endsWith('.ts') && !file.endsWith('.spec.ts');
}

function checkFolder(folder, wanted, check) {
  if (!existsSync(folder)) return;
  for (const file of readdirSync(folder, { recursive: true }).filter(wanted).sort()) {
    const absolute = path.join(folder, file);
    check(absolute, readFileSync(absolute, 'utf8'));
  }
}

function checkWords(file, content) {
  for (const { pattern, instead } of WORDS) {
    for (const match of content.matchAll(pattern)) {
      const line = content.slice(0, match.index).split('\n').length;
      report(file, line, `"${match[0].replace(/[\s*/]+/g, ' ').trim()}": ${instead}`);
    }
  }
}

/** Checks lines outside code blocks, and the cells of tables. */
function checkWidths(file, content) {
  let inCode = false;
  for (const [index, line] of content.split('\n').entries()) {
    if (/^\s*(```|~~~)/.test(line)) inCode = !inCode;
    else if (inCode) continue;
    else if (/^\s*\|/.test(line)) checkCells(file, index + 1, line);
    else if (line.length >= LINE_LIMIT)
      report(file, index + 1, `the line has ${line.length} characters; the limit is ${LINE_LIMIT - 1}`);
  }
}

function checkCells(file, line, row) {
  if (/^[\s|:-]+$/.test(row)) return;
  for (const cell of row.split(/(?<!\\)\|/).map((text) => text.trim())) {
    if (cell.length >= CELL_LIMIT)
      report(file, line, `the cell has ${cell.length} characters; the limit is ${CELL_LIMIT - 1}`);
  }
}
