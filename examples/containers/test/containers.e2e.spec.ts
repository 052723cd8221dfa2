/** Runs each program of the page `docs/dependency-injection.md`. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const page = readFileSync(path.resolve(__dirname, '../../../docs/dependency-injection.md'), 'utf8');
const [, promised = ''] = /^They print\n\n```text\n([^]*?)^```$/m.exec(page) ?? [];

it.each(['tsyringe', 'inversify', 'awilix', 'typedi'])(
  '%s releases the scope of each task, and the pool after the last one',
  async (name) => {
    const folder = mkdtempSync(path.join(tmpdir(), 'orra-containers-'));
    try {
      const { stdout } = await promisify(execFile)(process.execPath, [path.resolve(__dirname, `../dist/${name}.js`)], {
        cwd: folder,
        env: { PATH: process.env['PATH'], ORRA_LOG_LEVEL: 'silent' },
      });
      expect(stdout).toBe(promised);
      expect(readdirSync(folder).filter((file) => file !== '.orra-data')).toEqual([]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
);

it.each(['tsyringe', 'inversify', 'awilix', 'typedi'])('the page shows the whole program of %s', (name) => {
  const program = readFileSync(path.resolve(__dirname, `../src/${name}.ts`), 'utf8');
  expect(page).toContain(program);
});
