// Writes the public API of each package to packages/*/api/*.api.md, so that a review sees it change. With --check it only
// compares. Reads the compiled declarations of the main entries: build first.
import './lib/node-version.mjs';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { Extractor, ExtractorConfig } from '@microsoft/api-extractor';
import { publishable, root } from './lib/workspace.mjs';

const checkOnly = process.argv.includes('--check');
const SILENT = { default: { logLevel: 'none' } };

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
    // What it prints names settings of its own; the line below says what to do.
    messageCallback: (message) => {
      message.handled = true;
    },
  });
  const failed = checkOnly && apiReportChanged;
  console.log(`${failed ? 'FAILED' : 'ok    '} ${name}${apiReportChanged && !checkOnly ? ', updated' : ''}`);
  if (failed) process.exitCode = 1;
}
if (process.exitCode) {
  console.error('The public API is not what packages/*/api say: run `npm run api` and commit what it changes.');
}
