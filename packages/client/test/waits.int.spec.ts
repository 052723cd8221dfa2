/** result(), settled() and updates() with events, without events, and when that changes. */
import { axiosTransport } from '@orra-ts/common/axios';
import { ManualClock } from '@orra-ts/common/testing';
import { type FakeEventStream, FakeHttpEngine } from '@orra-ts/fakes';
import type { OrchestrationInspection, TaskInspection } from '@orra-ts/protocol';
import { type OrchestrationUpdate, type OrraClient, createOrraClient } from '../src';
import { drive, nextStream, recorded } from './recorded';
import { compensation, orchestration, sse, update } from './stream-events';

const EVENTS = '/orchestrations/o_1/events';
const INSPECTION = '/orchestrations/inspections/o_1';
const NO_SUCH_ROUTE = recorded('no-such-route').answer;

let engine: FakeHttpEngine;
let clock: ManualClock;
let orra: OrraClient;

beforeEach(async () => {
  engine = await FakeHttpEngine.start();
  clock = new ManualClock();
  orra = createOrraClient({ url: engine.url, apiKey: 'sk-orra-v1-1', clock, random: () => 0.5 });
  engine.script('GET', EVENTS, 'stream');
});
afterEach(() => engine.close());

const opened = (): Promise<FakeEventStream> => nextStream(engine, clock);
const asked = (): string[] => engine.received.map(({ path }) => path);
const inspection = (name: string, change: Partial<OrchestrationInspection> = {}) => {
  const { answer } = recorded(name);
  return { ...answer, body: { ...(answer.body as OrchestrationInspection), ...change } };
};
/** An inspection with these updates of two tasks. */
const withUpdates = (status: OrchestrationInspection['status'], first: unknown[], second: unknown[] = []) => {
  const tasks = [first, second].map((updates, index) => ({
    id: `task${index + 1}`,
    serviceName: 'stock',
    interimResults: updates.map((data, i) => ({ id: `u${i}`, timestamp: `2026-11-22T09:30:0${i}Z`, data })),
  }));
  return inspection('inspect-completed', { status, tasks: tasks as unknown as TaskInspection[] });
};
const collect = async (into: OrchestrationUpdate[]): Promise<unknown[]> => {
  for await (const one of orra.orchestrations.updates('o_1')) into.push(one);
  return into.map(({ taskId, data }) => [taskId, data]);
};

describe('with events', () => {
  it('a result needs one stream and one inspection, without polling', async () => {
    engine.script('GET', INSPECTION, inspection('inspect-completed'));
    const result = orra.orchestrations.result('o_1');
    const stream = await opened();
    stream.write(sse(1, orchestration('processing')) + sse(2, update(1)));
    await clock.advance(30_000);
    expect(asked()).toEqual([EVENTS]);
    stream.write(sse(3, orchestration('completed')));
    await expect(result).resolves.toMatchObject({ status: 'completed', output: { response: 'Echo: hello' } });
    await stream.closed;
    expect(asked()).toEqual([EVENTS, INSPECTION]);
    expect(clock.pendingTimers).toBe(0);
  });

  it('a result does not wait for the compensation, settled() does', async () => {
    engine.script('GET', INSPECTION, inspection('inspect-aborted'));
    const result = orra.orchestrations.result('o_1');
    const settled = orra.orchestrations.settled('o_1');
    const streams = [await opened(), await opened()];
    for (const stream of streams) {
      stream.write(sse(1, orchestration('aborted')) + sse(2, compensation('processing')));
    }
    await expect(result).resolves.toMatchObject({ status: 'aborted', task: 'task2' });
    expect(asked().filter((path) => path === INSPECTION)).toHaveLength(1);
    const [open] = (await Promise.race([
      streams[0]?.closed.then(() => [streams[1]]),
      streams[1]?.closed.then(() => [streams[0]]),
    ])) as [FakeEventStream];
    open.write(sse(3, compensation('completed')));
    open.close();
    (await opened()).close();
    await expect(settled).resolves.toMatchObject({ status: 'aborted' });
  });

  it('a timeout ends the wait and closes its connection', async () => {
    const result = orra.orchestrations.result('o_1', { timeout: '20s' }).catch((thrown: unknown) => thrown);
    const stream = await opened();
    await clock.advance(20_000);
    await expect(result).resolves.toMatchObject({ code: 'ORRA_RESULT_TIMEOUT', details: { orchestrationId: 'o_1' } });
    await stream.closed;
    expect(clock.pendingTimers).toBe(0);
  });

  it('updates are yielded immediately, each once, across lost connections and repeated events', async () => {
    const seen: OrchestrationUpdate[] = [];
    const all = collect(seen);
    const stream = await opened();
    stream.write(sse(1, orchestration('processing')) + sse(2, update('a')) + sse(3, update('b', 'task2')));
    while (seen.length < 2) await new Promise((resolve) => setImmediate(resolve));
    expect(seen[0]).toEqual({ taskId: 'task1', service: 'stock', timestamp: '2026-11-22T09:30:00Z', data: 'a' });
    stream.drop();
    const again = await opened();
    expect(again.lastEventId).toBe('3');
    // Like an engine that ignores the position of its reader.
    again.write(sse(2, update('a')) + sse(3, update('b', 'task2')) + sse(4, update('c')) + sse(5, update('c')));
    engine.script('GET', INSPECTION, withUpdates('completed', ['a', 'c', 'c'], ['b']));
    again.write(sse(6, orchestration('completed')));
    await expect(all).resolves.toEqual([
      ['task1', 'a'],
      ['task2', 'b'],
      ['task1', 'c'],
      ['task1', 'c'],
    ]);
  });

  it('an update that is only in the last inspection is not lost', async () => {
    engine.script('GET', INSPECTION, withUpdates('failed', ['a', 'late']));
    const all = collect([]);
    (await opened()).write(sse(1, update('a')) + sse(2, orchestration('failed')));
    await expect(all).resolves.toEqual([
      ['task1', 'a'],
      ['task1', 'late'],
    ]);
  });

  it('stopping the updates early closes the connection', async () => {
    const first = (async () => {
      for await (const { data } of orra.orchestrations.updates('o_1')) return data;
      return undefined;
    })();
    const stream = await opened();
    stream.write(sse(1, update('a')));
    await expect(first).resolves.toBe('a');
    await stream.closed;
    expect(clock.pendingTimers).toBe(0);
  });
});

