/** Table 1 of docs/outcomes.md: what becomes of a delivery when its orchestration ends badly. Titles name the rows. */
import { Scenario, TIMINGS } from '../../../test/support/scenario';
import { isOpen } from './decide';
import type { DeliveryHolders } from './deliveries';
import { isSettled, waitingFor } from './settled';

const DAY_MS = 86_400_000;
const { taskTimeoutMs, doubtMs } = TIMINGS;
const FINAL = { code: 'FINAL', retryable: false };

/** `x` is done, `task` was built on it and runs, `other` fails: the orchestration ends badly. */
function endedWhileRunning(): Scenario {
  const run = Scenario.of({ x: {}, task: { input: { value: '$x.value' } }, other: { revertible: false } });
  run.completes('x');
  run.fails('other', 'broken', FINAL);
  return run;
}

const supports = (run: Scenario, ...capabilities: string[]): void => {
  run.facts.set('s_task', { revertible: true, capabilities });
};

const late = (run: Scenario, outcome: 'failed' | 'aborted', holders?: DeliveryHolders): string[] =>
  outcome === 'aborted'
    ? run.when({ kind: 'task_abort', taskId: 'task', payload: {}, holders })
    : run.when({ kind: 'task_result', taskId: 'task', holders, outcome: { kind: 'failed', error: 'declined' } });

const recordOf = (run: Scenario, taskId: string): unknown =>
  run.state.compensations.find((revert) => revert.taskId === taskId)?.failure;

describe('row 1: never handed to a connection', () => {
  it('has no doubt, whether it runs, is paused or is in a back-off', () => {
    const run = Scenario.of({ task: {}, other: {} });
    run.unsent.add(run.state.tasks.get('task')?.deliveries[0]?.id ?? '');
    expect(run.fails('other', 'broken', FINAL)).toEqual(['task_attempt_failed:other', 'orchestration_failed']);
    expect(run.last('orchestration_failed').unsent).toHaveLength(1);
    expect(isSettled(run.state)).toBe(true);
  });

  it('records in the event of its timeout that it was not sent', () => {
    const run = Scenario.of({ task: {} });
    run.unsent.add(run.state.tasks.get('task')?.deliveries[0]?.id ?? '');
    run.after(taskTimeoutMs);
    expect(run.last('task_attempt_failed')).toMatchObject({ sent: false });
    expect(run.state.tasks.get('task')).toMatchObject({ deliveries: [], hasFailed: false });
  });

  it('treats a success that comes anyway as in row 3', () => {
    const run = Scenario.of({ task: {}, other: {} });
    run.unsent.add(run.state.tasks.get('task')?.deliveries[0]?.id ?? '');
    run.fails('other', 'broken', FINAL);
    expect(run.completes('task')).toEqual(['task_completed:task', 'compensation_started:task']);
  });
});

describe('row 7: failed before the end, during its back-off', () => {
  it('a repetition of the failure after the end changes nothing (E2)', () => {
    const run = Scenario.of({ task: {}, other: {} });
    run.fails('task', 'declined');
    run.fails('other', 'broken', FINAL);
    expect(late(run, 'failed')).toEqual([]);
  });

  it('the failure of an attempt that timed out before settles its delivery, and is not a second failure (E2)', () => {
    const run = Scenario.of({ task: {} });
    run.after(taskTimeoutMs);
    run.when({ kind: 'cancel', reason: 'not needed' });
    expect(late(run, 'failed')).toEqual(['task_settled:task']);
    expect(run.state.tasks.get('task')).toMatchObject({ deliveries: [], hasFailed: true });
    expect(late(run, 'failed')).toEqual([]);
    expect(isSettled(run.state)).toBe(true);
  });

  it('the same with an unknown effect creates a record in doubt', () => {
    const run = Scenario.of({ task: {} });
    run.after(taskTimeoutMs);
    run.when({ kind: 'cancel', reason: 'not needed' });
    const outcome = { kind: 'failed', error: 'stopped', effect: 'unknown' } as const;
    expect(run.when({ kind: 'task_result', taskId: 'task', outcome })).toEqual([
      'task_settled:task',
      'in_doubt_recorded:task',
    ]);
    expect(recordOf(run, 'task')).toMatchObject({ status: 'in_doubt', error: 'stopped' });
  });
});

