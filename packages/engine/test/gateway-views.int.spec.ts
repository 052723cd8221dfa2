/** What the engine shows, against what the public engine answered in the same situations. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { OrchestrationId, ProjectId, ServiceId } from '@orra-ts/protocol';
import type { OrchestrationEvent } from '../src/domain/orchestration/events';
import { replay } from '../src/domain/orchestration/evolve';
import { inspectionView } from '../src/views/inspection-view';
import { listView } from '../src/views/list-view';
import { orchestrationView } from '../src/views/orchestration-view';
import { items, pluck, type Json } from './support/json';
import type { ResolvedTask } from '../src/domain/plan/resolved-plan';

const recorded = JSON.parse(readFileSync(path.join(__dirname, 'fixtures/recorded-views.json'), 'utf8')) as {
  inspections: Record<string, Json>;
  accepted: Json;
  list: Json;
};

const NOW = Date.parse('2026-11-22T12:00:00Z');
const context = { now: NOW, compensationMaxAttempts: 10 };
const inspect = (events: readonly OrchestrationEvent[]): Json => inspectionView(replay(events), events, context);

/** The recorder's clock has nanoseconds and ours milliseconds; durations follow from them. */
function comparable(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(comparable);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => {
      if (name === 'timestamp') return [name, new Date(member as string).toISOString()];
      if (name === 'duration') return [name, Number.isInteger(member) ? 'whole nanoseconds' : member];
      return [name, comparable(member)];
    }),
  );
}

const at = (timestamp: string): number => Date.parse(timestamp);
const shortId = (id: string): string => id.split('_').at(-1) ?? '';

function task(shown: Json, input: Record<string, unknown>, dependsOn: string[] = []): ResolvedTask {
  return {
    id: shown.id,
    serviceId: shown.serviceId as ServiceId,
    serviceName: shown.serviceName,
    capability: 'does it',
    input,
    dependsOn,
    inputSpec: { type: 'object' },
    outputSpec: { type: 'object' },
    revertible: shown.isRevertible,
  };
}

function begun(shown: Json, tasks: ResolvedTask[], taskZero: Record<string, unknown>): OrchestrationEvent[] {
  const submittedAt = at(shown.timestamp) - 60_000;
  return [
    {
      type: 'submitted',
      at: submittedAt,
      orchestrationId: shown.id as OrchestrationId,
      projectId: 'p_x' as ProjectId,
      action: { type: 'order', content: shown.action },
      data: null,
    },
    {
      type: 'planned',
      at: submittedAt,
      plan: { tasks, parallelGroups: [], taskZero },
      source: { kind: 'explicit' },
    },
  ];
}

const started = (shown: Json, index: number, attempt = 1): OrchestrationEvent => ({
  type: 'task_started',
  at: at(shown.statusHistory[index].timestamp),
  taskId: shown.id,
  id: shortId(shown.statusHistory[index].id),
  attempt,
  executionId: `e_${index}`,
});

const completed = (shown: Json, index: number, revertible = false): OrchestrationEvent => ({
  type: 'task_completed',
  at: at(shown.statusHistory[index].timestamp),
  taskId: shown.id,
  id: shortId(shown.statusHistory[index].id),
  output: shown.output,
  ...(revertible ? { compensation: { data: {}, ttlMs: 60_000 } } : {}),
});

