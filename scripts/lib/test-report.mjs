// Summarizes jest's JSON report in one line. Run as a program, it prints that line.
import { existsSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { readJson, root } from './workspace.mjs';

export const reportFile = path.join(root, 'reports', 'jest.json');

/** Counts passed and failed tests. A suite that cannot be loaded has no tests and counts as one failure, as does a missing report. */
export function countTests() {
  if (!existsSync(reportFile)) return { passed: 0, failed: 1 };
  const report = readJson(reportFile);
  return { passed: report.numPassedTests, failed: report.numFailedTests + report.numRuntimeErrorTestSuites };
}

export function sumLine({ passed, failed } = countTests()) {
  return `${passed} passed, ${failed} failed`;
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) console.log(sumLine());
