import type { OrchestrationEvent } from '../domain/orchestration/events';
import type { CompensationState } from '../domain/orchestration/state';
import { CompensationHistory } from './compensation-history';

const state = (changes: Partial<CompensationState>): CompensationState => ({
  id: 'task1',
  taskId: 'task1',
  outcome: 'completed',
  ttlMs: 60_000,
  completedAt: 1_000,
  phase: { kind: 'pending' },
  attempt: 0,
  pauses: 0,
  round: 0,
  ...changes,
});
const finished = (
  status: 'completed' | 'partial' | 'expired' | 'in_doubt' | 'duplicate',
): CompensationState['phase'] => ({
  kind: 'finished',
  status,
  answered: true,
});
const failure = (changes: Partial<NonNullable<CompensationState['failure']>>): CompensationState['failure'] => ({
  id: 'c_1',
  status: 'failed',
  attempts: 1,
  at: 2_000,
  resolutionState: 'pending',
  ...changes,
});
const about = { at: 2_000, taskId: 'task1', id: 'i1' };
type RevertEvent = Parameters<CompensationHistory['record']>[0];
const ended = (status: 'completed' | 'partial' | 'expired', more: object = {}): RevertEvent =>
  ({ type: 'compensation_finished', ...about, status, ...more }) satisfies OrchestrationEvent;

function shown(reverts: readonly CompensationState[], ...events: RevertEvent[]): unknown {
  const history = new CompensationHistory('task1', 10);
  for (const event of events) history.record(event);
  return history.summary(reverts, 1_500);
}

describe('the compensation of a task', () => {
  it('is pending from the end of the orchestration on, or from a later completion', () => {
    expect(shown([])).toBeUndefined();
    const pending = { status: 'pending', attempt: 0, max_attempts: 10, detail: undefined };
    expect(shown([state({})])).toEqual({ ...pending, timestamp: '1970-01-01T00:00:01.500Z' });
    expect(shown([state({ completedAt: 2_500 })])).toEqual({ ...pending, timestamp: '1970-01-01T00:00:02.500Z' });
  });

  it('names what a partial revert did and what it left', () => {
    const partial = { completed: ['a'], remaining: ['b'] };
    const reverts = [state({ phase: finished('partial') })];
    expect(shown(reverts, ended('partial', { partial }))).toMatchObject({ status: 'partial', ...partial });
  });

  it.each([
    ['in_doubt', { type: 'in_doubt_recorded', revertId: 'task1', failureId: 'c_1', error: 'no response' }],
    [
      'duplicate',
      {
        type: 'duplicate_recorded',
        revertId: 'task1',
        failureId: 'c_1',
        output: 2,
        compensation: { data: 1, ttlMs: 1 },
      },
    ],
  ] as const)('is failed with the detail %s for such a record', (detail, event) => {
    const recorded = shown([state({ phase: finished(detail) })], { ...about, ...event });
    expect(recorded).toMatchObject({ status: 'failed', detail, attempt: 0 });
  });

  it('says that a service was disconnected, was never asked, or succeeded late', () => {
    const paused = state({ phase: { kind: 'paused', since: 1 } });
    expect(shown([paused])).toMatchObject({ status: 'pending', detail: 'disconnected' });
    const never = state({ phase: finished('expired'), failure: failure({ status: 'expired', attempts: 0 }) });
    expect(shown([never], ended('expired'))).toMatchObject({ status: 'expired', detail: 'never_asked' });
    const resolution = { resolutionState: 'resolved', resolution: 'reverted late', resolvedAt: 3_000 } as const;
    const late = state({ phase: finished('completed'), failure: failure(resolution) });
    expect(shown([late], ended('completed'))).toMatchObject({ status: 'completed', detail: 'reverted_late' });
    const decided = failure({ resolutionState: 'ignored', lateRevert: true });
    expect(shown([state({ phase: finished('completed'), failure: decided })], ended('completed'))).toMatchObject({
      status: 'completed',
      detail: 'reverted_after_decision',
    });
  });

  it('is that of the revert that runs, then of one with a record, then of the newest', () => {
    const first = state({ phase: finished('completed') });
    const second = state({ id: 'task1#2', phase: finished('duplicate') });
    const third = state({ id: 'task1#3' });
    const begun: RevertEvent = {
      type: 'compensation_started',
      ...about,
      revertId: 'task1#3',
      attempt: 2,
      executionId: 'e',
    };
    expect(shown([first, second], ended('completed'))).toMatchObject({ detail: 'duplicate' });
    expect(shown([first, third, second], ended('completed'), begun)).toMatchObject({
      status: 'processing',
      attempt: 2,
    });
  });
});