describe('an inspection', () => {
  test('of a completed orchestration shows what the original shows (js-echo)', () => {
    const shown = recorded.inspections['js-echo'];
    const [echo] = shown.tasks;
    const events: OrchestrationEvent[] = [
      ...begun(shown, [task(echo, { message: '$task0.message' })], { message: 'hello' }),
      started(echo, 0),
      completed(echo, 1),
      { type: 'orchestration_completed', at: at(shown.timestamp), results: shown.results },
    ];
    const { planSource, taskZero, ...view } = inspect(events);
    expect(comparable(view)).toEqual(comparable(shown));
    expect(planSource).toEqual({ kind: 'explicit' });
    expect(taskZero).toEqual({ message: 'hello' });
    expect(view.duration).toBe((NOW - at(shown.timestamp)) * 1e6);
    expect(view.tasks[0].duration).toBe(
      (at(echo.statusHistory[1].timestamp) - at(echo.statusHistory[0].timestamp)) * 1e6,
    );
  });

  test('shows progress updates, oldest first (push-update-js)', () => {
    const shown = recorded.inspections['push-update-js'];
    const [importer] = shown.tasks;
    const updates: OrchestrationEvent[] = items(importer.interimResults).map((update) => ({
      type: 'task_updated',
      at: at(update.timestamp),
      taskId: importer.id,
      id: shortId(update.id),
      data: update.data,
    }));
    const {
      planSource: _,
      taskZero: __,
      ...view
    } = inspect([
      ...begun(shown, [task(importer, { message: '$task0.message' })], { message: 'rows' }),
      started(importer, 0),
      ...updates,
      completed(importer, 1),
      { type: 'orchestration_completed', at: at(shown.timestamp), results: shown.results },
    ]);
    expect(comparable(view)).toEqual(comparable(shown));
  });

  test('shows who aborted, with what, and the compensation of what came before (abort-compensation-js)', () => {
    const shown = recorded.inspections['abort-compensation-js'];
    const [holder, charger] = shown.tasks;
    const [attempt, outcome] = holder.compensationHistory;
    const abortedAt = at(charger.statusHistory[1].timestamp);
    const {
      planSource: _,
      taskZero: __,
      ...view
    } = inspect([
      ...begun(
        shown,
        [task(holder, { orderId: '$task0.orderId' }), task(charger, { holdId: '$task1.holdId' }, ['task1'])],
        { orderId: 'o-17' },
      ),
      started(holder, 0),
      completed(holder, 1, true),
      started(charger, 0),
      {
        type: 'task_aborted',
        at: abortedAt,
        taskId: charger.id,
        id: shortId(charger.statusHistory[1].id),
        payload: charger.abortPayload,
      },
      { type: 'orchestration_aborted', at: at(shown.timestamp), taskId: charger.id, payload: charger.abortPayload },
      {
        type: 'compensation_started',
        at: at(attempt.timestamp),
        taskId: holder.id,
        id: 'x',
        attempt: 1,
        executionId: 'e_comp_1',
      },
      { type: 'compensation_finished', at: at(outcome.timestamp), taskId: holder.id, id: 'y', status: 'completed' },
    ]);
    // Ours also resolves what came from another task.
    charger.input = { holdId: 'hold-o-17' };
    expect(comparable(view)).toEqual(comparable(shown));
  });

  test('of what could not be planned has no tasks and no results (not-actionable)', () => {
    const shown = recorded.inspections['not-actionable'];
    const [submitted] = begun(shown, [], {});
    const view = inspect([
      submitted!,
      { type: 'planning_failed', at: at(shown.timestamp), status: 'not_actionable', error: shown.error },
    ]);
    expect(comparable(view)).toEqual(comparable(shown));
  });

  const shown = { id: 'o_1', action: 'x', timestamp: '2026-11-22T10:00:00.000Z' };
  const plan = ['task1', 'task10', 'Task_A'].map((id, index) =>
    task(
      { id, serviceId: `s_${index}`, serviceName: `service-${index}`, isRevertible: index === 0 },
      index === 0 ? { a: '$task0.gone', b: 'literal', c: ['$task0.a'] } : { a: '$task1.value.nested' },
      index === 0 ? [] : ['task1'],
    ),
  );
  const events = (...more: OrchestrationEvent[]): OrchestrationEvent[] => [...begun(shown, plan, { a: 1 }), ...more];
  const base = at(shown.timestamp);
  const start = (taskId: string, ms: number, attempt = 1): OrchestrationEvent => ({
    type: 'task_started',
    at: base + ms,
    taskId,
    id: `s${ms}`,
    attempt,
    executionId: `e_${taskId}_${attempt}`,
  });

  test('while it is planned is answered, without tasks', () => {
    const view = inspect(begun(shown, [], {}).slice(0, 1));
    expect(view.status).toBe('pending');
    expect(view).not.toHaveProperty('tasks');
    expect(view).not.toHaveProperty('results');
  });

  test('before anything has happened shows every task as registered, its input as far as it is known', () => {
    const [first, second] = inspect(events()).tasks;
    expect(first).toMatchObject({ status: 'registered', statusHistory: null, duration: 0 });
    expect(first.input).toEqual({ a: '$task0.gone', b: 'literal', c: [1] });
    expect(second.input).toEqual({ a: '$task1.value.nested' });
  });

  test('shows pauses and failed attempts with their reasons, and the newest one as the task’s error', () => {
    const [first] = inspect(
      events(
        { type: 'task_paused', at: base, taskId: 'task1', id: 'p', reason: 'service s_0 is not healthy' },
        start('task1', 10),
        { type: 'task_attempt_failed', at: base + 20, taskId: 'task1', id: 'f', error: 'declined', retryAt: base + 99 },
      ),
    ).tasks;
    expect(items(first.statusHistory).map((event) => [event.status, event.error] as unknown)).toEqual([
      ['paused', 'service s_0 is not healthy'],
      ['processing', undefined],
      ['failed', 'declined'],
    ]);
    expect(first).toMatchObject({ status: 'failed', error: 'declined', duration: 20e6 });
  });

  test('tells tasks apart by their exact ids', () => {
    const update = (taskId: string): OrchestrationEvent => ({
      type: 'task_updated',
      at: base + 5,
      taskId,
      id: 'u',
      data: { of: taskId },
    });
    const tasks = inspect(
      events(start('task1', 0), start('task10', 1), start('Task_A', 2), update('task10'), update('Task_A')),
    ).tasks;
    expect(
      items(tasks).map((shown) => (shown.interimResults ? pluck(shown.interimResults, 'data') : undefined)),
    ).toEqual([undefined, [{ of: 'task10' }], [{ of: 'Task_A' }]]);
    expect(items(tasks).map((shown) => pluck(shown.statusHistory, 'taskId'))).toEqual([
      ['task1'],
      ['task10'],
      ['Task_A'],
    ]);
  });

  const failure = { id: 'task_fail_task10_x', producer: 's_1', error: 'too many consecutive failures: declined' };
  const failed: OrchestrationEvent[] = [
    start('task1', 0),
    {
      type: 'task_completed',
      at: base + 1,
      taskId: 'task1',
      id: 'c',
      output: { value: { nested: 7 } },
      compensation: { data: 1, ttlMs: 9 },
    },
    start('task10', 2),
    start('Task_A', 2),
    { type: 'task_attempt_failed', at: base + 3, taskId: 'task10', id: 'f', error: failure.error },
    { type: 'orchestration_failed', at: base + 4, taskId: 'task10', error: failure },
  ];

  test('of a failed orchestration: its failure, [null] as results, its unfinished tasks as cancelled, the rest pending', () => {
    const view = inspect(events(...failed));
    expect(view).toMatchObject({ status: 'failed', error: failure, results: [null] });
    expect(view).not.toHaveProperty('abortInfo');
    expect(pluck(view.tasks, 'status')).toEqual(['completed', 'failed', 'cancelled']);
    expect(view.tasks[1].input).toEqual({ a: 7 });
    expect(view.tasks[0].compensation).toEqual({
      status: 'pending',
      attempt: 0,
      max_attempts: 10,
      timestamp: new Date(base + 4).toISOString(),
    });
    expect(view.tasks[0]).not.toHaveProperty('compensationHistory');
  });

  test('shows an entry per attempt of a compensation, none for a pause, and its failure with the error', () => {
    const compensation = (attempt: number, ms: number): OrchestrationEvent => ({
      type: 'compensation_started',
      at: base + ms,
      taskId: 'task1',
      id: 'x',
      attempt,
      executionId: `e_comp_${attempt}`,
    });
    const during = events(
      ...failed,
      compensation(1, 10),
      {
        type: 'compensation_attempt_failed',
        at: base + 11,
        taskId: 'task1',
        id: 'x',
        error: 'down',
        retryAt: base + 20,
      },
      compensation(2, 20),
      { type: 'compensation_paused', at: base + 21, taskId: 'task1', id: 'x', reason: 'gone' },
      compensation(2, 22),
    );
    const [running] = inspect(during).tasks;
    expect(running.compensation).toMatchObject({ status: 'processing', attempt: 2 });
    expect(pluck(running.compensationHistory, 'id')).toEqual(['comp_attempt_task1_1', 'comp_attempt_task1_2']);
    const error = 'max compensation attempts (2) reached: down';
    const [gone] = inspect([
      ...during,
      { type: 'compensation_finished', at: base + 30, taskId: 'task1', id: 'x', status: 'failed', error },
    ]).tasks;
    expect(gone.compensation).toMatchObject({ status: 'failed', attempt: 2, max_attempts: 10 });
    expect(items(gone.compensationHistory).at(-1)).toEqual({
      id: 'comp_fail_task1_2',
      taskId: 'task1',
      status: 'failed',
      attempt: 2,
      maxAttempts: 10,
      timestamp: new Date(base + 30).toISOString(),
      error,
    });
  });
});

