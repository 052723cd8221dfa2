/** Webhooks from a whole engine to a real receiver, against what the public engine sent. */
import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { OrraError } from '@orra-ts/common';
import { ManualClock } from '@orra-ts/common/testing';
import { createEngine, type Engine, type EngineOptions } from '../src';
import { EngineClient, completeTask, connectService } from './support/engine-client';
import { MemoryLogger } from './support/gateway-under-test';
import { items, pluck, type Json } from './support/json';
import { WebhookReceiver, type ReceivedWebhook } from './support/webhook-receiver';
import { closeAfterTest, withEngine, type TestEngine } from './support/with-engine';

const fixture: Json = JSON.parse(readFileSync(path.join(__dirname, 'fixtures/recorded-resources.json'), 'utf8'));
const sentByOriginal = (type: string): Json => items(fixture.sent).find(({ body }: Json) => body.type === type);

let engine: Engine;
let client: EngineClient;
let clock: ManualClock;
let receiver: WebhookReceiver;
let logger: MemoryLogger;
let running: TestEngine;

async function restart(options?: EngineOptions): Promise<void> {
  running = await running.restart(options);
  ({ engine, client } = running);
}
beforeEach(async () => {
  clock = new ManualClock();
  logger = new MemoryLogger();
  receiver = await WebhookReceiver.listen();
  closeAfterTest(() => receiver.close());
  running = await withEngine({ persistent: true, logger, clock });
  ({ engine, client } = running);
});

async function complete(count = 1): Promise<string> {
  const stock = await connectService(client, 'stock');
  let id = '';
  for (let index = 0; index < count; index++) {
    id = await client.submit('stock');
    await completeTask(stock, await stock.nextRequest(), 'held');
  }
  return id;
}
const add = (target: string, url: string): Promise<Json> => client.ask('POST', target, { url });
/** Resolves when the engine has noticed a failed try. */
async function failures(count: number): Promise<void> {
  const noticed = (): number => logger.lines.filter(({ message }) => /could not be delivered/.test(message)).length;
  while (noticed() < count) await clock.advance(0);
}
const expectShape = ({ headers, body }: ReceivedWebhook, original: Json): void => {
  expect(headers).toMatchObject(original.headers);
  expect(Object.keys(body)).toEqual(Object.keys(original.body));
};