describe('row 2: in the queue of the service', () => {
  it('is settled when the service drops it', () => {
    const run = endedWhileRunning();
    expect(run.when({ kind: 'task_not_started', taskId: 'task' })).toEqual([
      'task_settled:task',
      'compensation_started:x',
    ]);
    run.reverts('x');
    expect(isSettled(run.state)).toBe(true);
  });
});

describe('a task that turns out not to have started, after it is decided', () => {
  const notStarted = { kind: 'task_not_started', taskId: 'task' } as const;
  const decided = (...capabilities: string[]): Scenario => {
    const run = endedWhileRunning();
    supports(run, ...capabilities);
    run.after(taskTimeoutMs);
    run.when({ kind: 'revert_malformed', taskId: 'x', error: 'cannot be read' });
    run.after(doubtMs);
    return run;
  };

  it('resolves its record in doubt, once', () => {
    const run = decided();
    expect(run.when(notStarted)).toEqual(['task_settled:task', 'compensation_failure_resolved:task']);
    expect(recordOf(run, 'task')).toMatchObject({
      resolutionState: 'resolved',
      resolution: 'the task was not started',
    });
    expect(run.when(notStarted)).toEqual([]);
  });

  it('does not resolve it while another delivery is open, or if an effect is unknown', () => {
    const run = decided();
    const holders: DeliveryHolders = { own: new Set(), elsewhere: new Set(), knewDoubt: false };
    expect(run.when({ ...notStarted, holders })).toEqual([]);
    const crashed = endedWhileRunning();
    crashed.when({ kind: 'task_interrupted', taskId: 'task' });
    expect(crashed.when(notStarted)).toEqual([]);
    expect(recordOf(crashed, 'task')).toMatchObject({ resolutionState: 'pending' });
  });
});

describe('row 3: running within its limit', () => {
  it('holds the revert of x (E13), and undoes a late success before x', () => {
    const run = endedWhileRunning();
    expect(run.state.compensations[0]?.phase.kind).toBe('pending');
    expect(run.completes('task')).toEqual(['task_completed:task', 'compensation_started:task']);
    expect(run.reverts('task')).toEqual(['compensation_finished:task', 'compensation_started:x']);
  });

  it.each(['failed', 'aborted'] as const)('is settled by a late response: %s', (outcome) => {
    const run = endedWhileRunning();
    expect(late(run, outcome)).toContain('compensation_started:x');
    run.reverts('x');
    expect(isSettled(run.state)).toBe(true);
  });

  it("is reverted without output after a late failure, with also: ['failed']", () => {
    const run = endedWhileRunning();
    supports(run, 'revert-failed');
    expect(late(run, 'failed')).toContain('compensation_added:task');
    expect(run.last('compensation_added').outcome).toBe('failed');
    expect(run.last('compensation_started').taskId).toBe('task');
  });

  it('lets x go ahead at the limit, and creates a record in doubt after `doubtMs`', () => {
    const run = endedWhileRunning();
    expect(waitingFor(run.state, { timings: TIMINGS, resumedAt: 0 })).toMatchObject([
      { taskId: 'task', what: 'outcome' },
      { taskId: 'x', what: 'revert' },
    ]);
    expect(run.after(taskTimeoutMs)).toEqual(['compensation_started:x']);
    run.reverts('x');
    expect(run.after(doubtMs)).toEqual(['in_doubt_recorded:task']);
    expect(recordOf(run, 'task')).toMatchObject({ status: 'in_doubt', resolutionState: 'pending' });
    expect(isOpen(run.state)).toBe(false);
  });

  it("is reverted without output after `doubtMs`, with also: ['unknown']", () => {
    const run = endedWhileRunning();
    supports(run, 'revert-unknown');
    run.after(taskTimeoutMs);
    run.reverts('x');
    expect(run.after(doubtMs)).toEqual(['compensation_added:task', 'compensation_started:task']);
    run.reverts('task');
    expect(isSettled(run.state)).toBe(true);
  });
});

