// Jest's JSON report, and its sum in one line. Run directly, it prints that line alone.
import { existsSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { readJson, root } from './workspace.mjs';

export const reportFile = path.join(root, 'reports', 'jest.json');

/** A suite that could not even be loaded has no tests to count, so it counts as one failure. So does a missing report. */
export function countTests() {
  if (!existsSync(reportFile)) return { passed: 0, failed: 1 };
  const report = readJson(reportFile);
  return { passed: report.numPassedTests, failed: report.numFailedTests + report.numRuntimeErrorTestSuites };
}

export function sumLine({ passed, failed } = countTests()) {
  return `${passed} passed, ${failed} failed`;
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) console.log(sumLine());
