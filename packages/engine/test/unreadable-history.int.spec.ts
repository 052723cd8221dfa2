/** One history that cannot be read does not stop the others (E8). */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connectService } from './support/engine-client';
import { MemoryLogger } from './support/gateway-under-test';
import { temporaryFolder, withEngine } from './support/with-engine';

const MARK = 'MARK-4711-MARK';
const TYPE = '"type":"submitted"';

type Damage = (bytes: Buffer, at: number) => void;
const damages: [what: string, reason: string, damage: Damage][] = [
  ['a damaged row', 'its events are not valid JSON', (bytes, at) => void bytes.fill(1, at, at + MARK.length)],
  [
    'an event of an unknown kind',
    'it has an event of the unknown kind "subm1tted"',
    (bytes, at) => {
      const start = bytes.lastIndexOf(TYPE, at);
      // The same line, so of the same orchestration.
      if (start > bytes.lastIndexOf('\n', at)) bytes.write(TYPE.replace('i', '1'), start);
    },
  ],
];

it.each(damages)('%s is set aside with its id; the other orchestrations continue', async (_, reason, damage) => {
  const logger = new MemoryLogger();
  const storage = temporaryFolder();
  const { engine, client } = await withEngine({ storage });
  const worker = await connectService(client, 'worker');
  await worker.close();
  const submit = async (value: string): Promise<string> => {
    const plan = { tasks: [{ id: 'task1', service: 'worker', input: { value: '$task0.value' } }] };
    const data = [{ field: 'value', value }];
    const action = { type: 'order', content: 'Ship' };
    return (await client.ask('POST', '/orchestrations', { action, data, plan })).body.id as string;
  };
  const before = await submit('first');
  const damaged = await submit(MARK);
  const after = await submit('last');
  await engine.close();

  const file = join(storage, 'engine.db');
  const bytes = readFileSync(file);
  let count = 0;
  for (let at = bytes.indexOf(MARK); at >= 0; at = bytes.indexOf(MARK, at + 1), count++) damage(bytes, at);
  expect(count).toBeGreaterThan(0);
  writeFileSync(file, bytes);

  const next = (await withEngine({ storage, logger, apiKey: client.key })).client;
  const again = await connectService(next, 'worker', {
    identity: 'name',
    onTask: () => ({ output: { value: 'done' } }),
  });
  for (const id of [before, after]) {
    await next.ask('GET', `/orchestrations/${id}/events`);
    expect((await next.inspect(id)).status).toBe('completed');
  }
  await again.close();
  const setAside = logger.lines.filter(({ level }) => level === 'error');
  expect(setAside).toEqual([
    {
      level: 'error',
      message: 'an orchestration cannot be read and is set aside',
      fields: { orchestrationId: damaged, code: 'ORRA_HISTORY_UNREADABLE', error: expect.stringContaining(reason) },
    },
  ]);
  const { status, body } = await next.ask('GET', `/orchestrations/inspections/${damaged}`);
  expect([status, body.error.message]).toEqual([500, setAside[0]?.fields.error]);
  expect((await next.ask('GET', '/orchestrations')).text).toContain(damaged);
  expect(JSON.stringify(logger.lines)).not.toContain(MARK);
});
