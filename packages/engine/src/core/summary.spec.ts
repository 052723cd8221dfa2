import { Scenario } from '../../test/support/scenario';
import type { OrchestrationEvent } from '../domain/orchestration/events';
import { replay } from '../domain/orchestration/evolve';
import { summaryOf } from './summary';

const at = 5_000;
const about = (taskId: string): { at: number; taskId: string; id: string } => ({ at, taskId, id: 'i' });
const cancelled: OrchestrationEvent = { type: 'orchestration_cancelled', at, reason: 'x' };
const finished = (taskId: string, status: 'completed' | 'partial' | 'expired'): OrchestrationEvent => ({
  type: 'compensation_finished',
  ...about(taskId),
  status,
  failureId: status === 'completed' ? undefined : `c_${taskId}`,
});

/** Three tasks in a row, the first two completed; then the events. */
function compensationAfter(...events: OrchestrationEvent[]): unknown {
  const run = Scenario.of({
    task1: {},
    task2: { input: { value: '$task1.value' } },
    task3: { input: { value: '$task2.value' } },
  });
  run.completes('task1');
  run.completes('task2');
  return summaryOf(replay(events, run.state)).compensation;
}

describe('the compensation of an orchestration in a list', () => {
  const settled: OrchestrationEvent = { type: 'task_settled', ...about('task3'), reason: 'not_started' };

  it('is absent while it runs and if nothing can be undone', () => {
    expect(compensationAfter()).toBeUndefined();
    const run = Scenario.of({ task1: { revertible: false } });
    run.completes('task1');
    expect(summaryOf(run.state).compensation).toBeUndefined();
  });

  it('counts only tasks that had an effect or may have had one', () => {
    const counts = { active: true, completed: 0, failed: 0 };
    expect(compensationAfter(cancelled)).toEqual({ ...counts, total: 3 });
    expect(compensationAfter(cancelled, settled)).toEqual({ ...counts, total: 2 });
  });

  it('counts a partial revert as failed, and names it', () => {
    const partial = compensationAfter(cancelled, settled, finished('task2', 'partial'), finished('task1', 'completed'));
    expect(partial).toEqual({ active: false, total: 2, completed: 1, failed: 1, partial: 1 });
  });

  it('counts a task in doubt as failed, and names it', () => {
    const doubt: OrchestrationEvent = {
      type: 'in_doubt_recorded',
      at,
      taskId: 'task3',
      revertId: 'task3',
      failureId: 'c_3',
      error: 'no response',
    };
    const rest = [finished('task2', 'expired'), finished('task1', 'completed')];
    expect(compensationAfter(cancelled, doubt, ...rest)).toEqual({
      active: false,
      total: 3,
      completed: 1,
      failed: 2,
      inDoubt: 1,
    });
  });

  it('counts a task with several reverts once', () => {
    const late: OrchestrationEvent = {
      type: 'duplicate_recorded',
      at,
      taskId: 'task1',
      revertId: 'task1#2',
      failureId: 'c_1',
      output: 'other',
      compensation: { data: 'd', ttlMs: 1 },
    };
    const done = [finished('task2', 'completed'), finished('task1', 'completed')];
    expect(compensationAfter(cancelled, settled, ...done, late)).toEqual({
      active: false,
      total: 2,
      completed: 1,
      failed: 1,
    });
    expect(compensationAfter(late)).toEqual({ active: false, total: 2, completed: 0, failed: 1 });
  });
});
