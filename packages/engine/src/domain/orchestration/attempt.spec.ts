import {
  MAX_PAUSES_PER_ATTEMPT,
  backingOff,
  endOfPhase,
  isOutdated,
  nextAttempt,
  pauseProblem,
  paused,
  retryAt,
  started,
} from './attempt';
import type { DecisionContext } from './decide';

const WAITING = { phase: { kind: 'waiting' }, attempt: 0, pauses: 0 } as const;
const RUNNING = { phase: { kind: 'running', executionId: 'e1', startedAt: 5 }, attempt: 1, pauses: 2 } as const;
const start = (executionId: string, attempt: number) =>
  ({ type: 'task_started', at: 9, taskId: 'task1', id: 'x', attempt, executionId }) as const;
const DAY_MS = 24 * 60 * 60_000;

describe('an attempt that is paused', () => {
  const pausedAttempt = { ...RUNNING, ...paused(RUNNING, 7) };

  it('continues as the same attempt with the same execution id', () => {
    expect(nextAttempt(pausedAttempt, () => 'e2')).toEqual({ attempt: 1, executionId: 'e1' });
  });

  it('keeps its count of pauses when it continues, and loses it with a new attempt', () => {
    expect(pausedAttempt.pauses).toBe(3);
    expect(started(pausedAttempt, start('e1', 1)).pauses).toBe(3);
    expect(started(pausedAttempt, start('e2', 2)).pauses).toBe(0);
  });

  it('has failed after too many pauses', () => {
    expect(pauseProblem({ ...pausedAttempt, pauses: MAX_PAUSES_PER_ATTEMPT })).toBeUndefined();
    expect(pauseProblem({ ...pausedAttempt, pauses: MAX_PAUSES_PER_ATTEMPT + 1 })).toMatch(/21 times/);
  });
});

it('a pause between two attempts is followed by a new attempt', () => {
  const between = { ...RUNNING, ...backingOff(RUNNING, 20) };
  expect(nextAttempt({ ...between, ...paused(between, 8) }, () => 'e2')).toEqual({ attempt: 2, executionId: 'e2' });
});

it('the first attempt is attempt 1', () => {
  expect(nextAttempt(WAITING, () => 'e1')).toEqual({ attempt: 1, executionId: 'e1' });
});

it.each([
  ['the attempt under way', RUNNING, 'e1', false],
  ['an earlier attempt', RUNNING, 'e0', true],
  ['no attempt by id', RUNNING, undefined, false],
  ['no attempt by an empty id', RUNNING, '', false],
  ['an attempt that has failed already', { ...RUNNING, ...backingOff(RUNNING, 20) }, 'e1', true],
])('a failure of %s is outdated or not', (_, attempts, executionId, expected) => {
  expect(isOutdated(attempts, executionId)).toBe(expected);
});

it('the limit of a phase counts from its start, or from the start of the engine if that is later', () => {
  expect(endOfPhase(RUNNING.phase, 100, 0)).toBe(105);
  expect(endOfPhase(RUNNING.phase, 100, 50)).toBe(150);
});

it('the next attempt waits for the back-off or for what the service asked, at most a day', () => {
  const context = { now: 1_000, timings: { retryJitter: 0 }, random: () => 0.5 } as unknown as DecisionContext;
  const backoff = { baseMs: 100, capMs: 300 };
  expect([1, 2, 3, 4].map((attempt) => retryAt(attempt, 0, backoff, context))).toEqual([1_100, 1_200, 1_300, 1_300]);
  expect(retryAt(1, 5_000, backoff, context)).toBe(6_000);
  expect(retryAt(1, 2 * DAY_MS, backoff, context)).toBe(1_000 + DAY_MS);
});
