/**
 * Plays the Go engine's side of recorded sessions to our SDK: an engine without capabilities, with a limit of 10,240 bytes.
 * The messages of our SDK must equal those of the public SDKs; intended improvements are listed here, with the reason.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { silentLogger } from '@orra-ts/common';
import {
  CompensationResult,
  OrraFactory,
  defineService,
  jsonSchema,
  type OrraApplication,
  type OrraOptions,
  type RevertSource,
  type Task,
} from '@orra-ts/sdk';
import { loadRecording, type Amendment, type Json, type Step } from './replay/recording';
import { SdkReplay } from './replay/sdk-replay';

/** @param recorded output of the recorded service */
type Handler = (task: Task<Json>, recorded: Json) => unknown;
type Revert = (source: RevertSource<Json, Json>) => CompensationResult | undefined;

/** Handlers of the services of a session, by service name. */
interface Behaviour {
  readonly handle?: Readonly<Record<string, Handler>>;
  readonly revert?: Revert;
  readonly revertibleFor?: '1h' | '24h';
}

const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'orra-replay-'));
  open.push(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

async function startEngine(recording: string, amendments?: readonly Omit<Amendment, 'reason'>[]): Promise<SdkReplay> {
  const engine = await SdkReplay.start(recording, amendments);
  open.push(() => engine.close());
  return engine;
}

/** Creates an application with the services of the recording. By default, handlers return the recorded output. */
async function createApp(
  engine: SdkReplay,
  { handle = {}, revert, revertibleFor = '1h' }: Behaviour = {},
  options: Partial<OrraOptions> = {},
): Promise<OrraApplication> {
  const app = await OrraFactory.create({
    services: engine.services.map(({ kind, body: { name, description, schema, revertible } }) =>
      defineService(
        {
          name,
          kind,
          description,
          input: jsonSchema<Json>(schema.input),
          output: jsonSchema<Json>(schema.output),
          ...(revertible ? { revert: revert ?? (() => undefined), revertibleFor } : {}),
        },
        (task) => {
          const recorded = recordedOutput(engine, name as string);
          return handle[name as string]?.(task, recorded) ?? recorded;
        },
      ),
    ),
    engine: { url: engine.url, apiKey: engine.apiKeys[0] ?? '' },
    dataDir: await temporaryFolder(),
    logger: silentLogger,
    connection: { reconnectBase: 10, reconnectCap: 50, ackTimeout: '1h' },
    ...options,
  });
  open.push(() => app.close({ grace: 0 }));
  return app;
}

function recordedOutput(engine: SdkReplay, name: string): Json {
  const registered = engine.steps.find(({ body, http }) => http?.startsWith('POST /register/') && body.name === name);
  const serviceId = registered?.answer?.body.id;
  const result = engine.steps.find(({ sdk }) => {
    const { type, serviceId: of, result: said } = sdk?.payload ?? sdk ?? {};
    return type === 'task_result' && of === serviceId && said?.task;
  });
  return (result?.sdk.payload ?? result?.sdk)?.result.task;
}

/** Removes the titles, which the Go engine drops. */
const withoutTitles = (schema: Json): Json =>
  JSON.parse(JSON.stringify(schema), function (this: Json, key: string, value: Json) {
    return key === 'title' && typeof value === 'string' ? undefined : value;
  });

/** Intended differences of our messages; the test states the reason. */
type Amendments = readonly Omit<Amendment, 'reason'>[];

interface Session {
  readonly behaviour?: Behaviour;
  readonly amendments?: Amendments;
  /** The replay runs up to this step, then calls `then`. */
  readonly until?: (step: Step) => boolean;
  readonly then?: () => void;
}

async function play(recording: string, { behaviour, amendments, until, then }: Session): Promise<SdkReplay> {
  const engine = await startEngine(recording, amendments);
  const app = await createApp(engine, behaviour);
  await app.start();
  if (until) await engine.play(until);
  then?.();
  await engine.play();
  await app.close({ grace: 0 });
  expect(engine.unread).toEqual([]);
  for (const { kind, body } of engine.services) {
    const registration = engine.registrations.find((one) => one.body.name === body.name);
    expect(registration?.path).toBe(`/register/${kind}`);
    expect(registration?.authorization).toBe(`Bearer ${engine.apiKeys[0]}`);
    const { name, description, revertible, schema } = body;
    expect(withoutTitles(registration?.body)).toMatchObject(withoutTitles({ name, description, revertible, schema }));
  }
  return engine;
}

const declined = (text: string): Handler => {
  return () => {
    throw new Error(text);
  };
};
const aborts =
  (payload: Json): Handler =>
  (task) =>
    task.abort(payload);
const updates: Handler = async (task, recorded) => {
  for (const progress of [20, 60, 100]) {
    await task.pushUpdate({ progress, status: 'processing', message: `${progress} percent` });
  }
  return recorded;
};

describe('our SDK sends the same messages as the public SDKs', () => {
  it.each<[recording: string, behaviour: Behaviour]>([
    ['js-echo', {}],
    ['py-echo', {}],
    ['two-step-chain', {}],
    ['parallel-diamond', {}],
    ['timeout-then-late-result', {}],
    ['push-update-js', { handle: { importer: updates } }],
    ['push-update-py', { handle: { importer: updates } }],
    ['retries-js', { handle: { 'card-charger': declined('card declined') } }],
    [
      'partial-compensation-js',
      {
        handle: { 'card-charger': aborts({ reason: 'no funds' }) },
        revert: () => CompensationResult.partial({ completed: ['m1'], remaining: ['m2'] }),
      },
    ],
    ['heartbeat-js', {}],
  ])('%s', async (recording, behaviour) => {
    await play(recording, { behaviour });
  });
});

describe('compensation', () => {
  /** Our SDK stores the same data as the JS SDK, so that either can read it, and omits an empty `error`. */
  const asOurs = (recording: string): Amendments =>
    loadRecording(recording).flatMap(({ sdk }, index, steps): Amendments => {
      const result = sdk?.payload.result;
      const line = index + 1;
      if (result?.status === 'completed') {
        return [{ line, replace: (step) => withResult(step, { status: 'completed' }) }];
      }
      if (!result?.compensation) return [];
      const originalTask = steps[index - 1]?.engine;
      const { ttl, data } = result.compensation;
      const compensation = { data: { ...data, originalTask }, ttl };
      return [{ line, replace: (step) => withResult(step, { ...result, compensation }) }];
    });
  const withResult = (step: Step, result: Json): Step => ({
    ...step,
    sdk: { ...step.sdk, payload: { ...step.sdk.payload, result } },
  });

  it.each<[recording: string, fails: Handler, context: Json]>([
    [
      'abort-compensation-js',
      aborts({ reason: 'card is blocked', holdId: 'hold-o-17' }),
      { reason: 'aborted', payload: { reason: 'card is blocked', holdId: 'hold-o-17' } },
    ],
    [
      'abort-compensation-py',
      aborts({ reason: 'card is blocked', holdId: 'hold-o-17' }),
      { reason: 'aborted', payload: { reason: 'card is blocked', holdId: 'hold-o-17' } },
    ],
    [
      'failure-compensation-js',
      declined('card declined'),
      { reason: 'failed', payload: { error: 'too many consecutive failures: card declined' } },
    ],
    [
      'failure-compensation-py',
      declined('Service error: card declined'),
      { reason: 'failed', payload: { error: 'too many consecutive failures: Service error: card declined' } },
    ],
  ])('%s: the revert handler gets input, output and context from every stored form', async (...row) => {
    const [recording, fails, context] = row;
    const sources: RevertSource<Json, Json>[] = [];
    const behaviour: Behaviour = {
      handle: { 'card-charger': fails },
      revert: (source) => void sources.push(source),
      revertibleFor: recording.endsWith('-py') ? '24h' : '1h',
    };
    await play(recording, { behaviour, amendments: asOurs(recording) });
    expect(sources).toHaveLength(1);
    expect(sources[0]).toMatchObject({ input: { orderId: 'o-17' }, output: { holdId: 'hold-o-17' }, context });
    expect(sources[0]?.context?.orchestrationId).toMatch(/^o_/);
    expect(Number.isNaN(sources[0]?.context?.timestamp.getTime())).toBe(false);
  });

  it('revert-failed-status-js: a revert that reports failed is sent as an error, because the engine treats any status as completed', async () => {
    await play('revert-failed-status-js', {
      behaviour: {
        handle: { 'card-charger': aborts({ reason: 'no funds' }) },
        revert: () => CompensationResult.failed('the warehouse is closed'),
      },
      amendments: [
        {
          line: 14,
          replace: (step) => {
            Object.assign(step.sdk.payload, { result: null, error: 'the warehouse is closed' });
            return step;
          },
        },
      ],
    });
  });
});

/** A handler that the test can pause, with the number of its runs. */
function held(): { readonly handler: Handler; readonly runs: () => number; readonly release: () => void } {
  let release!: () => void;
  let runs = 0;
  const released = new Promise<void>((resolve) => (release = resolve));
  const handler: Handler = async (_, recorded) => {
    runs++;
    await released;
    return recorded;
  };
  return { handler, runs: () => runs, release };
}

const droppedBy = ({ close }: Step): boolean => close === 1006;
const inProgress = ({ conn, engine }: Step): Step => {
  const { id: taskId, executionId, serviceId, idempotencyKey } = engine;
  const payload = { type: 'task_status', taskId, executionId, serviceId, idempotencyKey, status: 'in_progress' };
  return { t: 0, conn: conn ?? 0, sdk: { id: 'status', payload } };
};

describe('a repeated key with a new execution id', () => {
  it('offline-result-js: a result produced offline is sent with its wrapper, and again after a redelivery', async () => {
    const { handler, runs, release } = held();
    await play('offline-result-js', {
      behaviour: { handle: { 'slow-worker': handler } },
      amendments: [
        {
          // The JS SDK sends it without the wrapper, and the engine ignores it.
          line: 9,
          replace: (step) => [
            { ...step, sdk: { id: 'wrapped', payload: step.sdk } },
            { t: step.t, conn: 2, engine: { type: 'ACK', id: 'wrapped' } },
          ],
        },
      ],
      until: droppedBy,
      then: release,
    });
    expect(runs()).toBe(1);
  });

  it('offline-result-py: a result produced offline is sent after the reconnect', async () => {
    const { handler, runs, release } = held();
    await play('offline-result-py', {
      behaviour: { handle: { 'slow-worker': handler } },
      until: droppedBy,
      then: release,
    });
    expect(runs()).toBe(1);
  });

  it('lost-mid-attempt: the response to a second delivery while the handler runs is in_progress, and the handler does not run twice', async () => {
    const { handler, runs, release } = held();
    await play('lost-mid-attempt', {
      behaviour: { handle: { worker: handler } },
      amendments: [
        { line: 10, replace: (step) => [step, inProgress(step)] },
        {
          line: 11,
          replace: (step) => {
            step.sdk.payload.result.compensation = null;
            return step;
          },
        },
      ],
      until: ({ sdk }) => sdk?.payload.type === 'task_status',
      then: release,
    });
    expect(runs()).toBe(1);
  });

  it('resend-after-failure: four more deliveries after the end of the orchestration run nothing', async () => {
    const { handler, runs } = held();
    await play('resend-after-failure', {
      behaviour: { handle: { 'quick-aborter': aborts({ reason: 'stop' }), 'silent-worker': handler } },
      amendments: [13, 14, 15, 16].map((line) => ({ line, replace: (step) => [step, inProgress(step)] })),
    });
    expect(runs()).toBe(1);
  });

  it('abort-redelivered-js: the response to a redelivered abort is the abort, which the JS SDK turns into a success', async () => {
    let runs = 0;
    await play('abort-redelivered-js', {
      behaviour: {
        handle: {
          'late-aborter': (task) => {
            runs++;
            return task.abort({ reason: 'too late' });
          },
        },
      },
      amendments: [
        {
          line: 9,
          replace: (step, recorded) => {
            const { executionId } = step.sdk.payload;
            step.sdk.payload = { ...recorded(6).sdk.payload, executionId };
            return step;
          },
        },
      ],
    });
    expect(runs).toBe(1);
  });
});

describe('connections', () => {
  it.each([1001, 1005, 1006, 1012])('a connection closed with %i is replaced, and work continues', async (close) => {
    const onSecond = [5, 6, 7].map((line) => ({ line, replace: (step: Step) => ({ ...step, conn: 2 }) }));
    const closed: Amendments[number] = {
      line: 3,
      replace: (step) => [step, { t: step.t, conn: 1, close }, { ...step, conn: 2 }],
    };
    const engine = await play('js-echo', { amendments: [closed, ...onSecond] });
    expect(engine.connections).toHaveLength(2);
    expect(engine.registrations).toHaveLength(1);
  });

  it('register-again: a saved id is sent again, and an id that the engine does not know is replaced by a new one', async () => {
    const engine = await startEngine('register-again', [
      // The response to a registration without an id, in the second project.
      { line: 12, replace: (_, recorded) => withId(recorded(2), FRESH_ID) },
      ...[13, 14].map((line) => ({ line, replace: () => [] })),
    ]);
    const dataDir = await temporaryFolder();
    const sessions: unknown[] = [];
    for (const apiKey of [engine.apiKeys[0], engine.apiKeys[0], engine.apiKeys[1]]) {
      // The same project name for both, as if the engine's storage had been replaced.
      const app = await createApp(
        engine,
        {},
        { dataDir, project: 'one', engine: { url: engine.url, apiKey: apiKey ?? '' } },
      );
      await app.start();
      sessions.push(app.health().services.map(({ id, version }) => ({ id, version })));
      await app.close();
    }
    const saved = engine.steps[1]?.answer?.body.id;
    expect(sessions).toEqual([
      [{ id: saved, version: 1 }],
      [{ id: saved, version: 2 }],
      [{ id: FRESH_ID, version: 1 }],
    ]);
    expect(engine.registrations.map(({ body }) => body.id)).toEqual([undefined, saved, saved, undefined]);
  });
  const FRESH_ID = `s_${'b'.repeat(28)}`;
  const withId = (step: Step, id: string): Step => ({
    ...step,
    answer: { ...step.answer, status: 200, body: { ...step.answer?.body, id } },
  });
});

describe('10,240 bytes', () => {
  it('a larger output becomes a failure that names the sizes, and the connection stays open', async () => {
    const engine = await play('js-echo', {
      behaviour: { handle: { echo: () => ({ response: 'x'.repeat(20_000) }) } },
      amendments: [
        {
          line: 6,
          replace: (step) => {
            const error: unknown = expect.stringMatching(/makes a message of 20\d\d\d bytes, the engine takes 10240/);
            Object.assign(step.sdk.payload, { result: null, error });
            return step;
          },
        },
      ],
    });
    expect(engine.connections).toHaveLength(1);
  });

  it.each(['x', 'ä', '€'])(
    'outputs of "%s" around the limit never close the connection, and most of the limit is usable',
    async (letter) => {
      const bytes = Buffer.byteLength(letter);
      const sizes = Array.from({ length: 30 }, (_, index) => Math.round((9_500 + 30 * index) / bytes));
      const engine = await play('js-echo', {
        behaviour: {
          handle: { echo: (task) => ({ response: letter.repeat(sizes[Number(task.input.message)] ?? 0) }) },
        },
        amendments: [
          {
            line: 5,
            replace: (step, recorded) =>
              sizes.flatMap((_, index) => {
                const { engine: request } = step;
                const idempotencyKey = index.toString(16).padStart(64, '0');
                const { sdk } = recorded(6);
                const payload: unknown = expect.objectContaining({ type: 'task_result', idempotencyKey });
                return [
                  { ...step, engine: { ...request, idempotencyKey, input: { message: `${index}` } } },
                  { t: step.t, conn: 1, sdk: { id: sdk.id, payload } },
                  recorded(7),
                ];
              }),
          },
          { line: 6, replace: () => [] },
          { line: 7, replace: () => [] },
        ],
      });
      expect(engine.connections).toHaveLength(1);
      const results = engine.heardTexts.filter((text) => JSON.parse(text).payload.error === null);
      const largest = Math.max(...results.map((text) => Buffer.byteLength(text)));
      expect(largest).toBeLessThanOrEqual(10_240);
      expect(largest).toBeGreaterThan(9_900);
      expect(results.length).toBeLessThan(sizes.length);
    },
  );
});