test('a 202 has the members of the original, and ours beside them (two-step-chain)', () => {
  const { accepted } = recorded;
  const tasks = items(accepted.plan.tasks).map((planned): ResolvedTask => ({
    id: planned.id,
    serviceId: planned.service,
    serviceName: planned.service_name,
    capability: planned.capabilities[0],
    input: planned.input,
    dependsOn: [],
    inputSpec: planned.expected_input,
    outputSpec: planned.expected_output,
    revertible: false,
  }));
  const timestamp = at(accepted.timestamp);
  const view = orchestrationView(
    replay([
      {
        type: 'submitted',
        at: timestamp,
        orchestrationId: accepted.id,
        projectId: accepted.projectID,
        action: accepted.action,
        data: accepted.data,
        timeoutMs: 45_000,
        healthGraceMs: 600_000,
        metadata: { tenant: 'a' },
      },
      {
        type: 'planned',
        at: timestamp,
        plan: {
          tasks,
          parallelGroups: accepted.plan.parallel_groups,
          taskZero: accepted.taskZero,
          constants: ['mode'],
        },
        source: { kind: 'defined', name: 'chain' },
      },
    ]),
  );
  expect(comparable(view)).toEqual({
    ...(comparable(accepted) as object),
    // The original's encoder races the start; ours has been started when it answers.
    status: 'processing',
    metadata: { tenant: 'a' },
    planSource: { kind: 'defined', name: 'chain' },
    constants: ['mode'],
  });
});

test('a list has a group per status that occurs, with the members of the original (failure-compensation-js)', () => {
  const [failed] = recorded.list.failed;
  const row = { ...failed, submittedAt: 0, changedAt: at(failed.timestamp) };
  expect(comparable(listView([row]))).toEqual(comparable(recorded.list));
  const other = { id: 'o_2' as OrchestrationId, action: 'x', submittedAt: 0, changedAt: 0 };
  expect(
    Object.keys(
      listView([
        { ...other, status: 'not_actionable' },
        { ...other, status: 'cancelled' },
      ]),
    ),
  ).toEqual(['notActionable', 'cancelled']);
  expect(listView([])).toEqual({});
});