describe('a doubt that is undecided for longer than late results are accepted', () => {
  it('still accepts the success, because the engine was down and nothing is decided (E10, E11)', () => {
    const run = endedWhileRunning();
    // The time of an engine that starts a day later, before it has decided anything.
    run.now += DAY_MS + 3_600_000;
    expect(run.completes('task')).toContain('task_completed:task');
    expect(run.state.compensations.map(({ taskId }) => taskId)).toContain('task');
  });
});

describe('rows 4 and 5: its limit is over, or its service was disconnected too long', () => {
  it.each<[string, (run: Scenario) => void]>([
    ['the last attempt timed out', (run) => run.after(taskTimeoutMs)],
    [
      'its service stayed away',
      (run) => {
        run.away.add('s_task');
        run.when({ kind: 'advance' });
        run.after(TIMINGS.healthGraceMs);
      },
    ],
  ])('%s: x is not held, and a late success is undone', (_, ends) => {
    const run = Scenario.of(
      { x: {}, task: { input: { value: '$x.value' } } },
      { timings: { ...TIMINGS, taskMaxAttempts: 1 } },
    );
    const done = { data: {}, ttlMs: DAY_MS };
    run.when({ kind: 'task_result', taskId: 'x', outcome: { kind: 'completed', output: {}, compensation: done } });
    ends(run);
    expect(run.state.status).toBe('failed');
    expect(run.last('compensation_started').taskId).toBe('x');
    run.away.clear();
    run.reverts('x');
    expect(run.completes('task')).toEqual(['task_completed:task', 'compensation_started:task']);
    run.reverts('task');
    expect(isSettled(run.state)).toBe(true);
  });
});

describe('row 6: started by a process that crashed', () => {
  it('is decided at once', () => {
    const run = endedWhileRunning();
    expect(run.when({ kind: 'task_interrupted', taskId: 'task' })).toEqual([
      'task_settled:task',
      'in_doubt_recorded:task',
      'compensation_started:x',
    ]);
  });
});

describe('row 7: failed without an effect', () => {
  it('leaves nothing to do; a later success is undone', () => {
    const run = Scenario.of({ task: {} });
    run.fails('task', 'declined', FINAL);
    expect(isSettled(run.state)).toBe(true);
    expect(run.completes('task')).toEqual(['task_completed:task', 'compensation_started:task']);
  });

  it("is reverted with the outcome `failed`, with also: ['failed']", () => {
    const run = Scenario.of({ task: {} });
    supports(run, 'revert-failed', 'revert-unknown');
    expect(run.fails('task', 'declined', FINAL)).toContain('compensation_added:task');
    expect(run.last('compensation_added').outcome).toBe('failed');
  });
});

describe('row 8: failed with an unknown effect', () => {
  const rejected = (run: Scenario): string[] =>
    run.when({
      kind: 'task_result',
      taskId: 'task',
      outcome: {
        kind: 'failed',
        error: 'output rejected',
        effect: 'unknown',
        failure: { code: 'OUTPUT', retryable: false },
      },
    });

  it('creates a record at once; a late success is undone and resolves it', () => {
    const run = Scenario.of({ task: {} });
    expect(rejected(run)).toContain('in_doubt_recorded:task');
    expect(recordOf(run, 'task')).toMatchObject({ status: 'in_doubt', error: 'output rejected' });
    expect(run.completes('task')).toEqual(['task_completed:task', 'compensation_started:task']);
    expect(recordOf(run, 'task')).toMatchObject({ resolutionState: 'pending' });
    run.reverts('task');
    expect(recordOf(run, 'task')).toMatchObject({ resolutionState: 'resolved', resolution: 'reverted late' });
  });

  it('resolves the record when a late failure states that there was no effect', () => {
    const run = Scenario.of({ task: {} });
    rejected(run);
    expect(late(run, 'failed')).toContain('compensation_failure_resolved:task');
    expect(recordOf(run, 'task')).toMatchObject({ resolutionState: 'resolved' });
    expect(late(run, 'failed')).toEqual([]);
  });

  it('treats an unreadable response in the same way', () => {
    const run = Scenario.of({ task: {} }, { timings: { ...TIMINGS, taskMaxAttempts: 1 } });
    expect(run.when({ kind: 'task_malformed', taskId: 'task', error: 'cannot be read' })).toContain(
      'in_doubt_recorded:task',
    );
  });
});

