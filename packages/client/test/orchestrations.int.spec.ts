import { OrraError } from '@orra-ts/common';
import { ManualClock } from '@orra-ts/common/testing';
import { FakeHttpEngine } from '@orra-ts/fakes';
import type { OrchestrationInspection, OrchestrationView } from '@orra-ts/protocol';
import {
  type OrchestrationUpdate,
  type OrraClient,
  type OrraClientOptions,
  OrraNotActionableError,
  OrraNotSupportedError,
  OrraResultTimeoutError,
  createOrraClient,
} from '../src';
import { drive, recorded, replay } from './recorded';

const KEY = 'sk-orra-v1-0000000000000000000000000000000000000000000000000000000000000001';
const LOG_NOT_FOUND = {
  status: 500,
  headers: { 'content-type': 'application/json' },
  body: { error: { kind: 'unanticipated error', message: 'log not found for orchestration o_FP9dPb9XyQpgZDULDmkLYu' } },
};

let engine: FakeHttpEngine;
let clock: ManualClock;
let orra: OrraClient;

const client = (options: OrraClientOptions = {}): OrraClient =>
  createOrraClient({ url: engine.url, apiKey: KEY, clock, random: () => 0.5, ...options });

beforeEach(async () => {
  engine = await FakeHttpEngine.start();
  clock = new ManualClock();
  orra = client();
});

afterEach(() => engine.close());

/** The inspection of a recording with changed members. */
const inspection = (name: string, change: Partial<OrchestrationInspection> = {}) => {
  const { answer } = recorded(name);
  return { ...answer, body: { ...(answer.body as OrchestrationInspection), ...change } };
};

describe('submit', () => {
  it('sends action and data like the clients of the Go engine, and returns the response', async () => {
    const { body, answer } = replay(engine, 'submit');
    const order = await orra.action('Say hello through echo').with({ message: 'hello' }).submit();
    expect(engine.received[0]).toMatchObject({
      method: 'POST',
      path: '/orchestrations',
      headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json', 'user-agent': 'orra-ts' },
      body: { ...(body as object), action: { content: 'Say hello through echo' } },
    });
    const view = answer.body as OrchestrationView;
    expect(order.submitted).toEqual(view);
    expect([order.id, order.status, order.plan]).toEqual([view.id, 'pending', view.plan]);
  });

  it('sends durations in the syntax of Go, metadata and the explicit plan', async () => {
    const view = recorded('submit').answer.body as OrchestrationView;
    replay(engine, 'submit');
    const plan = { tasks: [{ id: 'task1', service: 'echo', input: { message: '$task0.message' } }] };
    await orra
      .action('Say hello through echo')
      .with({ message: 'hello' })
      .metadata({ tenant: 'acme' })
      .timeout('45s')
      .healthGrace('90m')
      .plan(plan)
      .submit();
    expect(engine.received[0]?.body).toMatchObject({
      timeout: '45s',
      healthCheckGracePeriod: '1h30m0s',
      metadata: { tenant: 'acme' },
      plan,
    });
    expect(view.plan?.tasks[0]?.service_name).toBe('echo');
  });

  it('rejects when the engine ignored the explicit plan and made its own; the error names the orchestration', async () => {
    replay(engine, 'submit');
    const plan = { tasks: [{ id: 'task1', service: 'another', input: {} }] };
    const error = await orra.action('Say hello').plan(plan).submit().catch(String);
    expect(error).toContain('does not run explicit plans');
    await expect(orra.action('Say hello').plan(plan).submit()).rejects.toMatchObject({
      code: 'ORRA_NOT_SUPPORTED',
      details: { orchestrationId: 'o_FP9dPb9XyQpgZDULDmkLYu' },
    });
  });

  it('uses the plan source if the engine reports it', async () => {
    const { answer } = recorded('submit');
    const view = answer.body as OrchestrationView;
    const plan = { tasks: [{ id: 'task1', service: 'echo', input: {} }] };
    engine.script('POST', '/orchestrations', { ...answer, body: { ...view, planSource: { kind: 'model' } } });
    await expect(orra.action('Say hello').plan(plan).submit()).rejects.toBeInstanceOf(OrraNotSupportedError);
    engine.script('POST', '/orchestrations', {
      ...answer,
      body: { ...view, plan: null, planSource: { kind: 'explicit' } },
    });
    await expect(orra.action('Say hello').plan(plan).submit()).resolves.toMatchObject({ id: view.id, plan: null });
  });

  it('rejects with the reason of the planner when an action cannot be planned', async () => {
    replay(engine, 'submit-not-actionable');
    const error: unknown = await orra
      .action('Do something impossible')
      .submit()
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(OrraNotActionableError);
    expect(error).toMatchObject({
      code: 'ORRA_NOT_ACTIONABLE',
      reason: 'no service can do this',
      retryable: false,
      details: { status: 400, engineCode: 'Orra:ActionNotActionable' },
    });
  });

  it('reads the key before every request, so that it can rotate', async () => {
    replay(engine, 'list-empty');
    const keys = ['sk-orra-v1-old', 'sk-orra-v1-new'];
    const rotating = client({ apiKey: () => keys.shift() as string });
    await rotating.orchestrations.list();
    await rotating.orchestrations.list();
    expect(engine.received.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer sk-orra-v1-old',
      'Bearer sk-orra-v1-new',
    ]);
  });
});

