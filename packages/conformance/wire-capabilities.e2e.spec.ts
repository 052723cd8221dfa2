/**
 * Nothing new is sent to a peer that did not announce the capability. The recordings contain every message and member that
 * the Go engine and its SDKs send; engine and SDK go through the states in which ours would send more.
 */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { silentLogger } from '@orra-ts/common';
import { FakePlanEngine, FakeService, type FakeTask } from '@orra-ts/fakes';
import { CompensationResult, OrraFactory, defineService, jsonSchema, type RevertSource, type Task } from '@orra-ts/sdk';
import { Arrivals, HandlerRun, type Message } from './outcomes/controlled-runs';
import { Shop, closeShops } from './outcomes/shop';
import { loadRecording, type Json } from './replay/recording';

afterEach(closeShops);

const RECORDINGS = readdirSync(path.join(__dirname, 'fixtures', 'recordings')).map((file) => path.parse(file).name);

/** The members of each recorded type of message. */
function recordedMembers(from: 'sdk' | 'engine'): ReadonlyMap<string, ReadonlySet<string>> {
  const members = new Map<string, Set<string>>();
  for (const step of RECORDINGS.flatMap(loadRecording)) {
    const message = step[from]?.payload ?? step[from];
    if (typeof message?.type !== 'string') continue;
    const known = members.get(message.type) ?? new Set();
    for (const name of Object.keys(message)) known.add(name);
    members.set(message.type, known);
  }
  return members;
}

/** `type` or `type.member` of everything that is in no recording. */
function unrecorded(from: 'sdk' | 'engine', messages: readonly object[]): string[] {
  const recorded = recordedMembers(from);
  return messages.flatMap((message) => {
    const { type } = message as { readonly type: string };
    const known = recorded.get(type);
    if (!known) return [type];
    return Object.keys(message)
      .filter((name) => !known.has(name))
      .map((name) => `${type}.${name}`);
  });
}

const typesOf = (messages: readonly object[]): string[] =>
  [...new Set(messages.map((message) => (message as { readonly type: string }).type))].sort();

it('the engine sends recorded messages alone to a service without capabilities', async () => {
  const shop = await Shop.open({ replicas: [] });
  const spec = { type: 'object', properties: { message: { type: 'string' } } };
  const pay = await FakeService.start({
    url: shop.url,
    apiKey: shop.apiKey,
    name: 'pay',
    description: 'Pays',
    schema: { input: spec, output: spec },
    revertible: true,
    onTask: () => undefined,
    onRevert: () => undefined,
  });
  const paid = { output: { message: 'paid' }, compensation: { data: { originalTask: {} }, ttl: 86_400_000 } };
  const received: Json[] = [];
  const next = async (service = pay): Promise<Json> => {
    const request = await service.nextRequest();
    received.push(request);
    return request;
  };
  try {
    // A second attempt, in doubt for services that can read it.
    const order = await shop.submit('pay');
    const request = await next();
    pay.drop();
    await shop.until(async () => (await shop.connections()) === 0);
    await shop.clock.advance(2_000);
    await pay.connect();
    expect((await next()).idempotencyKey).toBe(request.idempotencyKey);
    // Cancelled while it runs: others would get `task_cancel`, and a revert without output.
    await order.cancel();
    await shop.clock.advance(30_000);
    await shop.clock.advance(60_000);
    expect(await shop.record()).toMatchObject({ status: 'in_doubt' });
    // A late success, a partial revert, and another round: others would get what the first round left.
    await pay.deliver(request, paid);
    await pay.deliver(await next(), { revert: { status: 'partial', partial: { completed: ['a'], remaining: ['b'] } } });
    const record = (await shop.records()).find(({ status }) => status === 'partial');
    await shop.orra.compensationFailures.retry(record?.id ?? '');
    await pay.deliver(await next(), { revert: { status: 'completed' } });
    expect(unrecorded('engine', [...received, ...pay.received])).toEqual([]);
    expect(typesOf(pay.received)).toEqual(expect.arrayContaining(['compensation_request', 'task_request']));
    expect(typesOf(pay.received)).not.toContain('task_cancel');
  } finally {
    await pay.close();
  }
});

it('the SDK sends recorded messages alone to an engine without capabilities', async () => {
  const engine = await FakePlanEngine.start({ capabilities: 'go' });
  const dataDir = mkdtempSync(path.join(tmpdir(), 'orra-wire-'));
  const runs = new Arrivals<HandlerRun>();
  const schema = jsonSchema<Message>({ type: 'object', properties: { message: { type: 'string' } } });
  const service = defineService(
    {
      name: 'pay',
      description: 'Pays',
      input: schema,
      output: schema,
      also: ['failed', 'unknown'],
      revert: (_: RevertSource<Message, Message | undefined>) =>
        CompensationResult.partial({ completed: ['fee'], remaining: ['amount'] }),
    },
    (task: Task<Message>) => {
      const run = new HandlerRun(task);
      runs.add(run);
      return run.result();
    },
  );
  const app = await OrraFactory.create({
    services: [service],
    engine: { url: engine.url, apiKey: engine.apiKey },
    dataDir,
    logger: silentLogger,
    connection: { reconnectBase: '5ms', reconnectCap: '20ms' },
  });
  await app.start();
  const start = async (): Promise<{ task: FakeTask; run: HandlerRun }> => ({
    task: await engine.sendTask('pay', { message: 'order' }),
    run: await runs.next(),
  });
  try {
    // A failure with an unknown effect, and one of which more is known than its message.
    const rejected = await start();
    rejected.run.succeed(5 as never);
    const failure = await rejected.task.result();
    const aborted = await start();
    aborted.run.abort('SOLD_OUT');
    await aborted.task.outcome();
    // Running during a reconnect: others would get a claim.
    const running = await start();
    engine.dropAll();
    const connection = await engine.connection(2);
    await running.task.sendAgain();
    await running.task.status();
    running.run.succeed('paid');
    await running.task.output();
    const revert = await engine.sendCompensation('pay', {
      originalTask: running.task.request,
      taskResult: { message: 'paid' },
    });
    await revert.result();
    const sent = engine.received.map(({ payload }) => payload);
    expect(failure).not.toHaveProperty('failure');
    expect(unrecorded('sdk', sent)).toEqual([]);
    expect(connection.capabilities).toEqual([]);
    expect(engine.statusesOf(running.task.key)).toEqual(['in_progress']);
    expect(typesOf(sent)).toEqual(expect.arrayContaining(['task_abort_result', 'task_result', 'task_status']));
  } finally {
    await app.close({ grace: 0 });
    await engine.close();
    rmSync(dataDir, { recursive: true, force: true });
  }
});