describe('row 8: failed with an unknown effect, then a response to an earlier attempt', () => {
  it('does not resolve its record: it states nothing about the later attempt', () => {
    const run = Scenario.of({ task: {} });
    const earlier = run.last('task_started').executionId;
    run.fails('task', 'declined');
    run.after(TIMINGS.taskRetryCapMs);
    const failure = { code: 'CRASHED', retryable: false };
    const outcome = { kind: 'failed', error: 'crashed', failure, effect: 'unknown' } as const;
    run.when({ kind: 'task_result', taskId: 'task', outcome });
    expect(recordOf(run, 'task')).toMatchObject({ status: 'in_doubt', resolutionState: 'pending' });
    const repeated = { kind: 'failed', error: 'declined' } as const;
    expect(run.when({ kind: 'task_result', taskId: 'task', executionId: earlier, outcome: repeated })).toEqual([]);
    expect(run.when({ kind: 'task_abort', taskId: 'task', executionId: earlier, payload: {} })).toEqual([]);
    expect(recordOf(run, 'task')).toMatchObject({ resolutionState: 'pending' });
  });
});

it('row 8: a response of another replica to the same attempt settles it and resolves its record', () => {
  const run = Scenario.of({ task: {} });
  const { executionId } = run.last('task_started');
  const outcome = { kind: 'failed', error: 'crashed', failure: FINAL, effect: 'unknown' } as const;
  run.when({ kind: 'task_result', taskId: 'task', executionId, outcome });
  expect(recordOf(run, 'task')).toMatchObject({ status: 'in_doubt', resolutionState: 'pending' });
  const other = { kind: 'failed', error: 'declined' } as const;
  expect(run.when({ kind: 'task_result', taskId: 'task', executionId, outcome: other })).toEqual([
    'task_settled:task',
    'compensation_failure_resolved:task',
  ]);
});

describe('row 9: aborted', () => {
  it('is not undone; a success from another delivery is', () => {
    const run = Scenario.of({ task: {} });
    run.when({ kind: 'task_abort', taskId: 'task', payload: {} });
    expect(isSettled(run.state)).toBe(true);
    expect(run.completes('task')).toEqual(['task_completed:task', 'compensation_started:task']);
  });
});

describe('rows 10 and 11: completed', () => {
  it('changes nothing for an equal success, and records a different one as a duplicate, once (E2, E12)', () => {
    const run = endedWhileRunning();
    expect(run.completes('x')).toEqual([]);
    expect(run.completes('x', { value: 'second' })).toEqual(['duplicate_recorded:x']);
    expect(run.completes('x', { value: 'second' })).toEqual([]);
    const { failure } = run.state.compensations.find(({ isDuplicate }) => isDuplicate) ?? {};
    expect(failure).toMatchObject({ status: 'duplicate', output: { value: 'x' }, otherOutput: { value: 'second' } });
  });

  it('keeps the delivery that another open connection holds, without waiting for it', () => {
    const run = Scenario.of({ task: {} });
    run.when({ kind: 'redeliver', taskId: 'task' });
    const [first, second] = run.state.tasks.get('task')?.deliveries ?? [];
    const holders = { own: new Set([second?.id ?? '']), elsewhere: new Set([first?.id ?? '']), knewDoubt: true };
    run.when({ kind: 'task_result', taskId: 'task', holders, outcome: { kind: 'completed', output: { value: 1 } } });
    expect(run.state.tasks.get('task')?.deliveries).toEqual([first]);
    expect(isSettled(run.state)).toBe(true);
  });
});