describe('result', () => {
  const submitted = async () => {
    replay(engine, 'submit');
    return orra.action('Say hello through echo').with({ message: 'hello' }).submit();
  };
  const PATH = '/orchestrations/inspections/o_FP9dPb9XyQpgZDULDmkLYu';

  it('resolves with the output of the last task when the orchestration has ended', async () => {
    const order = await submitted();
    engine.script(
      'GET',
      PATH,
      inspection('inspect-completed', { status: 'pending', results: undefined, tasks: undefined }),
      inspection('inspect-completed', { status: 'processing', results: undefined }),
      inspection('inspect-completed'),
    );
    await expect(drive(clock, order.result<{ response: string }>())).resolves.toEqual({
      status: 'completed',
      id: order.id,
      output: { response: 'Echo: hello' },
      results: [{ response: 'Echo: hello' }],
    });
    expect(clock.pendingTimers).toBe(0);
  });

  it('tolerates the Go engine just after a submission: a missing log and a dropped connection', async () => {
    const order = await submitted();
    engine.script('GET', PATH, LOG_NOT_FOUND, 'drop', LOG_NOT_FOUND, inspection('inspect-completed'));
    await expect(drive(clock, order.result())).resolves.toMatchObject({ status: 'completed' });
    expect(engine.received.filter(({ path }) => path === PATH)).toHaveLength(4);
  });

  it('rejects after the engine has not responded for a minute', async () => {
    const order = await submitted();
    engine.script('GET', PATH, 'drop');
    const started = clock.now();
    await expect(drive(clock, order.result())).rejects.toMatchObject({ code: 'ORRA_UNREACHABLE' });
    expect(clock.now() - started).toBeGreaterThanOrEqual(60_000);
    expect(clock.now() - started).toBeLessThan(62_000);
  });

  it('restarts the minute with every response', async () => {
    const order = await submitted();
    const down = Array.from({ length: 50 }, () => 'drop' as const);
    const open = inspection('inspect-completed', { status: 'processing' });
    engine.script('GET', PATH, ...down, open, ...down, inspection('inspect-completed'));
    await expect(drive(clock, order.result())).resolves.toMatchObject({ status: 'completed' });
  });

  it('polls with short intervals at first, and at most about once per second later', async () => {
    const order = await submitted();
    engine.script('GET', PATH, inspection('inspect-completed', { status: 'processing' }));
    const waits: number[] = [];
    const setTimer = clock.setTimer.bind(clock);
    clock.setTimer = (ms, callback) => (waits.push(ms), setTimer(ms, callback));
    const aborter = new AbortController();
    const result = order.result({ signal: aborter.signal });
    const stopped = drive(clock, result).catch((reason: unknown) => reason);
    while (waits.length < 10) await new Promise((resolve) => setImmediate(resolve));
    aborter.abort(new Error('enough'));
    await expect(stopped).resolves.toMatchObject({ message: 'enough' });
    expect(waits.slice(0, 9)).toEqual([20, 40, 80, 160, 320, 640, 1000, 1000, 1000]);
    expect(clock.pendingTimers).toBe(0);
  });

  it('rejects with ORRA_RESULT_TIMEOUT after the timeout, even if the engine does not respond', async () => {
    const order = await submitted();
    engine.script('GET', PATH, 'hang');
    const result = order.result({ timeout: '2s' }).catch((thrown: unknown) => thrown);
    while (engine.received.length < 2) await new Promise((resolve) => setImmediate(resolve));
    await clock.advance(2_000);
    const error = await result;
    expect(error).toBeInstanceOf(OrraResultTimeoutError);
    expect(error).toMatchObject({
      code: 'ORRA_RESULT_TIMEOUT',
      retryable: true,
      details: { orchestrationId: order.id, timeoutMs: 2_000 },
    });
    expect(clock.pendingTimers).toBe(0);
  });

  it('leaves no timer when it ends before its timeout', async () => {
    const order = await submitted();
    engine.script('GET', PATH, inspection('inspect-completed'));
    await order.result({ timeout: '1h' });
    expect(clock.pendingTimers).toBe(0);
  });

  it('rejects with the reason of its signal, without a request if it is already aborted', async () => {
    const order = await submitted();
    await expect(order.result({ signal: AbortSignal.abort(new Error('stop')) })).rejects.toThrow('stop');
    expect(engine.received).toHaveLength(1);
  });

  it('does not wait for an orchestration that does not exist', async () => {
    replay(engine, 'inspect-unknown');
    await expect(orra.orchestrations.result('o_unknown')).rejects.toMatchObject({ code: 'ORRA_UNKNOWN_ORCHESTRATION' });
    expect(engine.received.filter(({ path }) => path.includes('/inspections/'))).toHaveLength(1);
  });

  const endings: [recording: string, expected: object][] = [
    [
      'inspect-aborted',
      {
        status: 'aborted',
        id: 'o_euvk8Sxp4smaY6i2gTbFNG',
        payload: { reason: 'card is blocked', holdId: 'hold-o-17' },
        task: 'task2',
        service: 'card-charger',
      },
    ],
    [
      'inspect-aborted-without-payload',
      { status: 'aborted', id: 'o_hsHNbJ3QWfZk2hb7JT3mVZ', payload: undefined, task: 'task1', service: 'aborter' },
    ],
    [
      'inspect-failed',
      {
        status: 'failed',
        id: 'o_hVa8nP6TbuaUVPJ4MBshWe',
        error: { message: 'too many consecutive failures: card declined', task: 'task2', service: 'card-charger' },
      },
    ],
    [
      'inspect-cancelled',
      { status: 'cancelled', id: 'o_XxMvWeYVFaKyQQ9sJDXkAo', reason: 'Orra:PlanEngineShuttingDown' },
    ],
    [
      'inspect-not-actionable',
      { status: 'not_actionable', id: 'o_5YFcV3X4qd78yx3gUs7SWo', reason: 'no service can do this' },
    ],
  ];
  it('the error has what the service reported of it', async () => {
    replay(engine, 'inspect-failed');
    const body = recorded('inspect-failed').answer.body as OrchestrationInspection;
    const reported = {
      name: 'CardError',
      code: 'CARD_REFUSED',
      details: { limit: 317 },
      causes: [{ message: 'bank' }],
    };
    const error = { ...(body.error as object), ...reported };
    engine.script('GET', `/orchestrations/inspections/${body.id}`, { status: 200, body: { ...body, error } });
    const result = await orra.orchestrations.result(body.id);
    expect(result).toMatchObject({ status: 'failed', error: { task: 'task2', ...reported } });
  });

  it.each(endings)('reads the recorded ending %s', async (name, expected) => {
    replay(engine, name);
    const { id } = recorded(name).answer.body as OrchestrationInspection;
    await expect(orra.orchestrations.result(id)).resolves.toEqual(expected);
  });
});

