// Writes the public API of each package to packages/*/api/*.api.md, so that a review shows its changes. With --check it
// only compares the files. Reads the compiled declarations of the main entry points, so build first.
import './lib/node-version.mjs';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Extractor, ExtractorConfig } from '@microsoft/api-extractor';
import { publishable, root } from './lib/workspace.mjs';

const checkOnly = process.argv.includes('--check');
const SILENT = { default: { logLevel: 'none' } };

/**
 * The compiler writes the members of derived types and unions in the order in which it met them, and an incremental build
 * meets them in another order than a clean one. So the reports are compared regardless of the order of lines, and of words
 * in a line.
 */
function linesOf(file) {
  if (!existsSync(file)) return '';
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines
    .map((line) => (line.match(/[^\s|;,<>()[\]{}]+/g) ?? []).sort().join(' '))
    .sort()
    .join('\n');
}

for (const { folder, path: name, manifest } of publishable()) {
  const reportFolder = path.join(folder, 'api');
  mkdirSync(reportFolder, { recursive: true });
  const extractorConfig = ExtractorConfig.prepare({
    configObject: {
      projectFolder: folder,
      mainEntryPointFilePath: path.join(folder, manifest.types),
      newlineKind: 'lf',
      compiler: { tsconfigFilePath: path.join(folder, 'tsconfig.build.json') },
      apiReport: { enabled: true, reportFolder, reportTempFolder: path.join(root, 'reports', 'api', name) },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      messages: {
        compilerMessageReporting: SILENT,
        extractorMessageReporting: { ...SILENT, 'ae-forgotten-export': { logLevel: 'none', addToApiReportFile: true } },
        tsdocMessageReporting: SILENT,
      },
    },
    configObjectFullPath: undefined,
    packageJsonFullPath: path.join(folder, 'package.json'),
  });
  const { apiReportChanged } = Extractor.invoke(extractorConfig, {
    localBuild: !checkOnly,
    // Its messages refer to its own settings; the error below states the remedy.
    messageCallback: (message) => {
      message.handled = true;
    },
  });
  const { reportFilePath, reportTempFilePath } = extractorConfig;
  const failed = checkOnly && apiReportChanged && linesOf(reportFilePath) !== linesOf(reportTempFilePath);
  console.log(`${failed ? 'FAILED' : 'ok    '} ${name}${apiReportChanged && !checkOnly ? ', updated' : ''}`);
  if (failed) process.exitCode = 1;
}
if (process.exitCode) {
  console.error('The public API differs from packages/*/api: run `npm run api` and commit the changes.');
}
