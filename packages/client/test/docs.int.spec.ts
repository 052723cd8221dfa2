/** docs/client.md: its program runs, and it lists every error and method. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FakeHttpEngine, type FakeHttpStep } from '@orra-ts/fakes';
import * as client from '../src';
import { recorded, replay } from './recorded';
import { placeOrder } from './programs/place-order';
import { sse } from './stream-events';

const page = readFileSync(join(__dirname, '../../../docs/client.md'), 'utf8');

describe('the program', () => {
  const { id } = recorded('submit').answer.body as { id: string };
  let engine: FakeHttpEngine;
  let said: string[];
  beforeEach(async () => {
    engine = await FakeHttpEngine.start();
    replay(engine, 'submit');
    process.env['ORRA_URL'] = engine.url;
    process.env['ORRA_API_KEY'] = 'sk-orra-v1-1';
    said = [];
    jest.spyOn(console, 'log').mockImplementation((...parts: unknown[]) => void said.push(parts.map(String).join(' ')));
  });
  afterEach(async () => {
    jest.restoreAllMocks();
    delete process.env['ORRA_URL'];
    delete process.env['ORRA_API_KEY'];
    await engine.close();
  });

  const answering = (name: string, change: object = {}): FakeHttpStep => {
    const { answer } = recorded(name);
    return { ...answer, body: { ...(answer.body as object), ...change } };
  };
  const base = { orchestrationId: id, timestamp: '2026-11-22T09:30:00Z' };
  const events = [
    sse(1, { ...base, type: 'task.update', taskId: 'task1', serviceName: 'parcels', data: 'packed' }),
    sse(2, { ...base, type: 'orchestration.completed' }),
  ].join('');
  const done = answering('inspect-completed', { results: [{ trackingNumber: 'T-1' }], tasks: [] });

  it('prints progress and result with an engine that has events', async () => {
    const headers = { 'content-type': 'text/event-stream' };
    engine.script('GET', `/orchestrations/${id}/events`, { status: 200, headers, body: events });
    engine.script('GET', `/orchestrations/inspections/${id}`, done);
    await placeOrder('A-17');
    expect(said).toEqual(['parcels packed', 'on its way: T-1']);
    expect(engine.received[0]?.body).toMatchObject({ data: [{ field: 'orderId', value: 'A-17' }], timeout: '45s' });
  });

  it.each([
    ['inspect-completed', done, /^on its way: T-1$/],
    ['inspect-aborted', answering('inspect-aborted'), /^card-charger called it off:/],
    ['inspect-failed', answering('inspect-failed'), /^it failed: too many consecutive failures: card declined$/],
    [
      'an error with a code',
      answering('inspect-failed', { error: { error: 'refused', code: 'CARD_REFUSED', details: { limit: 317 } } }),
      /^use another card: \[object Object\]$/,
    ],
    ['inspect-cancelled', answering('inspect-cancelled'), /^cancelled: Orra:PlanEngineShuttingDown$/],
  ])('prints %s with an engine without events', async (_, step, expected) => {
    engine.script('GET', `/orchestrations/inspections/${id}`, step);
    await placeOrder('A-17');
    expect(said.at(-1)).toMatch(expected);
  });
});

describe('errors', () => {
  const codes = Object.entries(client)
    .filter(([name]) => /^Orra\w+Error$/.test(name) && name !== 'OrraClientError')
    .map(([, type]) => new (type as new (message: string) => client.OrraClientError)('x').code);

  it('are found in the sources', () => expect(codes.length).toBeGreaterThan(10));

  it.each(codes)('%s is explained', (code) => {
    expect(page).toMatch(new RegExp(`^\\| \`${code}\` +\\|`, 'm'));
  });
});

describe('calls', () => {
  it('name every method of the client and its parts', () => {
    const orra = client.createOrraClient({ url: 'http://127.0.0.1:1', apiKey: 'k' });
    const methodsOf = (part: object): string[] =>
      Object.getOwnPropertyNames(Object.getPrototypeOf(part)).filter((name) => name !== 'constructor');
    const internal = ['submit', 'register'];
    const missing = Object.entries(orra as unknown as Record<string, unknown>)
      .filter(([, part]) => part?.constructor.name.endsWith('Api'))
      .flatMap(([name, part]) => methodsOf(part as object).map((method) => [name, method] as const))
      .filter(
        ([, method]) => !internal.includes(method) && !page.includes(`.${method}(`) && !page.includes(`\`${method}(`),
      );
    expect(missing).toEqual([]);
  });
});