describe('a webhook of a project', () => {
  it('is told how orchestrations end, with the members of the original and a time that can be read', async () => {
    expect(await add('/webhooks', receiver.url())).toMatchObject({
      status: 201,
      body: { url: receiver.url(), secret: expect.stringMatching(/^whsec_[A-Za-z0-9+/]{32}$/) },
    });
    const id = await complete();
    const [completed] = await receiver.count(1);
    expectShape(completed as ReceivedWebhook, sentByOriginal('orchestration.completed'));
    const seconds = Math.floor(clock.now() / 1000);
    expect(completed?.body).toMatchObject({
      event_id: `${id}-completed-${seconds}`,
      orchestration_id: id,
      status: 'completed',
      results: [{ value: 'held' }],
      timestamp: new Date(clock.now()).toISOString(),
    });

    const card = await connectService(client, 'card');
    await client.submit('card');
    await card.deliver(await card.nextRequest(), { abort: { reason: 'no funds' } });
    await client.submit('card');
    await card.deliver(await card.nextRequest(), { error: 'card declined', failure: { code: 'X', retryable: false } });
    const [, aborted, failed] = await receiver.count(3);
    expectShape(aborted as ReceivedWebhook, sentByOriginal('orchestration.aborted'));
    expect(aborted?.body).toMatchObject({ results: [null], abort_reason: { reason: 'no funds' } });
    expectShape(failed as ReceivedWebhook, sentByOriginal('orchestration.failed'));
    expect(failed?.body.error).toMatchObject({ error: 'card declined' });

    await client.ask('POST', `/orchestrations/${await client.submit('card')}/cancel`, { reason: 'not wanted' });
    const [, , , cancelled] = await receiver.count(4);
    expect(cancelled?.body).toMatchObject({
      type: 'orchestration.cancelled',
      status: 'cancelled',
      error: 'not wanted',
    });
  });

  it('can verify who sent a message', async () => {
    const { body } = await add('/webhooks', receiver.url());
    await complete();
    const [message] = await receiver.count(1);
    const { headers, text } = message as ReceivedWebhook;
    const key = Buffer.from((body.secret as string).slice('whsec_'.length), 'base64');
    const content = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${text}`;
    expect(headers['webhook-signature']).toBe(`v1,${createHmac('sha256', key).update(content).digest('base64')}`);
    expect(headers['webhook-id']).toBe(message?.body.event_id);
    expect(Number(headers['webhook-timestamp'])).toBe(Math.floor(clock.now() / 1000));
  });

  it('may come with the project, unsigned; all of them are told', async () => {
    const registration = { name: 'hooked', webhooks: [receiver.url('/a'), receiver.url('/a')] };
    const { body } = await client.ask('POST', '/register/project', registration);
    client = new EngineClient(engine.url, body.apiKey as string);
    await add('/webhooks', receiver.url('/b'));
    await complete();
    const received = await receiver.count(3);
    expect(pluck(received, 'path').sort()).toEqual(['/a', '/a', '/b']);
    expect(received.filter(({ headers }) => 'webhook-signature' in headers).map(({ path: to }) => to)).toEqual(['/b']);
  });

  it('is told of compensations that were given up, if it was added for these', async () => {
    await add('/compensation-failure-webhooks', receiver.url('/comp'));
    const stock = await connectService(client, 'stock');
    const card = await connectService(client, 'card');
    const id = await client.submit('stock', 'card');
    await completeTask(stock, await stock.nextRequest(), 'held');
    await card.deliver(await card.nextRequest(), { abort: { reason: 'no funds' } });
    await stock.deliver(await stock.nextRequest(), { revert: { status: 'failed', error: 'it is shipped' } });
    const [message] = await receiver.count(1);
    expectShape(message as ReceivedWebhook, sentByOriginal('compensation.failed'));
    const [failure] = (await client.ask('GET', '/compensation-failures')).body;
    expect(message?.body).toMatchObject({
      event_id: expect.stringMatching(new RegExp(`^${failure.id as string}-failed-[0-9]+$`)),
      compensation_id: failure.id,
      orchestration_id: id,
      task_id: 'task1',
      service_name: 'stock',
      failure: 'it is shipped',
      compensation_data: failure.compensationData,
    });
  });
});

describe('delivery', () => {
  it('is tried again with the same message and a new signature, and the orchestration has long ended', async () => {
    await add('/webhooks', receiver.url());
    receiver.answers.push(500, 302);
    const id = await complete();
    await receiver.count(1);
    await failures(1);
    expect((await client.inspect(id)).status).toBe('completed');
    await clock.advance(44_000);
    await receiver.count(2);
    await failures(2);
    await clock.advance(88_000);
    const [first, second, third] = await receiver.count(3);
    expect(second?.text).toBe(first?.text);
    expect(third?.text).toBe(first?.text);
    expect(third?.headers['webhook-timestamp']).not.toBe(first?.headers['webhook-timestamp']);
    expect(receiver.received.map(({ path: to }) => to)).toEqual(['/hook', '/hook', '/hook']);
  });

  it('gives a receiver ten seconds', async () => {
    await add('/webhooks', receiver.url());
    receiver.answers.push(() => undefined);
    await complete();
    await receiver.count(1);
    await clock.advance(10_000);
    await failures(1);
    expect(logger.lines.find(({ message }) => /could not be/.test(message))?.fields).toMatchObject({
      attempt: 1,
      error: expect.stringContaining('did not respond within 10000 ms'),
    });
    await clock.advance(44_000);
    await receiver.count(2);
  });

  it('survives a restart: what was not delivered is sent by the next engine (E3)', async () => {
    await add('/webhooks', receiver.url());
    receiver.answers.push(503);
    await complete();
    await receiver.count(1);
    await failures(1);
    await engine.close();
    expect(clock.pendingTimers).toBe(0);
    await restart();
    await clock.advance(44_000);
    const [first, second] = await receiver.count(2);
    expect(second?.text).toBe(first?.text);
    expect(second?.headers).toHaveProperty('webhook-signature');
  });

  it('is cut off by the end of the engine and does not count', async () => {
    await add('/webhooks', receiver.url());
    receiver.answers.push(() => undefined);
    await complete();
    await receiver.count(1);
    await restart();
    await receiver.count(2);
    expect(logger.lines.filter(({ message }) => /could not be/.test(message))).toEqual([]);
  });

  it('sends at most 32 messages at once to one receiver, and the rest when there is room (E8)', async () => {
    for (let index = 0; index < 20; index++) await add('/webhooks', receiver.url(`/${index}`));
    const held: (() => void)[] = [];
    for (let index = 0; index < 40; index++) receiver.answers.push((response) => held.push(() => response.end()));
    await complete(2);
    await receiver.count(32);
    await client.ask('GET', '/health');
    expect(receiver.received).toHaveLength(32);
    held.shift()?.();
    await receiver.count(33);
    for (const answer of held) answer();
    await receiver.count(40);
  });

  it('uses a connection for more than one message', async () => {
    await add('/webhooks', receiver.url());
    await complete(5);
    await receiver.count(5);
    expect(receiver.connections).toBeLessThan(5);
  });

  it('continues over a new connection, without a failed attempt, when the receiver closed the unused one', async () => {
    await add('/webhooks', receiver.url());
    receiver.answers.push(200, (response) => response.socket?.resetAndDestroy());
    await complete(2);
    const [, second, third] = await receiver.count(3);
    expect(third?.text).toBe(second?.text);
    expect(receiver.connections).toBe(2);
    expect(logger.lines.filter(({ message }) => /could not be/.test(message))).toEqual([]);
  });
});

describe('targets', () => {
  it.each(['nope', '', '/x', 'ftp://example.com', 'http://', `http://example.com/${'x'.repeat(2_048)}`])(
    'refuses %s',
    async (url) => {
      const { status, body } = await add('/webhooks', url);
      expect(status).toBe(400);
      expect(body.error).toMatchObject({ kind: 'input validation error', message: expect.any(String) });
    },
  );

  it('inside a network are refused, when they are added and when a message is sent', async () => {
    const { status, body } = await add('/webhooks', 'http://169.254.169.254/latest');
    expect([status, body.error.message]).toEqual([400, expect.stringContaining("webhookTargets: 'any'")]);
    const registration = { name: 'sly', webhooks: ['http://10.0.0.1/x', 'nope'] };
    const registered = await client.ask('POST', '/register/project', registration);
    client = new EngineClient(engine.url, registered.body.apiKey as string);
    await complete();
    await failures(2);
    const errors = logger.lines
      .filter(({ message }) => /could not be/.test(message))
      .map(({ fields }) => fields['error']);
    expect(errors.sort()).toEqual([
      expect.stringContaining('not an http or https URL'),
      expect.stringContaining('10.0.0.1'),
    ]);
    await clock.advance(600_000);
    await failures(2);
  });

  it('on this machine are refused where the engine listens for others too', async () => {
    await restart({ host: '0.0.0.0' });
    expect((await add('/webhooks', receiver.url())).status).toBe(400);
    expect((await add('/webhooks', 'http://localhost:1/')).status).toBe(400);
    await restart({ host: '0.0.0.0', webhookTargets: 'any' });
    expect((await add('/webhooks', receiver.url())).status).toBe(201);
    await complete();
    await receiver.count(1);
  });

  it('are at most 32 of a kind', async () => {
    for (let index = 0; index < 32; index++) expect((await add('/webhooks', receiver.url())).status).toBe(201);
    expect((await add('/webhooks', receiver.url())).body.error.message).toContain('32 webhooks');
    expect((await add('/compensation-failure-webhooks', receiver.url())).status).toBe(201);
  });

  it('have to be said right in the options', async () => {
    const wrong = createEngine({ webhookTargets: 'all' as 'any' });
    await expect(wrong).rejects.toMatchObject({ code: 'ORRA_INVALID_OPTION' });
    await expect(wrong).rejects.toBeInstanceOf(OrraError);
  });
});