describe('without events', () => {
  it.each([
    ['404, as on the Go engine', NO_SUCH_ROUTE],
    ['405', { status: 405 }],
  ])('%s: the client requests events once, and polls from then on', async (_, answer) => {
    engine.script('GET', EVENTS, answer);
    engine.script('GET', INSPECTION, inspection('inspect-completed'));
    for (let i = 0; i < 3; i++) await drive(clock, orra.orchestrations.result('o_1'));
    await drive(clock, collect([]));
    expect(asked()).toEqual([EVENTS, INSPECTION, INSPECTION, INSPECTION, INSPECTION]);
  });

  it('the client polls with a transport that cannot stream', async () => {
    const { request } = axiosTransport();
    orra = createOrraClient({ url: engine.url, apiKey: 'k', clock, transport: { request } });
    engine.script('GET', INSPECTION, inspection('inspect-completed'));
    await expect(orra.orchestrations.result('o_1')).resolves.toMatchObject({ status: 'completed' });
    expect(asked()).toEqual([INSPECTION]);
  });
});

describe('when that changes', () => {
  it('a switch to polling neither loses nor repeats an update, even equal ones', async () => {
    const seen: OrchestrationUpdate[] = [];
    const all = drive(clock, collect(seen), 10_000);
    const stream = await opened();
    stream.write(sse(1, update('same')) + sse(2, update('same')) + sse(3, update('x', 'task2')));
    while (seen.length < 3) await new Promise((resolve) => setImmediate(resolve));
    engine.script('GET', EVENTS, NO_SUCH_ROUTE);
    engine.script(
      'GET',
      INSPECTION,
      withUpdates('processing', ['same', 'same', 'same'], ['x']),
      withUpdates('processing', ['same', 'same', 'same'], ['x', 'y']),
      withUpdates('completed', ['same', 'same', 'same', 'end'], ['x', 'y']),
    );
    stream.drop();
    await expect(all).resolves.toEqual([
      ['task1', 'same'],
      ['task1', 'same'],
      ['task2', 'x'],
      ['task1', 'same'],
      ['task2', 'y'],
      ['task1', 'end'],
    ]);
  });

  it('an engine that has no stream available is polled for this wait, and events are requested again for the next', async () => {
    engine.script('GET', EVENTS, { status: 503 }, 'stream');
    engine.script(
      'GET',
      INSPECTION,
      inspection('inspect-completed', { status: 'processing' }),
      inspection('inspect-completed'),
    );
    await expect(drive(clock, orra.orchestrations.result('o_1'))).resolves.toMatchObject({ status: 'completed' });
    expect(asked()).toEqual([EVENTS, INSPECTION, INSPECTION]);
    const next = orra.orchestrations.result('o_1');
    (await opened()).write(sse(1, orchestration('completed')));
    await expect(next).resolves.toMatchObject({ status: 'completed' });
  });
});
