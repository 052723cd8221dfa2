import { Scenario, TIMINGS } from '../../../test/support/scenario';
import { isOpen, type Command } from './decide';
import { replay } from './evolve';

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
    const run = Scenario.of({ task1: {}, task2: { input: { value: '$task1.value' } } });
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
