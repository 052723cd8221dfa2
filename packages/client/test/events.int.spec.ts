/** Event streams over real sockets. The test acts as the engine and decides when a connection breaks. */
import { OrraError } from '@orra-ts/common';
import { axiosTransport } from '@orra-ts/common/axios';
import { ManualClock } from '@orra-ts/common/testing';
import { type FakeEventStream, FakeHttpEngine } from '@orra-ts/fakes';
import type { OrchestrationInspection } from '@orra-ts/protocol';
import {
  type EngineEvent,
  type EventsOptions,
  type OrraClient,
  type OrraClientOptions,
  OrraNotSupportedError,
  OrraUnauthorizedError,
  OrraUnexpectedResponseError,
  OrraUnknownOrchestrationError,
  createOrraClient,
} from '../src';
import { drive, nextStream, recorded } from './recorded';
import { compensation, orchestration, sse, update } from './stream-events';

const PATH = '/orchestrations/o_1/events';
const INSPECTION = '/orchestrations/inspections/o_1';

let engine: FakeHttpEngine;
let clock: ManualClock;
let orra: OrraClient;

const client = (options: OrraClientOptions = {}): OrraClient =>
  createOrraClient({ url: engine.url, apiKey: 'sk-orra-v1-1', clock, random: () => 0.5, ...options });

beforeEach(async () => {
  engine = await FakeHttpEngine.start();
  clock = new ManualClock();
  orra = client();
  engine.script('GET', PATH, 'stream');
  engine.script('GET', '/events', 'stream');
});
afterEach(() => engine.close());

/** An inspection of an orchestration that has not ended. */
const open = () => {
  const { answer } = recorded('inspect-completed');
  return { ...answer, body: { ...(answer.body as OrchestrationInspection), status: 'processing' } };
};

/** Reads a stream one event at a time. */
class Reader {
  private readonly events: AsyncIterator<EngineEvent>;
  constructor(events: AsyncIterable<EngineEvent>) {
    this.events = events[Symbol.asyncIterator]();
  }
  /** The id of the next event, or undefined at the end. */
  async id(): Promise<string | undefined> {
    const result = await drive(clock, this.events.next(), 10_000);
    return result.done ? undefined : result.value.id;
  }
  next(): Promise<unknown> {
    return this.events.next();
  }
}
const read = (options: EventsOptions = {}): Reader => new Reader(orra.orchestrations.events('o_1', options));
const opened = (): Promise<FakeEventStream> => nextStream(engine, clock);
const thrownBy = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => 'it resolved',
    (error: unknown) => error,
  );
const settle = async (): Promise<void> => {
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
};

describe('connect', () => {
  it('requests the event stream with the key from the first event, and yields each event with its id', async () => {
    const events = orra.orchestrations.events('o_1');
    const first = events[Symbol.asyncIterator]().next();
    const stream = await opened();
    expect(stream.headers).toMatchObject({ accept: 'text/event-stream', authorization: 'Bearer sk-orra-v1-1' });
    expect(stream.lastEventId).toBeUndefined();
    stream.write(sse(1, update({ progress: 10 })));
    await expect(first).resolves.toEqual({ done: false, value: { id: '1', event: update({ progress: 10 }) } });
  });

  it('sends no request before it is read', async () => {
    read();
    await settle();
    expect(engine.received).toEqual([]);
  });

  it('starts after the given event', async () => {
    const reader = read({ lastEventId: '41' });
    const id = reader.id();
    const stream = await opened();
    expect(stream.lastEventId).toBe('41');
    stream.write(sse(42, update(1)));
    await expect(id).resolves.toBe('42');
  });

  it('omits unknown kinds of events, comments and heartbeats', async () => {
    const id = read().id();
    const stream = await opened();
    stream.write(': hello\n\nevent: later.kind\ndata: not even JSON\n\n');
    stream.write(`data: ${JSON.stringify({ ...update(1), type: 'later.kind' })}\n\n: beat\n\n`);
    stream.write(sse(3, update(1)));
    await expect(id).resolves.toBe('3');
  });

  it('leaving the loop closes the connection, and leaves no timer', async () => {
    const iteration = (async () => {
      for await (const { id } of orra.orchestrations.events('o_1')) return id;
      return undefined;
    })();
    const stream = await opened();
    stream.write(sse(1, update(1)));
    await expect(iteration).resolves.toBe('1');
    await stream.closed;
    expect(clock.pendingTimers).toBe(0);
  });

  it('the stream of a project has a separate route and continues after its orchestrations', async () => {
    const reader = new Reader(orra.events({ lastEventId: '9' }));
    const first = reader.id();
    const stream = await opened();
    expect([engine.received[0]?.path, stream.lastEventId]).toEqual(['/events', '9']);
    stream.write(sse(10, orchestration('completed')) + sse(11, orchestration('failed')) + sse(12, update(1)));
    expect([await first, await reader.id(), await reader.id()]).toEqual(['10', '11', '12']);
    stream.close();
    const next = reader.id();
    const again = await opened();
    expect(again.lastEventId).toBe('12');
    again.write(sse(13, update(2)));
    await expect(next).resolves.toBe('13');
  });
});