describe('settled', () => {
  const path = '/orchestrations/inspections/o_1';
  const compensating = (status?: 'pending' | 'processing' | 'completed') => {
    const { answer } = recorded('inspect-aborted');
    const body = answer.body as OrchestrationInspection;
    const tasks = body.tasks?.map((task) => ({
      ...task,
      compensation: status && { status, attempt: 1, max_attempts: 10, timestamp: body.timestamp },
    }));
    return { ...answer, body: { ...body, tasks } };
  };

  it('resolves after the end when all compensations are over', async () => {
    const processing = inspection('inspect-completed', { status: 'processing' });
    engine.script(
      'GET',
      path,
      processing,
      compensating('pending'),
      compensating('processing'),
      compensating('completed'),
    );
    const settled = await drive(clock, orra.orchestrations.settled('o_1'));
    expect(settled.tasks?.every(({ compensation }) => compensation?.status === 'completed')).toBe(true);
    expect(engine.received.filter((request) => request.path === path)).toHaveLength(4);
  });

  it('resolves at the end when there is nothing to compensate', async () => {
    engine.script('GET', path, inspection('inspect-completed'));
    await expect(drive(clock, orra.orchestrations.settled('o_1'))).resolves.toMatchObject({ status: 'completed' });
  });
});

describe('updates', () => {
  const { id, tasks = [] } = recorded('inspect-updates').answer.body as OrchestrationInspection;
  const [task] = tasks;
  const all = task?.interimResults ?? [];
  const withUpdates = (count: number, status: OrchestrationInspection['status']) =>
    inspection('inspect-updates', {
      status,
      tasks: tasks.map((it) => ({ ...it, interimResults: all.slice(0, count) })),
    });
  const PATH = `/orchestrations/inspections/${id}`;

  const collect = async (options = {}): Promise<OrchestrationUpdate[]> => {
    const updates: OrchestrationUpdate[] = [];
    for await (const update of orra.orchestrations.updates(id, options)) updates.push(update);
    return updates;
  };

  it('yields every update once, in order, and ends with the orchestration', async () => {
    engine.script(
      'GET',
      PATH,
      LOG_NOT_FOUND,
      withUpdates(0, 'processing'),
      withUpdates(1, 'processing'),
      withUpdates(1, 'processing'),
      withUpdates(2, 'processing'),
      withUpdates(3, 'completed'),
    );
    await expect(drive(clock, collect())).resolves.toEqual(
      all.map(({ timestamp, data }) => ({ taskId: 'task1', service: 'importer', timestamp, data })),
    );
    expect(all).toHaveLength(3);
  });

  it('merges the updates of parallel tasks by timestamp', async () => {
    const at = (second: number, name: string) => ({
      id: name,
      timestamp: `2026-11-22T09:26:4${second}.5Z`,
      data: name,
    });
    const parallel = ['task1', 'task2'].map((taskId, index) => ({
      ...(task as NonNullable<typeof task>),
      id: taskId,
      // The same ids in both tasks are distinguished by their task.
      interimResults: [at(1 + index, 'first'), at(3 + index, 'second')],
    }));
    engine.script('GET', PATH, inspection('inspect-updates', { tasks: parallel }));
    const seen = (await collect()).map(({ taskId, data }) => [taskId, data]);
    expect(seen).toEqual([
      ['task1', 'first'],
      ['task2', 'first'],
      ['task1', 'second'],
      ['task2', 'second'],
    ]);
  });

  it('can be stopped early without leaving a timer', async () => {
    engine.script('GET', PATH, withUpdates(2, 'processing'));
    for await (const update of orra.orchestrations.updates(id)) {
      expect(update.data).toMatchObject({ progress: 20 });
      break;
    }
    expect(clock.pendingTimers).toBe(0);
  });

  it('rejects with the reason of its signal while it waits', async () => {
    engine.script('GET', PATH, withUpdates(0, 'processing'));
    const aborter = new AbortController();
    const collected = collect({ signal: aborter.signal }).catch((reason: unknown) => reason);
    while (clock.pendingTimers === 0) await new Promise((resolve) => setImmediate(resolve));
    aborter.abort(new OrraError('MINE', 'left'));
    await expect(collected).resolves.toMatchObject({ code: 'MINE' });
    expect(clock.pendingTimers).toBe(0);
  });
});

describe('views', () => {
  it('lists orchestrations as the engine groups them, with any content type', async () => {
    const { answer } = replay(engine, 'list-not-actionable');
    await expect(orra.orchestrations.list()).resolves.toEqual(answer.body);
    engine.script('GET', '/orchestrations', { ...answer, headers: { 'content-type': 'text/plain; charset=utf-8' } });
    await expect(orra.orchestrations.list()).resolves.toEqual(answer.body);
  });

  it('inspects one orchestration, and escapes its id', async () => {
    const { answer } = replay(engine, 'inspect-processing');
    const { id } = answer.body as OrchestrationInspection;
    await expect(orra.orchestrations.inspect(id)).resolves.toEqual(answer.body);
    engine.script('GET', '/orchestrations/inspections/a%2Fb%20c', answer);
    await expect(orra.orchestrations.inspect('a/b c')).resolves.toEqual(answer.body);
  });
});
