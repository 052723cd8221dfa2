import { Scenario } from '../../../test/support/scenario';

describe('the result of an orchestration', () => {
  it('of several tasks that nobody uses is the output of the last in the plan, whoever is first', () => {
    const run = Scenario.of({ task2: {}, task1: {} });
    run.completes('task1', { value: 'returned' });
    run.completes('task2', { value: 'beside' });
    expect(run.state.results).toEqual([{ value: 'returned' }]);
  });

  it('is never that of a task that another one uses, even if the other is completed at the same moment', () => {
    const run = Scenario.of({ task2: { input: { value: '$task1.value' } }, task1: {} });
    run.completes('task1', { value: 'used' });
    run.now -= 1;
    run.completes('task2', { value: 'sink' });
    expect(run.state.results).toEqual([{ value: 'sink' }]);
  });

  it('is one null where the output is null', () => {
    const run = Scenario.of({ task1: {} });
    run.completes('task1', null);
    expect(run.state.results).toEqual([null]);
  });
});
