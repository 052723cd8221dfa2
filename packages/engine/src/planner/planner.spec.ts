import type { ProjectId } from '@orra-ts/protocol';
import { firstOf, type PlanRequest, type Planner, type PlanningOutcome } from './planner';

const REQUEST: PlanRequest = {
  projectId: 'p_1' as ProjectId,
  action: 'x',
  data: null,
  services: [],
  definedPlans: [],
  groundings: [],
};
const OPTIONS = { signal: () => new AbortController().signal };
const says = (reason: string): PlanningOutcome => ({ kind: 'not_actionable', reason });
const source = (answer: ReturnType<Planner['plan']>): { plan: jest.MockedFunction<Planner['plan']> } => ({
  plan: jest.fn<typeof answer, Parameters<Planner['plan']>>(() => answer),
});

describe('sources of plans', () => {
  it('are called in order until one returns an outcome', () => {
    const silent = source(undefined);
    const last = source(says('last'));
    expect(firstOf(silent, source(says('first')), last).plan(REQUEST, OPTIONS)).toEqual(says('first'));
    expect(silent.plan).toHaveBeenCalledWith(REQUEST, OPTIONS);
    expect(last.plan).not.toHaveBeenCalled();
  });

  it('may be asynchronous, and still return undefined', async () => {
    const later = firstOf(
      source(Promise.resolve(undefined)),
      source(undefined),
      source(Promise.resolve(says('later'))),
      source(says('never')),
    );
    await expect(later.plan(REQUEST, OPTIONS)).resolves.toEqual(says('later'));
  });

  it('that all return undefined have no outcome', async () => {
    expect(firstOf().plan(REQUEST, OPTIONS)).toBeUndefined();
    expect(firstOf(source(undefined)).plan(REQUEST, OPTIONS)).toBeUndefined();
    await expect(firstOf(source(Promise.resolve(undefined))).plan(REQUEST, OPTIONS)).resolves.toBeUndefined();
  });

  it('that fail are not skipped', async () => {
    const failing = source(Promise.reject(new Error('no luck')));
    const next = source(says('next'));
    await expect(firstOf(failing, next).plan(REQUEST, OPTIONS)).rejects.toThrow('no luck');
    expect(next.plan).not.toHaveBeenCalled();
  });
});
