/** A Nest application that ends while a handler is at work, in a real process. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createOrraClient } from '@orra-ts/client';
import { silentLogger } from '@orra-ts/common';
import { embeddedEngine } from '@orra-ts/engine';

const engine = embeddedEngine({ storage: ':memory:' });
let url = '';
let apiKey = '';
let folder = '';
beforeAll(async () => {
  ({ url, apiKey } = await engine.start({ logger: silentLogger }));
  folder = mkdtempSync(path.join(tmpdir(), 'orra-nestjs-'));
});
afterAll(async () => {
  await engine.close();
  rmSync(folder, { recursive: true, force: true });
});

interface Ending {
  /** Sent when the handler has begun; without one, the application closes itself. */
  readonly signal?: NodeJS.Signals;
  readonly useProcessExit?: boolean;
}

it.each<[string, Ending, { code: number | null; signal: NodeJS.Signals | null }]>([
  ['SIGTERM', { signal: 'SIGTERM' }, { code: null, signal: 'SIGTERM' }],
  ['SIGTERM with useProcessExit', { signal: 'SIGTERM', useProcessExit: true }, { code: 0, signal: null }],
  ['app.close()', {}, { code: 0, signal: null }],
])('L3: %s lets a handler of a Nest application end before its pool closes', async (_, ending, exit) => {
  const setup = { url, apiKey, closes: !ending.signal, useProcessExit: ending.useProcessExit };
  const child = spawn(process.execPath, [require.resolve('./nestjs-shutdown-child.cjs'), JSON.stringify(setup)], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  try {
    let output = '';
    child.stdout?.on('data', (data: Buffer) => (output += data.toString()));
    await once(child, 'message');
    const begun = once(child, 'message');
    const ended = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
    const orchestration = await createOrraClient({ url, apiKey })
      .action('serve the order')
      .plan({ tasks: [{ id: 'task1', service: 'orders', input: { seen: 'nothing' } }] })
      .submit();
    await begun;
    if (ending.signal) child.kill(ending.signal);
    const [code, signal] = await ended;
    expect({ code, signal }).toEqual(exit);
    expect(output.trim().split('\n')).toEqual([
      'the handler ends, the pool is open',
      'the pool closes, 0 outcomes are not acknowledged',
      ...(ending.signal ? [] : ['the application has closed']),
    ]);
    expect(await orchestration.result()).toMatchObject({ status: 'completed', output: { seen: 'served' } });
  } finally {
    child.kill('SIGKILL');
  }
});
