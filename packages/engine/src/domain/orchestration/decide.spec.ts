import fc from 'fast-check';
import { isTerminalStatus } from '@orra-ts/protocol';
import { Scenario, TIMINGS, nameOf } from '../../../test/support/scenario';
import { isOpen, nextDueAt, type Command } from './decide';
import { replay } from './evolve';
import { MAX_PAUSES_PER_ATTEMPT } from './attempt';

const CHAIN = { task1: {}, task2: { input: { value: '$task1.value' } }, task3: { input: { value: '$task2.value' } } };
const DIAMOND = {
  task1: {},
  left: { input: { value: '$task1.value' } },
  right: { input: { value: '$task1.value' } },
  join: { input: { value: '$left.value', other: '$right.value' } },
};

describe('running a plan', () => {
  it('starts a task only when everything it refers to is there (E4)', () => {
    const run = Scenario.of(DIAMOND);
    expect(run.events.map(nameOf)).toEqual(['submitted', 'planned', 'task_started:task1']);
    expect(run.completes('task1')).toEqual(['task_completed:task1', 'task_started:left', 'task_started:right']);
    expect(run.completes('right')).toEqual(['task_completed:right']);
    expect(run.completes('left')).toEqual(['task_completed:left', 'task_started:join']);
    expect(run.completes('join', { value: 'done' })).toEqual(['task_completed:join', 'orchestration_completed']);
    expect(run.state.results).toEqual([{ value: 'done' }]);
    expect(isOpen(run.state)).toBe(false);
  });

  it('starts a task without any reference at once', () => {
    const run = Scenario.of({ task1: { input: { value: 'literal' } } });
    expect(run.events.map(nameOf)).toContain('task_started:task1');
  });

  it('makes no second event of the same outcome (E2)', () => {
    const run = Scenario.of(CHAIN);
    run.completes('task1');
    expect(run.completes('task1', { value: 'task1' })).toEqual([]);
    expect(run.fails('task1')).toEqual([]);
    expect(run.when({ kind: 'task_abort', taskId: 'task1', payload: {} })).toEqual([]);
    expect(run.state.tasks.get('task1')?.phase).toMatchObject({ output: { value: 'task1' } });
  });

  it('completes an output of null, and hands it on', () => {
    const run = Scenario.of(CHAIN);
    expect(run.completes('task1', null)).toEqual(['task_completed:task1', 'task_started:task2']);
  });

  it('takes the output that nobody else uses as the result, whatever the ids', () => {
    const run = Scenario.of({ task9: { input: { value: '$task10.value' } }, task10: {} });
    run.completes('task10');
    run.completes('task9', { value: 'sink' });
    expect(run.state.results).toEqual([{ value: 'sink' }]);
  });

  it('keeps updates until the task is over, and not after', () => {
    const run = Scenario.of(CHAIN);
    const update: Command = { kind: 'task_update', taskId: 'task1', data: { progress: 1 } };
    expect(run.when(update)).toEqual(['task_updated:task1']);
    run.completes('task1');
    expect(run.when(update)).toEqual([]);
  });
});

