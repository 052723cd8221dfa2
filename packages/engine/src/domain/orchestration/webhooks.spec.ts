import { Scenario, TIMINGS } from '../../../test/support/scenario';
import { isOpen, type Command } from './decide';
import type { OrchestrationEvent } from './events';
import { replay } from './evolve';
import { queueWebhooks } from './webhooks';

const outcome = (id: string, retryable?: boolean): Command => ({
  kind: 'webhook_outcome',
  id,
  outcome:
    retryable === undefined ? { kind: 'delivered', status: 204 } : { kind: 'failed', error: 'refused', retryable },
});

function completed(): { run: Scenario; id: string } {
  const run = Scenario.of({ task1: {} });
  run.webhooks.orchestration.push({ url: 'http://a' }, { id: 'w_1', url: 'http://b' });
  run.completes('task1');
  return { run, id: run.last('webhook_queued').id };
}

describe('webhooks', () => {
  it('are queued with the event that they tell of, one for each receiver, and keep the orchestration open', () => {
    const { run } = completed();
    expect(run.events.slice(-3)).toMatchObject([
      { type: 'orchestration_completed' },
      { type: 'webhook_queued', url: 'http://a' },
      { type: 'webhook_queued', url: 'http://b', webhookId: 'w_1' },
    ]);
    expect(run.state.status).toBe('completed');
    expect(isOpen(run.state)).toBe(true);
    for (const id of [...run.state.webhooks.keys()]) run.when(outcome(id));
    expect(isOpen(run.state)).toBe(false);
    expect(replay(run.events)).toEqual(run.state);
  });

  it('tell of cancellations and of compensations that were given up, but not of plans that could not be made', () => {
    const run = Scenario.of({ task1: {}, task2: {} });
    run.webhooks.orchestration.push({ url: 'http://o' });
    run.webhooks.compensation.push({ url: 'http://c' });
    run.completes('task1');
    expect(run.when({ kind: 'cancel', reason: 'x' })).toEqual([
      'orchestration_cancelled',
      'compensation_started:task1',
      'webhook_queued',
    ]);
    const refusal = { kind: 'refused', status: 'expired', error: 'gone' } as const;
    run.when({ kind: 'revert_result', taskId: 'task1', executionId: undefined, outcome: refusal });
    const { failureId } = run.last('compensation_finished');
    expect(run.last('webhook_queued')).toMatchObject({
      url: 'http://c',
      failure: { id: failureId, taskId: 'task1', status: 'expired', error: 'gone' },
    });
  });

  it('report every kind of record, a partial one with what is left', () => {
    const { run } = completed();
    run.webhooks.compensation.push({ url: 'http://old' }, { id: 'w_2', url: 'http://new' });
    const { at } = run.last('orchestration_completed');
    const queued = (event: OrchestrationEvent): unknown[] => {
      const before = replay(run.events.filter(({ type }) => type !== 'webhook_queued'));
      return queueWebhooks(replay([event], before), [event], run.context()).map((message) => [
        message.type === 'webhook_queued' && message.url,
        message.type === 'webhook_queued' && message.failure,
      ]);
    };
    const about = { at, taskId: 'task1', failureId: 'c_1' };
    const compensation = { data: 'd', ttlMs: 60_000 };
    expect(queued({ type: 'duplicate_recorded', ...about, revertId: 'task1#1', output: 2, compensation })).toEqual(
      ['http://old', 'http://new'].map((url) => [url, { id: 'c_1', taskId: 'task1', status: 'duplicate' }]),
    );
    const doubt = { id: 'c_1', taskId: 'task1', status: 'in_doubt', error: 'no response' };
    expect(queued({ type: 'in_doubt_recorded', ...about, revertId: 'task1', error: 'no response' })).toEqual(
      ['http://old', 'http://new'].map((url) => [url, doubt]),
    );
    const partial = { completed: ['a'], remaining: ['b'] };
    expect(queued({ type: 'compensation_finished', ...about, id: 'i', status: 'partial', partial })).toEqual(
      ['http://old', 'http://new'].map((url) => [url, { id: 'c_1', taskId: 'task1', status: 'partial', partial }]),
    );
  });

  it('report that a late revert resolved a record only to webhooks that were added separately, and only then', () => {
    const run = Scenario.of({ task1: {} });
    run.completes('task1');
    const at = run.now;
    const failed: OrchestrationEvent[] = [
      ...run.events.slice(0, -1),
      { type: 'orchestration_cancelled', at, reason: 'x' },
      { type: 'compensation_finished', at, taskId: 'task1', id: 'i1', status: 'expired', failureId: 'c_1' },
    ];
    run.webhooks.compensation.push({ url: 'http://old' }, { id: 'w_2', url: 'http://new' });
    const completed: OrchestrationEvent = {
      type: 'compensation_finished',
      at: at + 9,
      taskId: 'task1',
      id: 'i2',
      status: 'completed',
    };
    const queuedAfter = (events: readonly OrchestrationEvent[]): OrchestrationEvent[] =>
      queueWebhooks(replay([...failed, ...events, completed]), [completed], run.context());
    expect(queuedAfter([])).toMatchObject([
      {
        url: 'http://new',
        webhookId: 'w_2',
        failure: { id: 'c_1', taskId: 'task1', status: 'expired', resolution: 'reverted late' },
      },
    ]);
    const about = { at, taskId: 'task1', failureId: 'c_1' };
    expect(queuedAfter([{ type: 'compensation_retried', ...about }])).toEqual([]);
    const ignored = { type: 'compensation_failure_resolved', ...about, resolution: 'ignored', reason: 'no' } as const;
    expect(queuedAfter([ignored])).toEqual([]);
  });

  it('are tried five times over ten minutes, then given up, without changing how the orchestration ended (E5)', () => {
    const { run, id } = completed();
    let at = run.now;
    for (const waitMs of [40_000, 80_000, 160_000, 320_000]) {
      expect(run.when(outcome(id, true))).toEqual(['webhook_attempt_failed']);
      expect(run.last('webhook_attempt_failed').retryAt - at).toBe(waitMs);
      expect(run.state.webhooks.get(id)?.dueAt).toBe(at + waitMs);
      at = run.now += waitMs;
    }
    expect(run.when(outcome(id, true))).toEqual(['webhook_given_up']);
    expect(run.when(outcome(id))).toEqual([]);
    expect(run.state.status).toBe('completed');
    expect(TIMINGS.webhookMaxAttempts).toBe(5);
  });

  it('are given up at once where no later try can succeed', () => {
    const { run, id } = completed();
    expect(run.when(outcome(id, false))).toEqual(['webhook_given_up']);
  });
});
