import { ManualClock } from '@orra-ts/common/testing';
import { parseServiceMessage, type ServiceEnvelope } from '@orra-ts/protocol';
import type { Outcome } from '../journal/execution-journal';
import { Outbox } from './outbox';
import { UpdateTracker } from './update-tracker';

const outcome = (taskId = 'task1'): Outcome => ({
  type: 'task_result',
  final: true,
  taskId,
  executionId: 'e_1',
  body: '"result":{"task":{"a":"ö\\n"}},"error":null',
});

function outbox() {
  const clock = new ManualClock();
  const acknowledged: string[] = [];
  const sent: ServiceEnvelope[] = [];
  const box = new Outbox({
    clock,
    idPrefix: 'p-',
    ackTimeoutMs: 5_000,
    onAcknowledged: (key) => acknowledged.push(key),
  });
  const connect = (serviceId = 's_a'): void =>
    box.connected(serviceId, (text) => {
      const parsed = parseServiceMessage(text);
      if (!parsed.ok) throw new Error(parsed.error.message);
      sent.push(parsed.value);
    });
  const update = (key: string, tracker: UpdateTracker, progress = 0): void => {
    tracker.started();
    box.sendUpdate(
      { type: 'task_interim_result', taskId: 't', executionId: 'e', key, body: `"result":{"task":{"n":${progress}}}` },
      tracker,
    );
  };
  return { box, clock, acknowledged, sent, connect, update };
}

