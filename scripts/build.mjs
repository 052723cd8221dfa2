// Compiles every package, then writes the thin ESM entries beside the CommonJS ones: one implementation, two doors.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const require = createRequire(import.meta.url);

const tsc = spawnSync(process.execPath, [require.resolve('typescript/bin/tsc'), '-b', 'tsconfig.build.json'], {
  cwd: root,
  stdio: 'inherit',
});
if (tsc.status !== 0) process.exit(tsc.status ?? 1);

for (const folder of readdirSync(path.join(root, 'packages'))) {
  const manifest = path.join(root, 'packages', folder, 'package.json');
  if (!existsSync(manifest)) continue;
  const { exports = {} } = JSON.parse(readFileSync(manifest, 'utf8'));
  for (const entry of Object.values(exports)) {
    if (typeof entry !== 'object' || !entry.import) continue;
    const file = (relative) => path.join(root, 'packages', folder, relative);
    const cjs = path.basename(entry.require.default);
    const names = Object.keys(require(file(entry.require.default))).filter((name) => name !== 'default');
    writeFileSync(
      file(entry.import.default),
      `import cjs from './${cjs}';\n` + (names.length ? `export const { ${names.sort().join(', ')} } = cjs;\n` : ''),
    );
    writeFileSync(file(entry.import.types), `export * from './${cjs}';\n`);
  }
}