describe('attempts', () => {
  it('tries again after 2, 4, 8 and 16 s, then gives up with the last error', () => {
    const run = Scenario.of(CHAIN);
    for (const waitMs of [2_000, 4_000, 8_000, 16_000]) {
      expect(run.fails('task1')).toEqual(['task_attempt_failed:task1']);
      expect(run.after(waitMs - 1)).toEqual([]);
      expect(run.after(1)).toEqual(['task_started:task1']);
    }
    expect(run.fails('task1', 'out of stock')).toEqual(['task_attempt_failed:task1', 'orchestration_failed']);
    expect(run.last('orchestration_failed').error).toMatchObject({
      producer: 's_task1',
      error: 'too many consecutive failures: out of stock',
    });
    expect(isOpen(run.state)).toBe(false);
  });

  it('gives every attempt a new execution id and the next number', () => {
    const run = Scenario.of(CHAIN);
    const first = run.last('task_started');
    run.fails('task1');
    run.after(2_000);
    const second = run.last('task_started');
    expect([first.attempt, second.attempt]).toEqual([1, 2]);
    expect(second.executionId).not.toBe(first.executionId);
  });

  it('does not try again what may not be retried', () => {
    const run = Scenario.of(CHAIN);
    expect(run.fails('task1', 'bad input', { retryable: false })).toEqual([
      'task_attempt_failed:task1',
      'orchestration_failed',
    ]);
    expect(run.last('orchestration_failed').error.error).toBe('bad input');
  });

  it('waits at least as long as the service asks', () => {
    const run = Scenario.of(CHAIN);
    run.fails('task1', 'busy', { retryable: true, retryAfterMs: 60_000 });
    expect(run.last('task_attempt_failed').retryAt).toBe(run.now + 60_000);
  });

  it('waits no longer than a day, whatever the service asks (E8)', () => {
    const run = Scenario.of(CHAIN);
    run.fails('task1', 'busy', { retryable: true, retryAfterMs: 1e300 });
    expect(run.last('task_attempt_failed').retryAt).toBe(run.now + 86_400_000);
  });

  it('fails an attempt during which its service goes away again and again (E8)', () => {
    const run = Scenario.of(CHAIN);
    const goesAway = (): string[] => {
      run.away.add('s_task1');
      const paused = run.after(1_000);
      run.away.clear();
      return [...paused, ...run.after(5_000)];
    };
    for (let time = 1; time <= MAX_PAUSES_PER_ATTEMPT; time++) {
      expect(goesAway()).toEqual(['task_paused:task1', 'task_started:task1']);
    }
    expect(goesAway()).toEqual(['task_paused:task1', 'task_attempt_failed:task1']);
    expect(run.last('task_attempt_failed').error).toMatch(/went away 21 times/);
    run.after(2_000);
    expect(run.last('task_started').attempt).toBe(2);
    expect(goesAway()).toEqual(['task_paused:task1', 'task_started:task1']);
  });

  it('keeps no more than 64 MiB of updates of one orchestration (E8)', () => {
    const run = Scenario.of(CHAIN);
    const update = { kind: 'task_update', taskId: 'task1', data: 'x'.repeat(1024 * 1024) } as const;
    for (let count = 1; count <= 63; count++) expect(run.when(update)).toEqual(['task_updated:task1']);
    expect(run.when(update)).toEqual([]);
    expect(run.when({ ...update, data: 'small' })).toEqual(['task_updated:task1']);
  });

  it('ends an attempt that does not answer in time', () => {
    const run = Scenario.of(CHAIN);
    expect(run.after(29_999)).toEqual([]);
    expect(run.after(1)).toEqual(['task_attempt_failed:task1']);
    expect(run.last('task_attempt_failed').error).toBe('task execution timed out waiting for result');
  });

  it('takes a success that comes between two attempts', () => {
    const run = Scenario.of(CHAIN);
    run.after(30_000);
    expect(run.completes('task1')).toEqual(['task_completed:task1', 'task_started:task2']);
  });

  it('does not count the failure of an attempt that is over, but its delivery is settled (E10)', () => {
    const run = Scenario.of(CHAIN);
    const { executionId } = run.last('task_started');
    run.after(30_000);
    expect(run.fails('task1', 'late', undefined, executionId)).toEqual(['task_settled:task1']);
    run.after(2_000);
    expect(run.fails('task1', 'late', undefined, executionId)).toEqual([]);
    expect(run.state.tasks.get('task1')?.phase.kind).toBe('running');
  });

  it('counts a message it cannot read as a failed attempt', () => {
    const run = Scenario.of(CHAIN);
    expect(run.when({ kind: 'task_malformed', taskId: 'task1', error: 'no result' })).toEqual([
      'task_attempt_failed:task1',
    ]);
  });
});

describe('services that are away', () => {
  it('pauses a task whose service is not there, and starts it when it comes', () => {
    const run = Scenario.of(CHAIN, { away: ['s_task1'] });
    expect(run.events.map(nameOf)).toContain('task_paused:task1');
    expect(run.after(60_000)).toEqual([]);
    run.away.clear();
    expect(run.when({ kind: 'advance' })).toEqual(['task_started:task1']);
    expect(run.last('task_started').attempt).toBe(1);
  });

  it('goes on with the same attempt when the service was lost in the middle of it', () => {
    const run = Scenario.of(CHAIN);
    const { executionId } = run.last('task_started');
    run.away.add('s_task1');
    expect(run.when({ kind: 'advance' })).toEqual(['task_paused:task1']);
    run.away.clear();
    run.after(1_000);
    expect(run.last('task_started')).toMatchObject({ attempt: 1, executionId });
  });

  it('takes an outcome that comes while the task is paused', () => {
    const run = Scenario.of(CHAIN);
    run.away.add('s_task1');
    run.when({ kind: 'advance' });
    expect(run.completes('task1')[0]).toBe('task_completed:task1');
  });

  it('fails when the service stays away for the grace period', () => {
    const run = Scenario.of(CHAIN, { away: ['s_task1'] });
    expect(run.after(1_800_000)).toEqual(['task_attempt_failed:task1', 'orchestration_failed']);
    expect(run.last('orchestration_failed').error.error).toBe(
      'service s_task1 remained unhealthy while exceeding maximum duration of 30m0s',
    );
  });
});

