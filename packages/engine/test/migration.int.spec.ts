/** A folder that an engine of version 1 of the schema left behind, with data, under the engine of today. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { MIGRATIONS } from '../src/storage/migrations';
import { openSqlDatabase } from '../src/storage/sql-driver';
import { connectService } from './support/engine-client';
import { SseClient } from './support/sse-client';
import { startEngine, withEngine } from './support/with-engine';

const folder = mkdtempSync(path.join(tmpdir(), 'orra-migration-'));
const file = path.join(folder, 'engine.db');
const OLD_KEY = 'old-key';
beforeAll(() => {
  const database = openSqlDatabase(file);
  database.exec(readFileSync(path.join(__dirname, 'fixtures/storage-version-1.sql'), 'utf8'));
  database.close();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('what was there is there, what was open goes on, and what is new works on it', async () => {
  for (const start of ['first', 'second']) {
    const { engine, client } = await withEngine({ storage: folder, apiKey: OLD_KEY });
    const { body: list } = await client.ask('GET', '/orchestrations');
    expect(list.aborted).toHaveLength(1);
    expect((await client.ask('GET', '/compensation-failures')).text).toBe('null');
    expect((await client.ask('GET', '/groundings')).text).toBe('null');
    expect((await client.ask('GET', '/settings')).body).toEqual({ groundings: start === 'first' ? 'guide' : 'strict' });
    expect((await client.ask('PUT', '/settings', { groundings: 'strict' })).status).toBe(200);
    const stream = await SseClient.open(`${engine.url}/orchestrations/${list.aborted[0].id}/events`, {
      authorization: `Bearer ${OLD_KEY}`,
    });
    expect((await stream.toEnd()).at(-1)).toMatchObject({ type: 'compensation.failed', data: { error: 'shipped' } });
    if (start === 'first') {
      const [{ id }] = (await client.ask('GET', '/services')).body.filter(
        (one: { name: string }) => one.name === 'stock',
      );
      const stock = await connectService(client, 'stock', { id });
      const work = await stock.nextRequest();
      expect(work).toMatchObject({ type: 'task_request', id: 'task1', input: { value: 'v' } });
      expect((await client.ask('POST', '/webhooks', { url: 'http://127.0.0.1:9/new' })).status).toBe(201);
      await stock.deliver(work, { error: 'no', failure: { code: 'NO', retryable: false } });
      await engine.close();
    } else {
      expect(list.failed).toHaveLength(1);
    }
  }
});

test('the file says which version it is', async () => {
  await (await startEngine({ storage: folder })).close();
  const database = openSqlDatabase(file);
  expect(database.prepare('PRAGMA user_version').get()?.user_version).toBe(MIGRATIONS.length);
  database.close();
});
