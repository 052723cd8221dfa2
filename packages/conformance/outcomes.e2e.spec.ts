/** Outcomes in edge cases, with the SDK on the embedded engine: each effect is undone, or on the list for an operator. */
import 'reflect-metadata';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { silentLogger } from '@orra-ts/common';
import { embeddedEngine, type EngineOptions } from '@orra-ts/engine';
import {
  NonRetryableError,
  OrraFactory,
  defineService,
  jsonSchema,
  type OrraApplication,
  type RevertSource,
  type Task,
} from '@orra-ts/sdk';

interface Message {
  message?: string;
}
const schema = jsonSchema<Message>({ type: 'object', properties: { message: { type: 'string' } } });
type Source = RevertSource<Message, Message | undefined>;

const TIMINGS: EngineOptions['timings'] = {
  taskTimeoutMs: 5_000,
  taskMaxAttempts: 1,
  taskRetryBaseMs: 20,
  compensationRetryBaseMs: 20,
  compensationRetryCapMs: 20,
};

const open: OrraApplication[] = [];
const folders: string[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((app) => app.close({ grace: 0 })));
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

interface ChargeOptions {
  readonly also?: readonly ('failed' | 'unknown')[];
  readonly revert?: (source: Source) => unknown;
  readonly revertibleFor?: number;
  readonly timings?: EngineOptions['timings'];
}

/** An application with the service `charge`, and a way to run one orchestration with this one task until it is settled. */
async function charging(
  handler: (task: Task<Message>) => unknown,
  { also = [], revert = () => undefined, timings, ...options }: ChargeOptions = {},
) {
  const dataDir = mkdtempSync(path.join(tmpdir(), 'orra-outcomes-'));
  folders.push(dataDir);
  const service = defineService(
    {
      name: 'charge',
      description: 'Charges',
      input: schema,
      output: schema,
      also,
      revert: revert as () => undefined,
      ...options,
    },
    handler as (task: Task<Message>) => Message,
  );
  const app = await OrraFactory.create({
    services: [service],
    engine: embeddedEngine({ storage: ':memory:', timings: { ...TIMINGS, ...timings } }),
    dataDir,
    logger: silentLogger,
    maxMessageBytes: 100_000,
  });
  open.push(app);
  await app.start();
  const run = async () => {
    const tasks = [{ id: 't1', service: 'charge', input: { message: '$task0.message' } }];
    const order = await app.orra.action('Charge').with({ message: 'hi' }).plan({ tasks }).submit();
    const inspection = await order.settled({ timeout: '20s' });
    const records = await app.orra.compensationFailures.list();
    return { status: inspection.status, records: records.map(({ taskId, status }) => `${taskId} ${status}`) };
  };
  return { app, run };
}

describe('a handler that returned, and whose output was rejected', () => {
  it.each<[string, unknown]>([
    ['it breaks its schema', { message: 5 }],
    ['it has no JSON form', { message: 'a', more: 1n }],
    ['it is too large', { message: 'x'.repeat(200_000) }],
  ])('row 8, without `also`: %s: an operator is notified', async (_, output) => {
    const reverts: Source[] = [];
    const { run } = await charging(() => output, { revert: (source) => void reverts.push(source) });
    expect(await run()).toEqual({ status: 'failed', records: ['t1 in_doubt'] });
    expect(reverts).toEqual([]);
  });

  it("row 8, with also: ['unknown']: it is reverted once, without an output, with the key that the handler had", async () => {
    const keys: string[] = [];
    const reverts: object[] = [];
    const handler = ({ idempotencyKey }: Task): unknown => {
      keys.push(idempotencyKey);
      return { message: 5 };
    };
    const { run } = await charging(handler, {
      also: ['failed', 'unknown'],
      revert: ({ input, output, outcome, taskKey }) => void reverts.push({ input, output, outcome, taskKey }),
    });
    expect(await run()).toEqual({ status: 'failed', records: [] });
    expect(reverts).toEqual([{ input: { message: 'hi' }, output: undefined, outcome: 'unknown', taskKey: keys[0] }]);
    expect(keys).toHaveLength(1);
  });
});

describe('row 7, a handler that threw', () => {
  const refuse = (): never => {
    throw new NonRetryableError('no');
  };

  it.each<[readonly ('failed' | 'unknown')[], string[]]>([
    [[], []],
    [['unknown'], []],
    [['failed'], ['failed']],
  ])('with also: %j', async (also, outcomes) => {
    const reverts: string[] = [];
    const { run } = await charging(refuse, { also, revert: ({ outcome }) => void reverts.push(outcome) });
    expect(await run()).toEqual({ status: 'failed', records: [] });
    expect(reverts).toEqual(outcomes);
  });
});

it('row 3, X7: a handler outlives its orchestration: its success is undone once, with its output', async () => {
  const events: string[] = [];
  let fired = (): void => undefined;
  const signal = new Promise<void>((resolve) => (fired = resolve));
  const handler = async (task: Task): Promise<Message> => {
    events.push('begins');
    task.signal.addEventListener('abort', fired);
    await signal;
    // Longer than the engine waits: the revert without output arrives while the handler runs.
    await requested;
    events.push('ends');
    return { message: 'paid' };
  };
  let request = (): void => undefined;
  const requested = new Promise<void>((resolve) => (request = resolve));
  const { app, run } = await charging(handler, {
    also: ['failed', 'unknown'],
    revert: ({ output }) => void events.push(`reverted ${output?.message ?? 'without output'}`),
    timings: { taskTimeoutMs: 100, doubtMs: 50, compensationTimeoutMs: 2_000 },
  });
  const settled = run();
  const isReverting = async (): Promise<boolean> => {
    const { failed = [] } = await app.orra.orchestrations.list();
    const [order] = failed;
    if (!order) return false;
    const { tasks = [] } = await app.orra.orchestrations.inspect(order.id);
    return tasks[0]?.compensation?.status === 'processing';
  };
  while (!(await isReverting())) await new Promise(setImmediate);
  request();
  expect(await settled).toEqual({ status: 'failed', records: [] });
  expect(events).toEqual(['begins', 'ends', 'reverted paid']);
});

it('a revert without an output lives as long as `revertibleFor` says', async () => {
  const { run } = await charging(() => ({ message: 5 }), {
    also: ['unknown'],
    revertibleFor: 100,
    revert: () => Promise.reject(new Error('the bank is closed')),
    timings: { compensationMaxAttempts: 1_000_000 },
  });
  expect(await run()).toEqual({ status: 'failed', records: ['t1 expired'] });
});
