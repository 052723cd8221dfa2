import { Scenario, TIMINGS, nameOf } from '../../../test/support/scenario';
import { isOpen, nextDueAt, type Command } from './decide';
import { replay } from './evolve';

const refused = (taskId: string): Command => ({
  kind: 'revert_result',
  taskId,
  executionId: undefined,
  outcome: { kind: 'refused', status: 'failed', error: 'it is shipped' },
});

/** The first task is done, the second gives up, and the revert of the first is refused by its service. */
function givenUp(): { run: Scenario; failureId: string } {
  const run = Scenario.of({ task1: {}, task2: { input: { value: '$task1.value' } } });
  run.completes('task1');
  run.fails('task2', 'no', { retryable: false });
  run.when(refused('task1'));
  return { run, failureId: run.last('compensation_finished').failureId ?? '' };
}
const compensation = (run: Scenario): Scenario['state']['compensations'][number] => {
  const [first] = run.state.compensations;
  if (!first) throw new Error('nothing is compensated');
  return first;
};

describe('a compensation that is given up', () => {
  it('gets a record with an id of the context (E9), once (E6)', () => {
    const { run, failureId } = givenUp();
    expect(failureId).toMatch(/^c_/);
    expect(compensation(run).failure).toMatchObject({
      id: failureId,
      status: 'failed',
      error: 'it is shipped',
      attempts: 1,
      resolutionState: 'pending',
    });
    expect(run.when(refused('task1'))).toEqual([]);
    expect(isOpen(run.state)).toBe(false);
  });

  it('can be resolved and ignored, again and again; the same twice is one event (E2)', () => {
    const { run, failureId } = givenUp();
    const say = (resolution: 'resolved' | 'ignored', reason: string): string[] =>
      run.when({ kind: 'resolve_failure', failureId, resolution, reason });
    expect(say('resolved', 'by hand')).toEqual(['compensation_failure_resolved:task1']);
    expect(say('resolved', 'by hand')).toEqual([]);
    expect(say('ignored', 'a test')).toEqual(['compensation_failure_resolved:task1']);
    expect(compensation(run).failure).toMatchObject({ resolutionState: 'ignored', resolution: 'a test' });
    expect(run.when({ kind: 'resolve_failure', failureId: 'c_other', resolution: 'resolved', reason: '' })).toEqual([]);
    expect(isOpen(run.state)).toBe(false);
  });

  it('is tried again when a person asks, once (E2), and resolved when that succeeds', () => {
    const { run, failureId } = givenUp();
    const retry: Command = { kind: 'retry_compensation', failureId };
    expect(run.when(retry)).toEqual(['compensation_retried:task1', 'compensation_started:task1']);
    expect(run.when(retry)).toEqual([]);
    expect(compensation(run)).toMatchObject({ attempt: 1, failure: { resolutionState: 'pending' } });
    expect(run.reverts('task1')).toEqual(['compensation_finished:task1']);
    expect(compensation(run).failure).toMatchObject({
      id: failureId,
      resolutionState: 'resolved',
      resolution: 'compensated by a retry',
    });
    expect(run.when(retry)).toEqual([]);
    expect(replay(run.events)).toEqual(run.state);
  });

  it('keeps its record through further failures', () => {
    const { run, failureId } = givenUp();
    run.when({ kind: 'resolve_failure', failureId, resolution: 'resolved', reason: 'too early' });
    run.when({ kind: 'retry_compensation', failureId });
    run.when(refused('task1'));
    expect(run.last('compensation_finished').failureId).toBe(failureId);
    expect(compensation(run).failure).toMatchObject({ id: failureId, resolutionState: 'pending' });
    expect(compensation(run).failure?.resolution).toBeUndefined();
  });

  it('asks under a new key only after the last word of the service, which it would repeat', () => {
    const { run, failureId } = givenUp();
    run.when({ kind: 'retry_compensation', failureId });
    expect(compensation(run).round).toBe(1);
    for (let attempt = 1; attempt <= TIMINGS.compensationMaxAttempts; attempt++) {
      run.after(TIMINGS.compensationTimeoutMs);
      run.after(TIMINGS.compensationRetryCapMs);
    }
    expect(run.last('compensation_finished').error).toMatch(/max compensation attempts \(10\) reached/);
    run.when({ kind: 'retry_compensation', failureId });
    // It may have been done after all: the service then answers the old key from its memory.
    expect(compensation(run).round).toBe(1);
  });

  it('runs even when its time to live was over, with a new one that ends (E8)', () => {
    const run = Scenario.of({ task1: {}, task2: { input: { value: '$task1.value' } } }, { away: ['s_none'] });
    run.completes('task1');
    run.away.add('s_task1');
    run.fails('task2', 'no', { retryable: false });
    run.after(600_001);
    const { failureId = '', status } = run.last('compensation_finished');
    expect(status).toBe('expired');
    expect(run.when({ kind: 'retry_compensation', failureId })).toEqual([
      'compensation_retried:task1',
      'compensation_paused:task1',
    ]);
    const due = nextDueAt(run.state, { timings: TIMINGS, resumedAt: 0 });
    expect(due).toBe(run.now + 24 * 60 * 60_000);
    expect(run.after(24 * 60 * 60_000)).toEqual(['compensation_finished:task1']);
    expect(run.events.map(nameOf).filter((name) => name === 'compensation_finished:task1')).toHaveLength(2);
    expect(isOpen(run.state)).toBe(false);
  });
});
