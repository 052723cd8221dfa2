import type { OrchestrationInspection, TaskInspection } from '@orra-ts/protocol';
import { type TimelineEntry, newTimelineEntries } from './timeline';

const at = (ms: number): string => new Date(Date.UTC(2026, 0, 1) + ms).toISOString();
const status = (ms: number, name: TaskInspection['status']) => ({
  id: `s${ms}`,
  orchestrationId: 'o_1',
  taskId: 'task1',
  status: name,
  timestamp: at(ms),
});
const update = (ms: number) => ({ id: `u${ms}`, timestamp: at(ms), data: { progress: ms } });
const compensation = (ms: number) => ({
  id: `c${ms}`,
  taskId: 'task1',
  status: 'processing' as const,
  attempt: 1,
  maxAttempts: 10,
  timestamp: at(ms),
});
const task = (id: string, members: Partial<TaskInspection>): TaskInspection => ({
  id,
  serviceId: 's_a',
  serviceName: id,
  status: 'completed',
  statusHistory: null,
  duration: 0,
  isRevertible: true,
  ...members,
});
const inspection = (...tasks: TaskInspection[]): OrchestrationInspection => ({
  id: 'o_1',
  status: 'processing',
  action: 'a',
  timestamp: at(0),
  duration: 0,
  tasks,
});
const shown = (entries: readonly TimelineEntry[]): string[] =>
  entries.map((one) => `${one.taskId} ${one.type === 'update' ? 'update' : `${one.type} ${one.status}`}`);

describe('new timeline entries', () => {
  it('are in order of time across tasks', () => {
    const after = inspection(
      task('task1', { statusHistory: [status(1, 'processing'), status(4, 'completed')], interimResults: [update(2)] }),
      task('task2', { statusHistory: [status(3, 'processing')] }),
    );
    expect(shown(newTimelineEntries(undefined, after))).toEqual([
      'task1 status processing',
      'task1 update',
      'task2 status processing',
      'task1 status completed',
    ]);
  });

  it('within one millisecond start, report progress, end, and are compensated last', () => {
    const after = inspection(
      task('task1', {
        statusHistory: [status(1, 'processing'), status(1, 'completed')],
        interimResults: [update(1)],
        compensationHistory: [compensation(1)],
      }),
    );
    expect(shown(newTimelineEntries(undefined, after))).toEqual([
      'task1 status processing',
      'task1 update',
      'task1 status completed',
      'task1 compensation processing',
    ]);
  });

  it('within one millisecond are compensated after the abort of another task', () => {
    const after = inspection(
      task('task1', { statusHistory: [status(0, 'completed')], compensationHistory: [compensation(1)] }),
      task('task2', { statusHistory: [status(1, 'aborted')] }),
    );
    expect(shown(newTimelineEntries(undefined, after))).toEqual([
      'task1 status completed',
      'task2 status aborted',
      'task1 compensation processing',
    ]);
  });

  it('within one millisecond end a task before the next one starts', () => {
    const after = inspection(
      task('task2', { statusHistory: [status(1, 'processing')], interimResults: [update(1)] }),
      task('task1', { statusHistory: [status(0, 'processing'), status(1, 'completed')] }),
    );
    expect(shown(newTimelineEntries(undefined, after))).toEqual([
      'task1 status processing',
      'task1 status completed',
      'task2 status processing',
      'task2 update',
    ]);
  });

  it('keep the order of attempts regardless of their times', () => {
    const statusHistory = [status(1, 'processing'), status(1, 'failed'), status(1, 'processing')];
    expect(shown(newTimelineEntries(undefined, inspection(task('task1', { statusHistory }))))).toEqual([
      'task1 status processing',
      'task1 status failed',
      'task1 status processing',
    ]);
  });

  it('are reported once', () => {
    const before = inspection(task('task1', { statusHistory: [status(1, 'processing')], interimResults: [update(2)] }));
    const after = inspection(
      task('task1', { statusHistory: [status(1, 'processing')], interimResults: [update(2), update(3)] }),
      task('task2', { statusHistory: [status(1, 'processing')] }),
    );
    expect(shown(newTimelineEntries(before, after))).toEqual(['task2 status processing', 'task1 update']);
    expect(newTimelineEntries(after, after)).toEqual([]);
  });
});