describe('row 12: an SDK without capabilities', () => {
  it('settles the delivery over its own connection; one that is lost stays in doubt', () => {
    const run = Scenario.of({ task: {} });
    run.when({ kind: 'redeliver', taskId: 'task' });
    const [, second] = run.state.tasks.get('task')?.deliveries ?? [];
    const holders = { own: new Set([second?.id ?? '']), elsewhere: new Set<string>(), knewDoubt: false };
    const failure = { code: 'X', retryable: false };
    run.when({ kind: 'task_result', taskId: 'task', holders, outcome: { kind: 'failed', error: 'no', failure } });
    expect(run.state.tasks.get('task')?.deliveries).toHaveLength(1);
    expect(run.after(taskTimeoutMs + doubtMs)).toEqual(['in_doubt_recorded:task']);
  });
});

describe('row 12: one attempt over two connections', () => {
  const none = new Set<string>();
  const twice = (): { run: Scenario; ids: readonly string[] } => {
    const run = Scenario.of({ task: {} }, { timings: { ...TIMINGS, taskMaxAttempts: 1 } });
    run.when({ kind: 'redeliver', taskId: 'task' });
    return { run, ids: (run.state.tasks.get('task')?.deliveries ?? []).map(({ id }) => id) };
  };
  const failsOver = (run: Scenario, own: ReadonlySet<string>, elsewhere: ReadonlySet<string>): string[] => {
    const executionId = run.last('task_started').executionId;
    const holders = { own, elsewhere, knewDoubt: false };
    return run.when({
      kind: 'task_result',
      taskId: 'task',
      executionId,
      holders,
      outcome: { kind: 'failed', error: 'no' },
    });
  };

  it('both fail, each over its own connection: settled, without a record', () => {
    const { run, ids } = twice();
    failsOver(run, new Set(ids.slice(0, 1)), new Set(ids.slice(1)));
    expect(run.state.tasks.get('task')?.deliveries.map(({ id }) => id)).toEqual(ids.slice(1));
    failsOver(run, new Set(ids.slice(1)), none);
    expect(run.after(taskTimeoutMs + doubtMs)).toEqual([]);
    expect(isSettled(run.state)).toBe(true);
  });

  it('the first reconnected and fails over its new connection while the second is open: the same', () => {
    const { run, ids } = twice();
    failsOver(run, none, new Set(ids.slice(1)));
    expect(run.state.tasks.get('task')?.deliveries.map(({ id }) => id)).toEqual(ids.slice(1));
    failsOver(run, new Set(ids.slice(1)), none);
    expect(run.after(taskTimeoutMs + doubtMs)).toEqual([]);
  });

  it('one fails and the other never responds: open until its limit and `doubtMs`, then in doubt', () => {
    const { run, ids } = twice();
    failsOver(run, new Set(ids.slice(1)), new Set(ids.slice(0, 1)));
    expect(run.after(taskTimeoutMs + doubtMs - 1)).toEqual([]);
    expect(run.after(1)).toEqual(['in_doubt_recorded:task']);
  });
});

describe('row 13: not revertible', () => {
  it('is not waited for; its late outcome is recorded', () => {
    const run = Scenario.of({ task: { revertible: false }, other: {} });
    run.fails('other', 'broken', FINAL);
    expect(isSettled(run.state)).toBe(true);
    expect(run.completes('task')).toEqual(['task_completed:task']);
    expect(run.completes('task', { value: 'second' })).toEqual([]);
    expect(run.state.compensations).toEqual([]);
  });
});

it('results are accepted for a day, and longer while a record is pending', () => {
  const run = endedWhileRunning();
  run.after(taskTimeoutMs + doubtMs);
  run.after(2 * DAY_MS);
  expect(run.completes('task')).toContain('task_completed:task');
  const other = Scenario.of({ task: {} });
  other.fails('task', 'declined', FINAL);
  other.after(2 * DAY_MS);
  expect(other.completes('task')).toEqual([]);
});
