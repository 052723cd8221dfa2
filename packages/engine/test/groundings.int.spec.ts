/** `/groundings`: recorded requests of the Go engine, replayed, and a restart. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Engine } from '../src';
import { EngineClient } from './support/engine-client';
import { items, pluck, type Json } from './support/json';
import { withEngine, type TestEngine } from './support/with-engine';

const fixture: Json = JSON.parse(readFileSync(path.join(__dirname, 'fixtures/recorded-resources.json'), 'utf8'));

let engine: Engine;
let client: EngineClient;
let running: TestEngine;
const restart = async (): Promise<void> => {
  running = await running.restart();
  ({ engine, client } = running);
};
beforeEach(async () => {
  running = await withEngine({ persistent: true });
  ({ engine, client } = running);
});

const GROUNDING = {
  name: 'orders',
  domain: 'shop',
  version: '1.0',
  useCases: [{ action: 'Ship {id}', params: { id: 'o-1' }, capabilities: ['ships'], intent: 'Goods leave' }],
};

/** Removes our differences: the project's id, and empty lists instead of null. */
function expected(answer: Json, projectId: string): unknown {
  const text = JSON.stringify(answer).replaceAll(/p_[A-Za-z0-9]{22}/g, projectId);
  return JSON.parse(text.replaceAll('"constraints":null', '"constraints":[]'));
}

describe('groundings', () => {
  it('get the responses of the Go engine, request by request', async () => {
    const { id } = await engine.createProject({ name: 'recorded', apiKey: 'sk-recorded' });
    const recorded = new EngineClient(engine.url, 'sk-recorded');
    for (const { method, path: target, body, status, answer } of items(fixture.groundings)) {
      const answered = await recorded.ask(method as string, target as string, body);
      expect([method, target, answered.status]).toEqual([method, target, status]);
      if (status === 204) expect(answered.text).toBe('');
      else if (answer?.error?.param === 'name') {
        expect(answered.body.error).toMatchObject({ kind: answer.error.kind, param: 'name' });
      } else expect(answered.body).toEqual(expected(answer, id));
    }
  });

  it('are listed by name, each with its newest version, also after a restart', async () => {
    for (const [name, version] of [
      ['b-shop', '1'],
      ['a-shop', '1'],
      ['b-shop', '2'],
    ]) {
      expect((await client.ask('POST', '/groundings', { ...GROUNDING, name, version })).status).toBe(201);
    }
    const before = (await client.ask('GET', '/groundings')).body;
    expect(pluck(before, 'name')).toEqual(['a-shop', 'b-shop']);
    expect(pluck(before, 'version')).toEqual(['1', '2']);
    await restart();
    expect((await client.ask('GET', '/groundings')).body).toEqual(before);
    await client.ask('DELETE', '/groundings/a-shop');
    await restart();
    expect(pluck((await client.ask('GET', '/groundings')).body, 'name')).toEqual(['b-shop']);
    const stranger = await EngineClient.of(engine, 'other');
    expect((await stranger.ask('GET', '/groundings')).text).toBe('null');
  });

  it.each([
    ['name', { name: 'X' }],
    ['domain', { domain: 'no blanks' }],
    ['version', { version: ' ' }],
    ['use-cases', { useCases: [] }],
    ['use-cases', { useCases: [{ ...GROUNDING.useCases[0], action: 'x'.repeat(1_001) }] }],
    ['use-cases', { useCases: [{ ...GROUNDING.useCases[0], params: {} }] }],
    ['constraints', { constraints: [''] }],
  ])('that break a rule about %s are rejected', async (param, change) => {
    const { status, body } = await client.ask('POST', '/groundings', { ...GROUNDING, ...change });
    expect(status).toBe(400);
    expect(body.error).toMatchObject({ kind: 'invalid request error', param, message: expect.any(String) });
  });

  it('have a bounded number of use cases in a project', async () => {
    const useCases = Array<unknown>(999).fill(GROUNDING.useCases[0]);
    const statusOf = async (changes: object): Promise<number> =>
      (await client.ask('POST', '/groundings', { ...GROUNDING, ...changes })).status;
    expect(await statusOf({ useCases })).toBe(201);
    expect(await statusOf({ name: 'one-more' })).toBe(201);
    const { status, body } = await client.ask('POST', '/groundings', { ...GROUNDING, name: 'too-many' });
    expect([status, body.error.param]).toEqual([400, 'use-cases']);
    expect(body.error.message).toContain('1001 use cases; the maximum is 1000');
    // Those of the replaced version do not count.
    expect(await statusOf({ version: '2', useCases })).toBe(201);
  });

  it('of one version twice are rejected with a message that the Go CLI parses, until they are removed', async () => {
    await client.ask('POST', '/groundings', GROUNDING);
    const { status, body } = await client.ask('POST', '/groundings', GROUNDING);
    expect([status, body.error.kind, body.error.param]).toEqual([400, 'invalid operation', 'version']);
    expect(body.error.message).toMatch(/ already has .* with name orders and version 1\.0$/);
    await client.ask('DELETE', '/groundings');
    expect((await client.ask('POST', '/groundings', GROUNDING)).status).toBe(201);
  });
});