describe('resilience', () => {
  it('a connection that breaks in the middle of an event reconnects after the last complete one', async () => {
    const reader = read();
    const first = reader.id();
    const stream = await opened();
    const second = sse(2, update({ text: 'Grüße' }));
    stream.write(sse(1, update(1)) + second.slice(0, 60));
    await expect(first).resolves.toBe('1');
    const next = reader.next();
    stream.drop();
    const again = await opened();
    expect(again.lastEventId).toBe('1');
    again.write(second);
    await expect(next).resolves.toEqual({ done: false, value: { id: '2', event: update({ text: 'Grüße' }) } });
  });

  it('duplicates on a later connection are omitted, events with the same id on one connection are not', async () => {
    const reader = read();
    const first = reader.id();
    const stream = await opened();
    stream.write(sse(1, update('a')) + sse(1, update('b')) + sse(2, update('c')));
    expect([await first, await reader.id(), await reader.id()]).toEqual(['1', '1', '2']);
    const next = reader.next();
    stream.drop();
    const again = await opened();
    again.write(sse(1, update('a')) + sse(1, update('b')) + sse(2, update('c')) + sse(3, update('d')));
    await expect(next).resolves.toMatchObject({ value: { id: '3', event: { data: 'd' } } });
  });

  it('the event that it starts after is not repeated', async () => {
    const id = read({ lastEventId: '1' }).id();
    (await opened()).write(sse(1, update('a')) + sse(2, update('b')));
    await expect(id).resolves.toBe('2');
  });

  it('reconnect delays have full jitter, double up to 10 s, and are reset after an event', async () => {
    engine.script('GET', PATH, 'drop', 'drop', 'drop', 'drop', 'drop', 'drop', 'drop', 'stream');
    const waits: number[] = [];
    const setTimer = clock.setTimer.bind(clock);
    clock.setTimer = (ms, callback) => (ms < 45_000 && waits.push(ms), setTimer(ms, callback));
    const reader = read();
    const first = reader.id();
    const stream = await opened();
    expect(waits).toEqual([125, 250, 500, 1000, 2000, 4000, 5000]);
    stream.write(sse(1, update(1)));
    await first;
    waits.length = 0;
    const next = reader.id();
    stream.drop();
    const again = await opened();
    expect(waits).toEqual([125]);
    again.write(sse(2, update(2)));
    await next;
  });

  it('an engine that accepts and closes immediately is not flooded', async () => {
    const waits: number[] = [];
    const setTimer = clock.setTimer.bind(clock);
    clock.setTimer = (ms, callback) => (ms < 45_000 && waits.push(ms), setTimer(ms, callback));
    engine.script('GET', INSPECTION, open());
    const id = read().id();
    for (let i = 0; i < 4; i++) (await opened()).close();
    (await opened()).write(sse(1, update(1)));
    await id;
    expect(waits).toEqual([125, 250, 500, 1000]);
  });

  it('heartbeats keep an idle connection open; 45 s without one close it', async () => {
    const reader = read();
    const next = reader.next();
    const stream = await opened();
    for (let i = 0; i < 4; i++) {
      await clock.advance(44_000);
      const timer = clock.nextTimerMs;
      stream.write(': beat\n\n');
      while (clock.nextTimerMs === timer) await settle();
    }
    expect(engine.received).toHaveLength(1);
    await clock.advance(45_000);
    await stream.closed;
    const again = await opened();
    again.write(sse(1, update(1)));
    await expect(next).resolves.toMatchObject({ value: { id: '1' } });
  });

  it('a slow reader does not count as a silent engine, and has a minute after the connection breaks', async () => {
    const reader = read();
    const first = reader.id();
    const stream = await opened();
    stream.write(sse(1, update(1)));
    await first;
    expect(clock.pendingTimers).toBe(0);
    await clock.advance(600_000);
    stream.drop();
    const next = reader.id();
    (await opened()).write(sse(2, update(2)));
    await expect(next).resolves.toBe('2');
  });

  it('rejects after the engine has not responded for a minute, and not before', async () => {
    engine.script('GET', PATH, 'drop');
    const started = clock.now();
    const error = await thrownBy(drive(clock, read().next(), 10_000));
    expect(error).toMatchObject({ code: 'ORRA_UNREACHABLE' });
    expect(clock.now() - started).toBeGreaterThanOrEqual(60_000);
    expect(clock.now() - started).toBeLessThan(71_000);
  });

  it('a retryable error response is retried', async () => {
    engine.script('GET', PATH, { status: 503 }, { status: 429 }, 'stream');
    const id = read().id();
    (await opened()).write(sse(1, update(1)));
    await expect(id).resolves.toBe('1');
  });
});

