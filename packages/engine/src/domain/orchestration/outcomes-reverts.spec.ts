/** Table 3 of docs/outcomes.md, and the order of reverts (E6, E13). Titles name the rows. */
import { Scenario, TIMINGS, type TaskForm } from '../../../test/support/scenario';
import { isOpen, nextDueAt, type Command } from './decide';
import { retryProblem } from './records';

const FINAL = { retryable: false };
const CHAIN: Readonly<Record<string, TaskForm>> = {
  pay: {},
  stock: { input: { value: '$pay.value' } },
  ship: { input: { value: '$stock.value' }, revertible: false },
};

/** The first task is done and the second has failed: the first is reverted. */
function reverting(): Scenario {
  const run = Scenario.of({ pay: {}, ship: { input: { value: '$pay.value' }, revertible: false } });
  run.completes('pay');
  run.fails('ship', 'broken', FINAL);
  return run;
}
const refused = (taskId: string): Command => ({
  kind: 'revert_result',
  taskId,
  outcome: { kind: 'refused', status: 'failed', error: 'shipped' },
});
const partial = (taskId: string): Command => ({
  kind: 'revert_result',
  taskId,
  outcome: { kind: 'partial', completed: ['a'], remaining: ['b'] },
});
const failureOf = (run: Scenario, taskId = 'pay'): { id: string } & object =>
  run.state.compensations.find((revert) => revert.taskId === taskId)?.failure ?? { id: '' };
const retry = (run: Scenario, taskId = 'pay'): string[] =>
  run.when({ kind: 'retry_compensation', failureId: failureOf(run, taskId).id });

function inDoubt(...capabilities: string[]): Scenario {
  const run = Scenario.of({ pay: {} });
  run.facts.set('s_pay', { revertible: true, capabilities });
  const failure = { code: 'OUTPUT', retryable: false };
  const outcome = { kind: 'failed', error: 'output rejected', failure, effect: 'unknown' } as const;
  run.when({ kind: 'task_result', taskId: 'pay', outcome });
  return run;
}

describe('a late response of a revert', () => {
  it('given up, then a success: completed, and its record is resolved', () => {
    const run = reverting();
    run.when(refused('pay'));
    expect(run.reverts('pay')).toEqual(['compensation_finished:pay']);
    expect(failureOf(run)).toMatchObject({ resolutionState: 'resolved', resolution: 'reverted late' });
    expect(run.reverts('pay')).toEqual([]);
  });

  it('given up, then a part: its record becomes `partial`', () => {
    const run = reverting();
    run.when(refused('pay'));
    expect(run.when(partial('pay'))).toEqual(['compensation_finished:pay']);
    expect(failureOf(run)).toMatchObject({ status: 'partial', completed: ['a'], remaining: ['b'] });
  });

  it('given up, then a failure: no change', () => {
    const run = reverting();
    run.when(refused('pay'));
    expect(run.when(refused('pay'))).toEqual([]);
  });

  it('round 2 runs, then a success of round 1: completed, and the response of round 2 changes nothing', () => {
    const run = reverting();
    run.when(refused('pay'));
    retry(run);
    const success = { kind: 'revert_result', taskId: 'pay', outcome: { kind: 'completed' } } as const;
    expect(run.when({ ...success, round: 0 })).toEqual(['compensation_finished:pay']);
    expect(run.when({ ...refused('pay'), round: 1 } as Command)).toEqual([]);
    expect(run.when({ ...success, round: 1 })).toEqual([]);
  });

  it('an operator has resolved the record: a success is shown and changes nothing else', () => {
    const run = reverting();
    run.when(refused('pay'));
    const failureId = failureOf(run).id;
    run.when({ kind: 'resolve_failure', failureId, resolution: 'resolved', reason: 'by hand' });
    run.reverts('pay');
    expect(failureOf(run)).toMatchObject({ resolutionState: 'resolved', resolution: 'by hand', lateRevert: true });
  });
});