describe('outbox', () => {
  it('sends messages that the protocol can parse, regardless of the ids', () => {
    const { box, connect, sent } = outbox();
    connect('s_"quoted"');
    box.sendOutcome('key\\1', outcome('täsk "1"'), 'e_2');
    expect(sent).toEqual([
      {
        id: 'p-1',
        payload: {
          type: 'task_result',
          taskId: 'täsk "1"',
          executionId: 'e_2',
          serviceId: 's_"quoted"',
          idempotencyKey: 'key\\1',
          result: { task: { a: 'ö\n' } },
          error: null,
        },
      },
    ]);
  });

  it('X4: keeps outcomes while offline, sends them in order, and again on every connection until they are acknowledged', () => {
    const { box, connect, sent, acknowledged } = outbox();
    box.sendOutcome('a', outcome(), 'e');
    box.sendOutcome('b', outcome(), 'e');
    connect();
    box.disconnected();
    connect('s_b');
    expect(sent.map(({ id }) => id)).toEqual(['p-1', 'p-2', 'p-1', 'p-2']);
    expect(sent[2]?.payload).toMatchObject({ serviceId: 's_b' });
    box.acknowledge('p-1');
    box.acknowledge('p-1');
    box.acknowledge('unknown');
    expect(acknowledged).toEqual(['a']);
    expect(box.pendingOutcomes).toBe(1);
    box.disconnected();
    connect();
    expect(sent.slice(4).map(({ id }) => id)).toEqual(['p-2']);
  });

  it('X4: sends again on one timer for all, with back-off, and stops when all are acknowledged', async () => {
    const { box, clock, connect, sent } = outbox();
    connect();
    for (let n = 0; n < 10; n++) box.sendOutcome(`k${n}`, outcome(), 'e');
    expect(clock.pendingTimers).toBe(1);
    await clock.advance(5_000);
    expect(sent).toHaveLength(20);
    await clock.advance(5_000);
    expect(sent).toHaveLength(20);
    await clock.advance(5_000);
    expect(sent).toHaveLength(30);
    for (let n = 1; n <= 10; n++) box.acknowledge(`p-${n.toString(36)}`);
    await clock.advance(60_000);
    expect(sent).toHaveLength(30);
    expect(clock.pendingTimers).toBe(0);
  });

  it('X4: sends again without limit, but with back-off, if the engine does not acknowledge', async () => {
    const { box, clock, connect, sent } = outbox();
    connect();
    box.sendOutcome('k', outcome(), 'e');
    await clock.advance(3_600_000);
    expect(sent.length).toBeGreaterThan(80);
    expect(sent.length).toBeLessThan(100);
  });

  it('a duplicate of a pending outcome sends the same message again, as the outcome of the newest attempt', () => {
    const { box, connect, sent } = outbox();
    connect();
    box.sendOutcome('k', outcome(), 'e_1');
    box.repeatOutcome('k', outcome(), 'e_2');
    expect(sent.map(({ id, payload }) => [id, (payload as { executionId?: string }).executionId])).toEqual([
      ['p-1', 'e_1'],
      ['p-1', 'e_2'],
    ]);
    box.repeatOutcome('k', outcome());
    expect(sent[2]).toMatchObject({ id: 'p-1', payload: { executionId: 'e_2' } });
    box.acknowledge('p-1');
    box.repeatOutcome('k', outcome(), 'e_2');
    expect(sent[3]).toMatchObject({ id: 'p-2', payload: { executionId: 'e_2' } });
  });

  it('X5: an update is given up after one acknowledgement timeout, so that its outcome does not wait longer', async () => {
    const { clock, connect, update, sent } = outbox();
    connect();
    const tracker = new UpdateTracker();
    update('k', tracker);
    let arrived = false;
    void tracker.whenAtMost(0).then(() => (arrived = true));
    await clock.advance(4_999);
    expect(arrived).toBe(false);
    await clock.advance(1);
    expect(arrived).toBe(true);
    expect(sent).toHaveLength(1);
  });

  it('offline updates are bounded, the oldest are dropped, and outcomes are not', () => {
    const { box, connect, update, sent } = outbox();
    const tracker = new UpdateTracker();
    box.sendOutcome('first', outcome(), 'e');
    for (let n = 0; n < 1_500; n++) update('k', tracker, n);
    connect();
    expect(sent[0]?.payload.type).toBe('task_result');
    expect(sent[1]?.payload).toMatchObject({ result: { task: { n: 500 } } });
    expect([tracker.count, tracker.dropped]).toEqual([1_000, 500]);
  });

  it('online updates are bounded too: 256 are on their way, 1,000 wait, and the oldest of these are dropped', () => {
    const { box, connect, update, sent } = outbox();
    connect();
    const tracker = new UpdateTracker();
    for (let n = 0; n < 1_500; n++) update('k', tracker, n);
    expect(sent).toHaveLength(256);
    expect([tracker.count, tracker.dropped]).toEqual([1_256, 244]);
    // Each acknowledgement sends the next one, in order.
    for (let n = 0; n < sent.length; n++) box.acknowledge(sent[n]?.id ?? '');
    expect(sent).toHaveLength(1_256);
    expect(sent[256]?.payload).toMatchObject({ result: { task: { n: 500 } } });
    expect(sent.at(-1)?.payload).toMatchObject({ result: { task: { n: 1_499 } } });
    expect(tracker.count).toBe(0);
  });

  it('updates that wait when the connection is lost are sent after the reconnect, in order and within the bound', () => {
    const { box, connect, update, sent } = outbox();
    connect();
    const tracker = new UpdateTracker();
    for (let n = 0; n < 300; n++) update('k', tracker, n);
    box.disconnected();
    sent.length = 0;
    connect();
    expect(sent).toHaveLength(256);
    for (let n = 0; n < sent.length; n++) box.acknowledge(sent[n]?.id ?? '');
    expect(sent.map(({ payload }) => (payload as { result: { task: { n: number } } }).result.task.n)).toEqual(
      Array.from({ length: 300 }, (_, n) => n),
    );
  });

  it('a handler that waits for its updates continues when the connection is lost', async () => {
    const { box, connect, update } = outbox();
    connect();
    const tracker = new UpdateTracker();
    for (let n = 0; n < 3; n++) update('k', tracker, n);
    const waiting = tracker.whenAtMost(1);
    box.disconnected();
    await waiting;
  });

  it('L3: is drained when all outcomes are acknowledged', async () => {
    const { box, connect } = outbox();
    await box.whenDrained();
    connect();
    box.sendOutcome('a', outcome(), 'e');
    box.sendOutcome('b', outcome(), 'e');
    let drained = false;
    const waiting = box.whenDrained().then(() => (drained = true));
    box.acknowledge('p-1');
    await new Promise(setImmediate);
    expect(drained).toBe(false);
    box.acknowledge('p-2');
    await waiting;
  });
});