describe('the end', () => {
  it('comes with the completion, whether or not the engine closes the connection', async () => {
    const reader = read();
    const first = reader.id();
    const stream = await opened();
    stream.write(sse(1, orchestration('processing')) + sse(2, orchestration('completed')));
    expect([await first, await reader.id(), await reader.id()]).toEqual(['1', '2', undefined]);
    await stream.closed;
    expect(engine.received).toHaveLength(1);
    expect(clock.pendingTimers).toBe(0);
  });

  it('comes after the compensation, when the next connection has no further event', async () => {
    const reader = read();
    const first = reader.id();
    const stream = await opened();
    stream.write(
      sse(1, orchestration('failed')) + sse(2, compensation('processing')) + sse(3, compensation('completed')),
    );
    expect([await first, await reader.id(), await reader.id()]).toEqual(['1', '2', '3']);
    const started = clock.now();
    const end = reader.id();
    stream.close();
    const again = await opened();
    expect(again.lastEventId).toBe('3');
    again.close();
    await expect(end).resolves.toBeUndefined();
    expect(clock.now()).toBe(started);
  });

  it('does not come when an engine stops during the compensation', async () => {
    const reader = read();
    const first = reader.id();
    const stream = await opened();
    stream.write(sse(1, orchestration('aborted')) + sse(2, compensation('processing')));
    expect([await first, await reader.id()]).toEqual(['1', '2']);
    engine.script('GET', PATH, 'drop', 'drop', 'stream');
    const next = reader.id();
    stream.close();
    const again = await opened();
    again.write(sse(3, compensation('completed')));
    await expect(next).resolves.toBe('3');
  });

  it('is read from the inspection when the stream starts after the last event', async () => {
    engine.script('GET', INSPECTION, recorded('inspect-aborted').answer);
    const end = read({ lastEventId: '99' }).id();
    (await opened()).close();
    await expect(end).resolves.toBeUndefined();
    expect(engine.received.map(({ path }) => path)).toEqual([PATH, INSPECTION]);
  });

  it('also comes with a 204', async () => {
    engine.script('GET', PATH, { status: 204 });
    engine.script('GET', INSPECTION, recorded('inspect-completed').answer);
    await expect(read({ lastEventId: '99' }).id()).resolves.toBeUndefined();
  });

  it('an idle connection that closes while the orchestration is open reconnects', async () => {
    engine.script('GET', INSPECTION, open());
    const next = read().id();
    (await opened()).close();
    (await opened()).write(sse(1, update(1)));
    await expect(next).resolves.toBe('1');
  });
});