describe('a late success of a task without an outcome', () => {
  it('its revert without output runs: a second revert follows, under the next key', () => {
    const run = inDoubt('revert-unknown');
    expect(run.completes('pay')).toEqual(['task_completed:pay']);
    expect(run.reverts('pay')).toEqual(['compensation_finished:pay', 'compensation_started:pay']);
    expect(run.state.compensations).toMatchObject([{ round: 0 }, { round: 1, outcome: 'completed' }]);
  });

  it('its revert without output runs, and this attempt fails: the second revert follows at once, and no further attempt', () => {
    const run = inDoubt('revert-unknown');
    run.completes('pay');
    expect(run.after(TIMINGS.compensationTimeoutMs)).toEqual([
      'compensation_attempt_failed:pay',
      'compensation_finished:pay',
      'compensation_started:pay',
    ]);
    expect(run.last('compensation_started').revertId).toBe('pay#2');
    const outcome = { kind: 'completed' } as const;
    expect(run.when({ kind: 'revert_result', taskId: 'pay', revertId: 'pay#2', outcome })).toEqual([
      'compensation_finished:pay',
    ]);
    expect(isOpen(run.state)).toBe(false);
    expect(failureOf(run).id).toBe('');
  });

  it('its revert without output has completed: the same', () => {
    const run = inDoubt('revert-unknown');
    run.reverts('pay');
    expect(run.completes('pay')).toEqual(['task_completed:pay', 'compensation_started:pay']);
    expect(run.last('compensation_started').revertId).toBe('pay#2');
  });

  it('it comes instead of the revert without output (X7): one revert, with the output', () => {
    const run = inDoubt('revert-unknown');
    const holders = { own: new Set<string>(), elsewhere: new Set<string>(), knewDoubt: false, hasRevert: true };
    run.when({ kind: 'task_result', taskId: 'pay', holders, outcome: { kind: 'completed', output: { value: 1 } } });
    expect(run.state.compensations).toMatchObject([{ outcome: 'completed', round: 1, phase: { kind: 'running' } }]);
  });

  it('its revert without output waits for its next attempt: one revert, with the output', () => {
    const run = inDoubt('revert-unknown');
    run.after(TIMINGS.compensationTimeoutMs);
    expect(run.last('compensation_attempt_failed').retryAt).toBeDefined();
    expect(run.completes('pay')).toEqual(['task_completed:pay', 'compensation_started:pay']);
    expect(run.state.compensations).toMatchObject([{ outcome: 'completed', round: 1, phase: { kind: 'running' } }]);
    expect(run.reverts('pay')).toEqual(['compensation_finished:pay']);
    expect(isOpen(run.state)).toBe(false);
  });

  it('its revert without output waits for its service: one revert, with the output', () => {
    const run = inDoubt();
    run.facts.set('s_pay', { revertible: true, capabilities: ['revert-unknown'] });
    run.away.add('s_pay');
    retry(run);
    run.away.clear();
    expect(run.completes('pay')).toEqual(['task_completed:pay', 'compensation_started:pay']);
    expect(run.reverts('pay')).toEqual(['compensation_finished:pay']);
    expect(run.state.compensations).toHaveLength(1);
  });

  it('an operator retries its record: the revert of the output has another key than the one that may have been used', () => {
    const run = inDoubt('revert-unknown');
    run.when(refused('pay'));
    run.away.add('s_pay');
    expect(retry(run)).toEqual(['compensation_retried:pay', 'compensation_paused:pay']);
    const { round = 0 } = run.state.compensations[0] ?? {};
    run.away.clear();
    expect(run.completes('pay')).toEqual(['task_completed:pay', 'compensation_started:pay']);
    expect(run.state.compensations).toMatchObject([{ outcome: 'completed', round: round + 1, attempt: 1 }]);
  });

  it.each(['resolved', 'ignored'] as const)('an operator has %s the record: nothing is reverted', (resolution) => {
    const run = inDoubt();
    run.when({ kind: 'resolve_failure', failureId: failureOf(run).id, resolution, reason: 'refunded' });
    expect(run.completes('pay', { value: 'charge-9' })).toEqual(['task_completed:pay']);
    expect(failureOf(run)).toMatchObject({ resolutionState: resolution, lateOutput: { value: 'charge-9' } });
    expect(isOpen(run.state)).toBe(false);
  });
});

