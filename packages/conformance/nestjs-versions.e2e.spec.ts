/**
 * The behaviours of packages/nestjs/test/compat on the newest Nest 11 and 12 of this repository, each in a process of its
 * own: jest cannot load Nest 12, which is ESM. `npm run compat` runs them on more versions.
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(__dirname, '..', '..');
const read = (file: string): string => readFileSync(path.join(root, file), 'utf8');

interface Result {
  readonly name: string;
  readonly error?: string;
}

/** @param home a package of the repository that has this Nest */
async function behavioursOn(home: string): Promise<readonly Result[]> {
  const folder = mkdtempSync(path.join(root, 'packages', home, '.compat-'));
  try {
    const compiler = path.join(root, 'scripts', 'lib', 'nest-behaviours.mjs');
    const program = execFileSync(process.execPath, [compiler, folder], { encoding: 'utf8' }).trim();
    const child = spawn(process.execPath, [program], { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
    await once(child, 'close');
    return output
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Result);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const versionOf = (home: string): string => {
  const index = require.resolve('@nestjs/core', { paths: [path.join(root, 'packages', home)] });
  const manifest = JSON.parse(readFileSync(path.join(path.dirname(index), 'package.json'), 'utf8')) as {
    version: string;
  };
  return manifest.version;
};

/** The first column of the table of features. */
const documented = [...read('docs/nestjs.md').matchAll(/^\| (\S[^|]*?) +\| [^|]+\|$/gm)]
  .map(([, name = '']) => name)
  .filter((name) => !/^(Nest|-+)$/.test(name));

const HOMES = ['nestjs', 'nestjs-12'] as const;
let results: Readonly<Record<string, readonly Result[]>> = {};
beforeAll(async () => {
  results = Object.fromEntries(await Promise.all(HOMES.map(async (home) => [home, await behavioursOn(home)] as const)));
}, 120_000);

it.each([
  ['nestjs', '11'],
  ['nestjs-12', '12'],
])('L3: each behaviour that docs/nestjs.md names holds on the Nest of packages/%s, which is %s', (home, major) => {
  expect(versionOf(home).split('.')[0]).toBe(major);
  expect(results[home]?.filter(({ error }) => error !== undefined)).toEqual([]);
  expect(results[home]?.map(({ name }) => name)).toEqual(documented);
  expect(documented.length).toBeGreaterThanOrEqual(30);
});
