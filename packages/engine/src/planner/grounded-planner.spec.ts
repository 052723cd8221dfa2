import type { Grounding, ProjectId, ServiceId, Spec } from '@orra-ts/protocol';
import { explicitPlanner } from './explicit-planner';
import { groundedPlanner } from './grounded-planner';
import { firstOf, type PlanRequest, type Planner, type PlanningOutcome } from './planner';
import type { PlannableService } from '../domain/plan/plan-services';

const projectId = 'p_1' as ProjectId;
const SPEC: Spec = { type: 'object', properties: { orderId: { type: 'string' } } };
const SHIP: PlannableService = {
  id: 's_ship' as ServiceId,
  name: 'shipper',
  description: 'Ships orders',
  schema: { input: SPEC, output: SPEC },
  revertible: false,
  updatedAt: 1,
};
const grounding = (...capabilities: readonly string[]): Grounding => ({
  name: 'orders',
  domain: 'shop',
  version: '2.1',
  useCases: [{ action: 'Ship {orderId}', params: { orderId: 'o-1' }, capabilities, intent: 'goods leave' }],
  constraints: ['never on Sundays'],
});
const HIT = {
  name: 'orders',
  domain: 'shop',
  version: '2.1',
  useCase: {
    action: 'Ship {orderId}',
    params: { orderId: 'A-17' },
    capabilities: ['ship orders'],
    intent: 'goods leave',
  },
  constraints: ['never on Sundays'],
};
const EXPLICIT = { tasks: [{ id: 'task1', service: 'shipper', input: { orderId: '$task0.orderId' } }] };
const OPTIONS = { signal: () => new AbortController().signal };

const request = (changes: Partial<PlanRequest> = {}): PlanRequest => ({
  projectId,
  action: 'Ship A-17',
  data: [{ field: 'orderId', value: 'A-17' }],
  explicit: EXPLICIT,
  services: [SHIP],
  definedPlans: [],
  groundings: [grounding('ship orders')],
  ...changes,
});

/** Returns the same outcome for any request, and records the requests. */
function asked(answer: ReturnType<Planner['plan']>): Planner & { readonly requests: PlanRequest[] } {
  const requests: PlanRequest[] = [];
  return {
    requests,
    plan(one) {
      requests.push(one);
      return answer;
    },
  };
}
const atOnce = (changes: Partial<PlanRequest> = {}): PlanningOutcome | undefined => {
  const answer = groundedPlanner(firstOf(explicitPlanner)).plan(request(changes), OPTIONS);
  if (answer instanceof Promise)
    throw new Error('a plan that is available synchronously must be returned synchronously');
  return answer;
};

describe('a grounding that matches the action', () => {
  it('is passed to the sources, and reported with the capabilities that the plan covers', () => {
    const source = asked(undefined);
    expect(groundedPlanner(source).plan(request(), OPTIONS)).toBeUndefined();
    expect(source.requests).toEqual([request({ grounding: HIT })]);
    expect(atOnce()).toMatchObject({
      kind: 'planned',
      grounding: { ...HIT, coverage: [{ capability: 'ship orders', service: 'shipper', by: 'words' }] },
    });
  });

  it.each<PlanningOutcome>([
    { kind: 'not_actionable', reason: 'nobody can' },
    { kind: 'failed', reason: 'no luck' },
    { kind: 'invalid', reason: 'wrong', problems: [] },
  ])('is reported if there is no plan: $kind', async (outcome) => {
    await expect(groundedPlanner(asked(Promise.resolve(outcome))).plan(request(), OPTIONS)).resolves.toEqual({
      ...outcome,
      grounding: HIT,
    });
  });

  it('counts what a model claims of its plan, and nothing else that a source reports', () => {
    const planned = atOnce();
    if (planned?.kind !== 'planned') throw new Error('it is planned');
    const coverage = [
      { capability: 'sail', service: 'shipper', by: 'model' as const },
      { capability: 'fly', service: 'shipper', by: 'words' as const },
    ];
    const source = asked({ ...planned, grounding: { ...HIT, name: 'made-up', coverage } });
    const groundings = [grounding('sail', 'fly')];
    expect(groundedPlanner(source).plan(request({ groundings }), OPTIONS)).toMatchObject({
      kind: 'planned',
      grounding: { name: 'orders', coverage: [coverage[0]] },
    });
  });
});

describe('groundings in guide mode', () => {
  it('accept every action and every plan', () => {
    const other = atOnce({ action: 'Paint the house' });
    expect(other?.kind).toBe('planned');
    expect(other).not.toHaveProperty('grounding');
    expect(atOnce({ groundings: [grounding('sail')] })).toMatchObject({ kind: 'planned', grounding: { coverage: [] } });
  });
});

describe('groundings in strict mode', () => {
  const strictGroundings = true;

  it('accept an action that matches a use case, if the plan covers it', () => {
    expect(atOnce({ strictGroundings })).toMatchObject({ kind: 'planned', grounding: { name: 'orders' } });
  });

  it('have no effect while there is none', () => {
    expect(atOnce({ strictGroundings, groundings: [], action: 'Paint the house' })?.kind).toBe('planned');
  });

  it('reject an action that matches no use case, with the nearest ones, before calling a source', () => {
    const source = asked(undefined);
    const outcome = groundedPlanner(source).plan(request({ strictGroundings, action: 'Now ship A-17' }), OPTIONS);
    expect(outcome).toEqual({
      kind: 'failed',
      reason:
        'cannot match grounding specs against orchestration action: no matching use-case found; ' +
        'the nearest are: "Ship {orderId}" (orders). ' +
        "The project's groundings are strict: apply one with a use case for this action, or set them to guide",
    });
    expect(source.requests).toEqual([]);
    expect(atOnce({ strictGroundings, action: 'Paint' })).toMatchObject({
      kind: 'failed',
      reason: expect.stringContaining('found; no use case is similar. '),
    });
  });

  it('reject a plan that does not cover a required capability, and keep the planning record', async () => {
    const groundings = [grounding('ship orders', 'sail')];
    expect(atOnce({ strictGroundings, groundings })).toMatchObject({
      kind: 'failed',
      reason: expect.stringMatching(/^execution plan is invalid against domain: no service of the plan .*"sail"/),
      problems: [{ message: expect.stringContaining('"sail"') }],
      grounding: { coverage: [{ capability: 'ship orders' }] },
    });
    const planned = atOnce();
    if (planned?.kind !== 'planned') throw new Error('it is planned');
    const planning = { model: 'm', promptVersion: 1, durationMs: 1, attempts: [] };
    const later = groundedPlanner(asked(Promise.resolve({ ...planned, planning })));
    await expect(later.plan(request({ strictGroundings, groundings }), OPTIONS)).resolves.toMatchObject({
      kind: 'failed',
      planning,
    });
  });
});