it('a revert of the output is not completed by the late success of a revert without output', () => {
  const run = inDoubt('revert-unknown');
  run.when(refused('pay'));
  expect(run.completes('pay')).toEqual(['task_completed:pay', 'compensation_started:pay']);
  const success = { kind: 'revert_result', taskId: 'pay', outcome: { kind: 'completed' } } as const;
  expect(run.when({ ...success, round: 0 })).toEqual([]);
  expect(run.when({ ...success, round: 1 })).toEqual(['compensation_finished:pay']);
});

describe('`retry`', () => {
  it('on `partial`: another round under a new key, with what the earlier one left', () => {
    const run = reverting();
    run.when(partial('pay'));
    expect(failureOf(run)).toMatchObject({ status: 'partial', completed: ['a'], remaining: ['b'] });
    expect(retry(run)).toEqual(['compensation_retried:pay', 'compensation_started:pay']);
    expect(run.state.compensations[0]).toMatchObject({ round: 1, previous: { completed: ['a'], remaining: ['b'] } });
  });

  it('on `failed` after responses that cannot be read: a new key, since the service may repeat its response', () => {
    const run = reverting();
    for (let attempt = 1; attempt <= TIMINGS.compensationMaxAttempts; attempt++) {
      run.when({ kind: 'revert_malformed', taskId: 'pay', error: 'status must be a string' });
      run.after(TIMINGS.compensationRetryCapMs);
    }
    expect(failureOf(run)).toMatchObject({ status: 'failed', resolutionState: 'pending' });
    retry(run);
    expect(run.state.compensations).toMatchObject([{ round: 1, earlierRounds: [0] }]);
  });

  it("on `in_doubt`: a revert without output, with also: ['unknown'], else it is rejected with the reason", () => {
    const run = inDoubt();
    expect(retryProblem(run.state, failureOf(run).id, run.context())).toMatch(/outcome is unknown.*resolve or ignore/);
    expect(retry(run)).toEqual([]);
    run.facts.set('s_pay', { revertible: true, capabilities: ['revert-unknown'] });
    expect(retry(run)).toEqual(['compensation_retried:pay', 'compensation_started:pay']);
  });

  it('on `duplicate`: reverts the second output under its own key, unless its orchestration is processing', () => {
    const run = Scenario.of({ pay: {}, ship: { input: { value: '$pay.value' }, revertible: false } });
    run.completes('pay');
    run.completes('pay', { value: 'second' });
    expect(retryProblem(run.state, failureOf(run).id, run.context())).toMatch(/still processing/);
    expect(retry(run)).toEqual([]);
    run.completes('ship');
    expect(retry(run)).toEqual(['compensation_retried:pay', 'compensation_started:pay']);
    expect(run.state.compensations[0]).toMatchObject({ isDuplicate: true, round: 1, phase: { kind: 'running' } });
  });
});