describe('aborting', () => {
  it('ends the orchestration with the payload and compensates what was done before, not the aborting task', () => {
    const run = Scenario.of(CHAIN);
    run.completes('task1');
    const events = run.when({ kind: 'task_abort', taskId: 'task2', payload: { reason: 'NO_STOCK' } });
    expect(events).toEqual(['task_aborted:task2', 'orchestration_aborted', 'compensation_started:task1']);
    expect(run.state.ending).toMatchObject({ taskId: 'task2', payload: { reason: 'NO_STOCK' } });
    expect(run.reverts('task1')).toEqual(['compensation_finished:task1']);
    expect(isOpen(run.state)).toBe(false);
  });

  it('has one terminal status when two branches abort together (E5)', () => {
    const run = Scenario.of(DIAMOND);
    run.completes('task1');
    run.when({ kind: 'task_abort', taskId: 'left', payload: 1 });
    expect(run.when({ kind: 'task_abort', taskId: 'right', payload: 2 })).toEqual([
      'task_aborted:right',
      'compensation_started:task1',
    ]);
    expect(run.state.ending?.payload).toBe(1);
  });
});

describe('compensation', () => {
  const failedAfter = (...done: string[]): Scenario => {
    const run = Scenario.of({
      task1: {},
      task2: {},
      task3: {},
      last: { input: { value: '$task1.value', a: '$task2.value', b: '$task3.value' } },
    });
    for (const id of done) run.completes(id);
    run.fails('last', 'broken', { retryable: false });
    return run;
  };

  it('goes in reverse order of completion, one after another, with one final record each (E6)', () => {
    const run = failedAfter('task2', 'task3', 'task1');
    const order: string[] = [];
    for (let turn = 0; turn < 3; turn++) {
      const { taskId } = run.last('compensation_started');
      order.push(taskId);
      run.reverts(taskId);
    }
    expect(order).toEqual(['task1', 'task3', 'task2']);
    expect(run.events.filter(({ type }) => type === 'compensation_finished')).toHaveLength(3);
  });

  it.each([
    ['set back meanwhile', -500],
    ['within one millisecond', 0],
  ])('goes by the order of completion, not by the clock: %s (E6)', (_, ms) => {
    const run = Scenario.of({
      task2: { input: { value: '$task1.value' } },
      task1: {},
      last: { input: { value: '$task2.value' } },
    });
    run.completes('task1');
    run.now += ms - 1;
    run.completes('task2');
    run.fails('last', 'broken', { retryable: false });
    expect(run.last('compensation_started').taskId).toBe('task2');
  });

  it('compensates work that completes after the end (E5)', () => {
    const run = Scenario.of(DIAMOND);
    run.completes('task1');
    run.fails('left', 'broken', { retryable: false });
    expect(isOpen(run.state)).toBe(true);
    expect(run.completes('right')).toEqual(['task_completed:right', 'compensation_started:right']);
    expect(run.reverts('right')).toEqual(['compensation_finished:right', 'compensation_started:task1']);
    run.reverts('task1');
    expect(isOpen(run.state)).toBe(false);
    expect(run.state.status).toBe('failed');
  });

  it('fails an attempt of a revert during which its service goes away again and again (E8)', () => {
    const run = failedAfter('task3');
    for (let time = 0; time <= MAX_PAUSES_PER_ATTEMPT; time++) {
      run.away.add('s_task3');
      run.after(10);
      run.away.clear();
      run.after(10);
    }
    expect(run.last('compensation_attempt_failed').error).toMatch(/went away 21 times/);
  });

  it('never runs two reverts side by side', () => {
    const run = Scenario.of({ task1: {}, left: { input: { value: '$task1.value' } }, right: {} });
    run.completes('task1');
    run.fails('left', 'broken', { retryable: false });
    expect(run.completes('right')).toEqual(['task_completed:right']);
    expect(run.reverts('task1')).toEqual(['compensation_finished:task1', 'compensation_started:right']);
  });

  it('tries ten times with growing waits, then fails', () => {
    const run = failedAfter('task3');
    const fail: Command = {
      kind: 'revert_result',
      taskId: 'task3',
      executionId: undefined,
      outcome: { kind: 'failed', error: 'no' },
    };
    const waits: number[] = [];
    for (let attempt = 1; attempt < 10; attempt++) {
      run.when(fail);
      const waitMs = run.last('compensation_attempt_failed').retryAt - run.now;
      waits.push(waitMs / 1000);
      run.after(waitMs);
    }
    expect(run.when(fail)).toEqual(['compensation_finished:task3']);
    expect(run.last('compensation_finished')).toMatchObject({
      status: 'failed',
      error: 'max compensation attempts (10) reached: no',
    });
    expect(waits).toEqual([2, 4, 8, 16, 32, 60, 60, 60, 60]);
  });

  it('does not try again what the service refused', () => {
    const run = failedAfter('task1', 'task2', 'task3');
    const events = run.when({
      kind: 'revert_result',
      taskId: 'task3',
      executionId: undefined,
      outcome: { kind: 'refused', status: 'failed', error: 'already shipped' },
    });
    expect(events).toEqual(['compensation_finished:task3', 'compensation_started:task2']);
    expect(run.events.find(({ type }) => type === 'compensation_finished')).toMatchObject({ error: 'already shipped' });
  });

  it('expires by the time that the service gave, counted from completion', () => {
    const run = failedAfter('task3');
    run.away.add('s_task3');
    expect(run.when({ kind: 'advance' })).toEqual(['compensation_paused:task3']);
    expect(run.after(600_000)).toContain('compensation_finished:task3');
    expect(run.events.find(({ type }) => type === 'compensation_finished')).toMatchObject({ status: 'expired' });
  });

  it('pauses while the service is away and goes on with the same attempt', () => {
    const run = failedAfter('task3');
    const { executionId } = run.last('compensation_started');
    run.away.add('s_task3');
    run.when({ kind: 'advance' });
    run.away.clear();
    expect(run.after(5_000)).toEqual(['compensation_started:task3']);
    expect(run.last('compensation_started')).toMatchObject({ attempt: 1, executionId });
  });

  it('records a partial result with what is left', () => {
    const run = failedAfter('task1', 'task2', 'task3');
    run.when({
      kind: 'revert_result',
      taskId: 'task3',
      executionId: undefined,
      outcome: { kind: 'partial', completed: ['a'], remaining: ['b'] },
    });
    expect(run.last('compensation_finished')).toMatchObject({ status: 'partial', partial: { remaining: ['b'] } });
  });

  it('leaves tasks alone whose services cannot revert', () => {
    const run = Scenario.of({ task1: { revertible: false }, task2: { input: { value: '$task1.value' } } });
    run.completes('task1');
    run.fails('task2', 'broken', { retryable: false });
    expect(run.state.compensations).toEqual([]);
  });

  it('follows a cancellation too', () => {
    const run = Scenario.of(CHAIN);
    run.completes('task1');
    expect(run.when({ kind: 'cancel', reason: 'not wanted any more' })).toEqual(['orchestration_cancelled']);
    // The running task was built on it (E13).
    expect(run.fails('task2')).toEqual(['task_attempt_failed:task2', 'compensation_started:task1']);
  });

  it('waits for a result until the limit and `doubtMs` have passed, then records the doubt (E10)', () => {
    const run = Scenario.of(DIAMOND);
    run.completes('task1');
    const startedAt = run.now;
    run.fails('left', 'broken', { retryable: false });
    const next = (): number => nextDueAt(run.state, { timings: TIMINGS, resumedAt: 0 }) ?? 0;
    expect(next()).toBe(startedAt + TIMINGS.taskTimeoutMs);
    expect(run.after(next() - run.now)).toEqual(['compensation_started:task1']);
    run.reverts('task1');
    expect(next()).toBe(startedAt + TIMINGS.taskTimeoutMs + TIMINGS.doubtMs);
    expect(run.after(next() - run.now)).toEqual(['in_doubt_recorded:right']);
    expect(isOpen(run.state)).toBe(false);
  });
});

