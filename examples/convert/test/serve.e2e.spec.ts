/** The process that the page `docs/deploying.md` shows. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { silentLogger } from '@orra-ts/sdk';
import { createEngine } from '@orra-ts/engine';

let child: ChildProcess | undefined;
let folder: string;
beforeAll(() => (folder = mkdtempSync(path.join(tmpdir(), 'orra-convert-'))));
afterAll(() => {
  child?.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

it('is ready when it is connected, and ends with code 0 on SIGTERM', async () => {
  const engine = await createEngine({ port: 0, storage: ':memory:', logger: silentLogger });
  const { apiKey } = await engine.createProject({ name: 'images' });
  child = spawn(process.execPath, [path.resolve(__dirname, '../dist/after/serve.js')], {
    cwd: folder,
    env: { PATH: process.env['PATH'], ORRA_URL: engine.url, ORRA_API_KEY: apiKey, PROBE_PORT: '0' },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const ended = once(child, 'exit');
  const [line] = (await once(child.stdout as NodeJS.ReadableStream, 'data')) as [Buffer];
  const port = /ready, probes on port (\d+)/.exec(line.toString())?.[1];
  const probe = await fetch(`http://127.0.0.1:${port}/ready`);
  expect([probe.status, await probe.text()]).toEqual([200, 'ready']);
  child.kill('SIGTERM');
  expect(await ended).toEqual([0, null]);
  await engine.close();
});