describe('order and time to live', () => {
  const chain = (ttls: { readonly pay: number; readonly stock: number }): Scenario => {
    const run = Scenario.of(CHAIN);
    for (const [taskId, ttlMs] of Object.entries(ttls)) {
      const outcome = { kind: 'completed', output: { value: taskId }, compensation: { data: {}, ttlMs } } as const;
      run.when({ kind: 'task_result', taskId, outcome });
    }
    return run;
  };

  it('its service is unavailable until its TTL: it expires, "never asked", and others are held only for a while', () => {
    const run = chain({ pay: 600_000, stock: 600_000 });
    run.away.add('s_stock');
    expect(run.fails('ship', 'broken', FINAL)).toContain('compensation_paused:stock');
    expect(run.after(299_000)).toEqual([]);
    expect(run.after(1_000)).toEqual(['compensation_started:pay']);
    run.reverts('pay');
    run.after(300_000);
    expect(run.last('compensation_finished')).toMatchObject({ taskId: 'stock', status: 'expired' });
    expect(run.last('compensation_finished').error).toContain('never asked, its service was away');
    expect(isOpen(run.state)).toBe(false);
  });

  it('its TTL was over before the orchestration ended: it expires without a request', () => {
    const run = chain({ pay: 600_000, stock: 1_000 });
    run.now += 2_000;
    const events = run.fails('ship', 'broken', FINAL);
    expect(events).toContain('compensation_finished:stock');
    expect(events).toContain('compensation_started:pay');
    expect(events).not.toContain('compensation_started:stock');
  });

  /** A task that runs when its orchestration is cancelled, and whose service stays away after that. */
  const withoutOutput = (revertTtlMs?: number): Scenario => {
    const run = Scenario.of({ pay: {} });
    run.facts.set('s_pay', { revertible: true, capabilities: ['revert-unknown'], revertTtlMs });
    run.when({ kind: 'cancel', reason: 'not needed' });
    run.away.add('s_pay');
    return run;
  };
  const DECIDED_MS = TIMINGS.taskTimeoutMs + TIMINGS.doubtMs;

  it.each([
    ['24 h', undefined, 24 * 3_600_000],
    ['the value in the registration', 200_000, 200_000],
  ])('the TTL of a revert without output is %s from the end of the orchestration', (_, registered, ttlMs) => {
    const run = withoutOutput(registered);
    expect(run.after(DECIDED_MS)).toEqual(['compensation_added:pay', 'compensation_paused:pay']);
    expect(run.after(ttlMs - DECIDED_MS - 1)).toEqual([]);
    expect(run.after(1)).toEqual(['compensation_finished:pay']);
    expect(run.last('compensation_finished')).toMatchObject({ status: 'expired' });
  });

  it('a revert without output whose TTL is over when it is decided expires without a request', () => {
    const run = withoutOutput(DECIDED_MS);
    run.away.clear();
    expect(run.after(DECIDED_MS)).toEqual(['compensation_added:pay', 'compensation_finished:pay']);
    expect(run.last('compensation_finished')).toMatchObject({ status: 'expired' });
  });

  describe('late success of a task that was built on one whose revert has begun', () => {
    /** `dep` has no outcome when the orchestration ends; after its limit the revert of `x` is no longer held for it. */
    const begun = (): Scenario => {
      const run = Scenario.of({ x: {}, dep: { input: { value: '$x.value' } }, other: { revertible: false } });
      run.completes('x');
      run.away.add('s_x');
      run.fails('other', 'broken', FINAL);
      expect(run.after(TIMINGS.taskTimeoutMs)).toEqual(['compensation_paused:x']);
      return run;
    };

    it('no service has received it: it is held again until the late one is reverted, and its TTL is suspended', () => {
      const run = begun();
      run.after(1_000);
      expect(run.completes('dep')).toEqual(['task_completed:dep', 'compensation_started:dep', 'compensation_held:x']);
      run.away.clear();
      expect(run.when({ kind: 'advance' })).toEqual([]);
      run.now += 20_000;
      expect(run.reverts('dep')).toEqual(['compensation_finished:dep', 'compensation_started:x']);
    });

    it('the TTL that had passed before it was held again counts', () => {
      const run = begun();
      run.after(1_000);
      run.completes('dep');
      run.now += 20_000;
      expect(run.reverts('dep')).toEqual(['compensation_finished:dep', 'compensation_paused:x']);
      expect(run.after(600_000 - 1_000 - 10)).toEqual([]);
      expect(run.after(10)).toEqual(['compensation_finished:x']);
    });

    it('it reached no connection, although it was started: the same', () => {
      const run = begun();
      run.away.clear();
      run.when({ kind: 'advance' });
      run.unsent.add(run.last('compensation_started').executionId);
      expect(run.completes('dep').slice(1)).toEqual(['compensation_held:x', 'compensation_started:dep']);
      expect(run.reverts('dep').at(-1)).toBe('compensation_started:x');
      expect(run.last('compensation_started').attempt).toBe(1);
    });

    it('its service has received it: it runs to its end, then the late one is reverted', () => {
      const run = begun();
      run.away.clear();
      expect(run.when({ kind: 'advance' })).toEqual(['compensation_started:x']);
      expect(run.completes('dep')).toEqual(['task_completed:dep']);
      expect(run.reverts('x')).toEqual(['compensation_finished:x', 'compensation_started:dep']);
    });

    it('an attempt that reached no connection before its service became unavailable does not count', () => {
      const run = begun();
      run.away.clear();
      run.when({ kind: 'advance' });
      run.unsent.add(run.last('compensation_started').executionId);
      run.away.add('s_x');
      expect(run.when({ kind: 'advance' })).toEqual(['compensation_paused:x']);
      run.after(600_000);
      expect(run.last('compensation_finished').error).toContain('never asked, its service was away');
    });
  });

  it('its TTL is suspended while it is held or queued (E13)', () => {
    const run = chain({ pay: 1_000, stock: 600_000 });
    run.fails('ship', 'broken', FINAL);
    run.after(20_000);
    expect(run.reverts('stock')).toEqual(['compensation_finished:stock', 'compensation_started:pay']);
  });

  it.each([
    ['is not registered any more', undefined],
    ['is not revertible any more', { revertible: false, capabilities: [] }],
  ])('its service %s: a record at once', (_, facts) => {
    const run = chain({ pay: 600_000, stock: 600_000 });
    run.facts.set('s_stock', facts);
    const events = run.fails('ship', 'broken', FINAL);
    expect(events).toContain('compensation_finished:stock');
    expect(failureOf(run, 'stock')).toMatchObject({ status: 'failed', resolutionState: 'pending' });
    expect(events.at(-1)).toBe('compensation_started:pay');
  });

  it('goes on with reverts that the stuck one was not built on (E6)', () => {
    const run = Scenario.of({ a: {}, b: {}, ship: { input: { value: '$a.value', other: '$b.value' } } });
    run.completes('a');
    run.completes('b');
    run.away.add('s_b');
    expect(run.fails('ship', 'broken', FINAL).slice(-2)).toEqual(['compensation_paused:b', 'compensation_started:a']);
  });

  it("runs all reverts at once that need not wait, with `compensation: 'parallel'` (E6)", () => {
    const forms = { a: {}, b: { input: { value: '$a.value' } }, c: {}, ship: { input: { value: '$b.value' } } };
    const run = Scenario.of(forms, { compensation: 'parallel' });
    for (const id of ['a', 'b', 'c']) run.completes(id);
    expect(run.fails('ship', 'broken', FINAL).slice(-2)).toEqual(['compensation_started:c', 'compensation_started:b']);
    expect(run.reverts('c')).toEqual(['compensation_finished:c']);
    expect(run.reverts('b')).toEqual(['compensation_finished:b', 'compensation_started:a']);
  });

  it('always has a time at which something is due while a revert is missing', () => {
    const run = chain({ pay: 600_000, stock: 600_000 });
    for (const service of ['s_pay', 's_stock']) run.away.add(service);
    run.fails('ship', 'broken', FINAL);
    for (let round = 0; isOpen(run.state); round++) {
      expect(round).toBeLessThan(10);
      const dueAt = nextDueAt(run.state, { timings: TIMINGS, resumedAt: 0 }) ?? Infinity;
      expect(dueAt).toBeGreaterThan(run.now);
      run.after(dueAt - run.now);
    }
    expect(run.state.compensations).toMatchObject([{ phase: { status: 'expired' } }, { phase: { status: 'expired' } }]);
  });
});
