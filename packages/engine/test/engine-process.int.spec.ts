/** What `orra-engine` reads of a file `.env` in its working folder. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readCommand } from '../src/engine-process';

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(path.join(tmpdir(), 'orra-env-'));
});
afterEach(() => rmSync(cwd, { recursive: true }));

test('the file says what the environment does not; an empty variable of it counts as unset', () => {
  writeFileSync(
    path.join(cwd, '.env'),
    'PORT=9000\nLLM_API_BASE_URL="http://localhost:1234/v1"\nLLM_MODEL=from-file\n',
  );
  const command = readCommand({ argv: [], cwd, env: { LLM_MODEL: 'from-environment', PORT: '' } });
  expect(command).toMatchObject({
    engine: { port: 9000, model: { model: 'from-environment', baseUrl: 'http://localhost:1234/v1' } },
  });
});

test('one that cannot be read is said', () => {
  mkdirSync(path.join(cwd, '.env'));
  expect(() => readCommand({ argv: [], cwd, env: {} })).toThrow(/\.env cannot be read/);
});