describe('whatever happens in whatever order', () => {
  const TASKS = ['task1', 'left', 'right', 'join'];
  const command: fc.Arbitrary<Command | { kind: 'wait'; ms: number } | { kind: 'toggle'; service: string }> = fc.oneof(
    fc.constantFrom(...TASKS).map((taskId) => ({
      kind: 'task_result' as const,
      taskId,
      executionId: undefined,
      outcome: { kind: 'completed' as const, output: {}, compensation: { data: {}, ttlMs: 1e9 } },
    })),
    fc.record({
      kind: fc.constant('task_result' as const),
      taskId: fc.constantFrom(...TASKS),
      executionId: fc.constant(undefined),
      outcome: fc.boolean().map((retryable) => ({
        kind: 'failed' as const,
        error: 'x',
        failure: { code: 'X', retryable },
      })),
    }),
    fc.constantFrom(...TASKS).map((taskId) => ({ kind: 'task_abort' as const, taskId, payload: {} })),
    fc.constantFrom(...TASKS).map((taskId) => ({
      kind: 'revert_result' as const,
      taskId,
      executionId: undefined,
      outcome: { kind: 'completed' as const },
    })),
    fc.integer({ min: 1, max: 100_000 }).map((ms) => ({ kind: 'wait' as const, ms })),
    fc.constantFrom(...TASKS).map((id) => ({ kind: 'toggle' as const, service: `s_${id}` })),
  );

  const play = (
    commands: readonly (Command | { kind: 'wait'; ms: number } | { kind: 'toggle'; service: string })[],
  ): Scenario => {
    const run = Scenario.of(DIAMOND);
    for (const next of commands) {
      if (next.kind === 'wait') run.after(next.ms);
      else if (next.kind === 'toggle') {
        if (!run.away.delete(next.service)) run.away.add(next.service);
        run.when({ kind: 'advance' });
      } else run.when(next);
    }
    return run;
  };

  it('ends at most once, compensates each completed task at most once, and starts nothing after the end', () => {
    fc.assert(
      fc.property(fc.array(command, { maxLength: 40 }), (commands) => {
        const { events } = play(commands);
        const ends = events.filter(({ type }) => type.startsWith('orchestration_'));
        expect(ends.length).toBeLessThanOrEqual(1);
        const end = events.findIndex(({ type }) => type.startsWith('orchestration_'));
        if (end >= 0) expect(events.slice(end).some(({ type }) => type === 'task_started')).toBe(false);
        for (const taskId of TASKS) {
          for (const type of ['task_completed', 'compensation_finished'] as const) {
            expect(events.filter((event) => event.type === type && event.taskId === taskId).length).toBeLessThanOrEqual(
              1,
            );
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  it('always comes to an end when services answer, with every completed task undone unless it completed', () => {
    fc.assert(
      fc.property(fc.array(command, { maxLength: 30 }), (commands) => {
        const run = play(commands);
        run.away.clear();
        run.when({ kind: 'advance' });
        for (let round = 0; round < 200 && isOpen(run.state); round++) {
          for (const id of TASKS) if (run.state.tasks.get(id)?.phase.kind === 'running') run.completes(id);
          for (const { taskId, phase } of run.state.compensations) if (phase.kind === 'running') run.reverts(taskId);
          const dueAt = nextDueAt(run.state, { timings: TIMINGS, resumedAt: 0 });
          if (dueAt !== undefined) run.after(Math.max(0, dueAt - run.now));
        }
        expect(isTerminalStatus(run.state.status)).toBe(true);
        expect(isOpen(run.state)).toBe(false);
        if (run.state.status === 'completed') return;
        for (const [id, { phase }] of run.state.tasks) {
          if (phase.kind !== 'completed') continue;
          expect(run.state.compensations.find(({ taskId }) => taskId === id)?.phase).toMatchObject({
            kind: 'finished',
          });
        }
      }),
      { numRuns: 200 },
    );
  });

  it('has the same state from its events alone (E3)', () => {
    fc.assert(
      fc.property(fc.array(command, { maxLength: 40 }), (commands) => {
        const { events, state } = play(commands);
        expect(replay(JSON.parse(JSON.stringify(events)) as typeof events)).toEqual(state);
      }),
      { numRuns: 100 },
    );
  });
});