describe('abort', () => {
  const STOP = new OrraError('MINE', 'stop');

  it('before the first read sends no request', async () => {
    await expect(read({ signal: AbortSignal.abort(STOP) }).next()).rejects.toBe(STOP);
    expect(engine.received).toEqual([]);
  });

  it('during a request, a read or a reconnect delay rejects with the reason and leaves no timer', async () => {
    const moments: ((aborter: AbortController) => Promise<unknown>)[] = [
      async () => {
        engine.script('GET', PATH, 'hang');
        while (engine.received.length === 0) await settle();
      },
      async () => {
        engine.script('GET', PATH, 'stream');
        await opened();
        while (clock.pendingTimers === 0) await settle();
      },
      async () => {
        engine.script('GET', PATH, 'drop');
        while (clock.pendingTimers === 0) await settle();
      },
    ];
    for (const moment of moments) {
      engine.received.length = 0;
      const aborter = new AbortController();
      const thrown = thrownBy(read({ signal: aborter.signal }).next());
      const reached = moment(aborter);
      await reached;
      aborter.abort(STOP);
      await expect(thrown).resolves.toBe(STOP);
      expect(clock.pendingTimers).toBe(0);
    }
  });

  it('closes the connection', async () => {
    const aborter = new AbortController();
    const thrown = thrownBy(read({ signal: aborter.signal }).next());
    const stream = await opened();
    aborter.abort(STOP);
    await stream.closed;
    await expect(thrown).resolves.toBe(STOP);
  });
});

describe('errors', () => {
  it('an engine without events is ORRA_NOT_SUPPORTED', async () => {
    for (const answer of [recorded('no-such-route').answer, { status: 405 }]) {
      engine.script('GET', PATH, answer);
      engine.script('GET', '/events', answer);
      await expect(read().next()).rejects.toBeInstanceOf(OrraNotSupportedError);
      await expect(new Reader(orra.events()).next()).rejects.toMatchObject({ code: 'ORRA_NOT_SUPPORTED' });
    }
  });

  it('so is a transport that cannot stream; the error names the option', async () => {
    const { request } = axiosTransport();
    orra = client({ transport: { request } });
    const error = await thrownBy(read().next());
    expect(error).toBeInstanceOf(OrraNotSupportedError);
    expect(String(error)).toContain('option `transport`');
  });

  it('an unknown orchestration and a wrong key have their usual errors', async () => {
    engine.script('GET', PATH, recorded('inspect-unknown').answer);
    await expect(read().next()).rejects.toBeInstanceOf(OrraUnknownOrchestrationError);
    engine.script('GET', PATH, recorded('no-key').answer);
    await expect(read().next()).rejects.toBeInstanceOf(OrraUnauthorizedError);
  });

  it.each([
    ['a page in place of a stream', { status: 200, headers: { 'content-type': 'text/html' }, body: '<html></html>' }],
    [
      'an event that is not JSON',
      { status: 200, headers: { 'content-type': 'text/event-stream' }, body: 'data: {\n\n' },
    ],
    [
      'an event of another kind of server',
      { status: 200, headers: { 'content-type': 'text/event-stream' }, body: 'data: {"a":1}\n\n' },
    ],
  ])('%s is ORRA_UNEXPECTED_RESPONSE, and is not retried', async (_, answer) => {
    engine.script('GET', PATH, answer);
    await expect(read().next()).rejects.toBeInstanceOf(OrraUnexpectedResponseError);
    expect(engine.received).toHaveLength(1);
  });
});
