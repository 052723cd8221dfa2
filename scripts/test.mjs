// Installs if needed, builds (packages/conformance tests the compiled packages), and runs jest with the arguments:
// `npm test -- packages/sdk --watch`.
import './lib/node-version.mjs';
import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { requireNode, runNode, say } from './lib/run.mjs';
import { countTests, reportFile, sumLine } from './lib/test-report.mjs';
import { root } from './lib/workspace.mjs';

// Removes the report of an earlier run, in case this run fails before jest starts.
rmSync(reportFile, { force: true });
mkdirSync(path.dirname(reportFile), { recursive: true });

requireNode('scripts/install.mjs');
requireNode('scripts/build.mjs');

const args = process.argv.slice(2);
say(`Running the tests${args.length ? `: ${args.join(' ')}` : ''}`);
const code = runNode('node_modules/jest/bin/jest.js', ['--json', `--outputFile=${reportFile}`, ...args]);
const counts = countTests();
say(`${sumLine(counts)} (report: ${path.relative(root, reportFile)})`);
process.exitCode = code || (counts.failed ? 1 : 0);
