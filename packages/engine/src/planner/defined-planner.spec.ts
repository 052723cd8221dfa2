import type { Plan, ProjectId, ServiceId, Spec } from '@orra-ts/protocol';
import { definedPlanner, notActionable } from './defined-planner';
import { explicitPlanner } from './explicit-planner';
import { firstOf, type MatchablePlan, type PlanRequest, type PlanningOutcome } from './planner';
import type { PlannableService } from '../domain/plan/plan-services';

const INPUT: Spec = {
  type: 'object',
  properties: {
    orderId: { type: 'string' },
    quantity: { type: 'integer' },
    express: { type: 'boolean' },
    note: { type: 'string' },
  },
  required: ['orderId'],
};

const SHIP: PlannableService = {
  id: 's_ship' as ServiceId,
  name: 'ship',
  description: 'Ships orders',
  schema: { input: INPUT, output: { type: 'object', properties: { tracking: { type: 'string' } } } },
  revertible: false,
  updatedAt: 1,
};

/** A plan of one task that passes its fields to the service. */
function stored(
  name: string,
  action: string,
  required: readonly string[],
  optional: readonly string[] = [],
): MatchablePlan {
  const fields = [...required, ...optional];
  const plan: Plan = {
    tasks: [
      { id: 'task1', service: 'ship', input: Object.fromEntries(fields.map((field) => [field, `$task0.${field}`])) },
    ],
  };
  const properties = Object.fromEntries(fields.map((field) => [field, INPUT.properties?.[field]]));
  return {
    name,
    action,
    input: { type: 'object', properties, required },
    plan,
    version: 1,
  };
}

const planner = firstOf(explicitPlanner, definedPlanner, notActionable);

function outcome(
  action: string,
  definedPlans: readonly MatchablePlan[],
  request: Partial<PlanRequest> & { fields?: Record<string, unknown> } = {},
): PlanningOutcome {
  const { fields, ...rest } = request;
  const data = fields ? Object.entries(fields).map(([field, value]) => ({ field, value })) : null;
  const { signal } = new AbortController();
  const projectId = 'p_1' as ProjectId;
  const answer = planner.plan(
    { projectId, action, data, services: [SHIP], definedPlans, groundings: [], ...rest },
    { signal: () => signal },
  );
  if (answer === undefined || answer instanceof Promise) throw new Error('these sources answer at once');
  return answer;
}

const reasonOf = (answer: PlanningOutcome): string => (answer.kind === 'planned' ? 'planned' : answer.reason);
const dataOf = (answer: PlanningOutcome): unknown => (answer.kind === 'planned' ? answer.plan.taskZero : answer);

describe('a defined plan', () => {
  const ORDER = stored('ship-order', 'Ship order {orderId}', ['orderId'], ['note']);

  it('runs with values from the action', () => {
    const answer = outcome('ship order A-17!', [ORDER]);
    expect(answer).toMatchObject({ kind: 'planned', source: { kind: 'defined', name: 'ship-order' } });
    expect(dataOf(answer)).toEqual({ orderId: 'A-17' });
    // It was not submitted: an inspection distinguishes it from the data.
    expect(answer).toMatchObject({ plan: { constants: ['orderId'] } });
    const submitted = outcome('ship order A-17', [ORDER], { fields: { orderId: 'A-17' } });
    expect(submitted.kind === 'planned' && submitted.plan.constants).toBeUndefined();
  });

  it('runs with submitted data if the action equals the template', () => {
    expect(dataOf(outcome('Ship order {orderId}', [ORDER], { fields: { orderId: 'A-17', note: 'ring' } }))).toEqual({
      orderId: 'A-17',
      note: 'ring',
    });
  });

  it('gives submitted data priority over values in the action', () => {
    expect(dataOf(outcome('ship order A-17', [ORDER], { fields: { orderId: 'B-2' } }))).toEqual({ orderId: 'B-2' });
  });

  it('runs without optional data', () => {
    expect(outcome('ship order A-17', [ORDER]).kind).toBe('planned');
    const needed = { ...ORDER, plan: { tasks: [{ id: 'task1', service: 'ship', input: { orderId: '$task0.note' } }] } };
    expect(outcome('ship order A-17', [needed])).toMatchObject({
      kind: 'invalid',
      problems: [{ taskId: 'task1', field: 'input.orderId', message: 'is required, and "note" was not submitted' }],
    });
  });

  it('is rejected with the names of missing data', () => {
    const answer = outcome('Ship', [stored('ship', 'Ship', ['orderId', 'quantity'])], { fields: { quantity: 1 } });
    expect(answer).toEqual({
      kind: 'invalid',
      reason: 'the plan "ship" needs the data orderId; given: quantity',
      problems: [{ field: 'data.orderId', message: 'is required and missing' }],
    });
    expect(reasonOf(outcome('ship order {orderId}', [ORDER]))).toBe(
      'the plan "ship-order" needs the data orderId; given: nothing',
    );
  });

  it('is rejected with the difference if a service has changed since', () => {
    const changed = {
      ...SHIP,
      schema: {
        ...SHIP.schema,
        input: { type: 'object', properties: { parcel: { type: 'string' } }, required: ['parcel'] } as Spec,
      },
    };
    const answer = outcome('ship order A-17', [ORDER], { services: [changed] });
    expect(answer).toMatchObject({
      kind: 'invalid',
      problems: [
        { taskId: 'task1', field: 'input.orderId', message: 'is not an input of ship; its inputs are: parcel' },
        { taskId: 'task1', field: 'input.note' },
        { taskId: 'task1', field: 'input.parcel', message: 'is required and missing, it must be string (ship)' },
      ],
    });
    expect(reasonOf(answer)).toMatch(/^the plan "ship-order" cannot run: task1.input.orderId: is not an input of ship/);
  });

  it('may have constants in task0 only if they occur in its action', () => {
    const zero = (constant: string): MatchablePlan => ({
      ...ORDER,
      plan: { tasks: [{ id: 'task0', input: { orderId: '$task0.orderId', note: constant } }, ...ORDER.plan.tasks] },
    });
    expect(dataOf(outcome('ship order A-17', [zero('order')]))).toEqual({ orderId: 'A-17', note: 'order' });
    expect(reasonOf(outcome('ship order A-17', [zero('express')]))).toMatch(
      /task0.input.note: string "express" was neither submitted nor is it in the action/,
    );
  });

  it('is rejected if a service was removed', () => {
    expect(outcome('ship order A-17', [ORDER], { services: [] })).toMatchObject({
      kind: 'invalid',
      problems: [{ taskId: 'task1', field: 'service' }],
    });
  });
});

describe('values in an action', () => {
  const typedValue = (field: string, text: string, type?: unknown): unknown => {
    const plan = stored('ship', `Ship {${field}} now`, [field]);
    const input = type === undefined ? plan.input : { properties: { [field]: { type } } };
    const answer = outcome(
      `ship ${text} now`,
      [{ ...plan, input, plan: { tasks: [{ id: 'task1', service: 'any', input: { [field]: `$task0.${field}` } }] } }],
      {
        services: [
          {
            ...SHIP,
            name: 'any',
            schema: {
              ...SHIP.schema,
              input: { type: 'object', properties: { [field]: { type: 'string', 'x-conditional': true } } },
            },
          },
        ],
      },
    );
    return (dataOf(answer) as Record<string, unknown>)[field];
  };

  it.each([
    ['quantity', '3', 3],
    ['quantity', '-3', -3],
    ['express', 'true', true],
    ['express', 'False', false],
    ['orderId', '007', '007'],
    ['orderId', 'true', 'true'],
  ])('%s %j become %j', (field, text, value) => {
    expect(typedValue(field, text)).toEqual(value);
  });

  it('are strings wherever the plan also accepts strings', () => {
    expect(typedValue('any', '007', ['string', 'number'])).toBe('007');
    expect(typedValue('any', '7.5', ['number', 'null'])).toBe(7.5);
    expect(typedValue('any', '7', 'no type')).toBe('7');
  });

  it('of the wrong type are rejected with the field and its type', () => {
    const plan = stored('ship', 'Ship {quantity} of {orderId}', ['quantity', 'orderId']);
    const message = 'must be integer, found "many" in the action; submit it as data if it is another value';
    expect(outcome('ship many of A', [plan])).toEqual({
      kind: 'invalid',
      reason: `the plan "ship" (Ship {quantity} of {orderId}) cannot take its data from this action: data.quantity: ${message}`,
      problems: [{ field: 'data.quantity', message }],
    });
    // A submitted field is not parsed from the action.
    expect(dataOf(outcome('ship many of A', [plan], { fields: { quantity: 3 } }))).toEqual({
      quantity: 3,
      orderId: 'A',
    });
  });

  it('with two readings are rejected, unless the fields are submitted', () => {
    const plan = stored('ship', 'Ship {orderId} to {note}', ['orderId', 'note']);
    const action = 'ship letter to mom to Paris';
    expect(outcome(action, [plan], { fields: { note: 'Paris' } })).toEqual({
      kind: 'not_actionable',
      reason:
        'the plan "ship" (Ship {orderId} to {note}) can read this action in more than one way: ' +
        'orderId = "letter", note = "mom to Paris" or orderId = "letter to mom", note = "Paris"; submit the values as data',
    });
    expect(dataOf(outcome(action, [plan], { fields: { orderId: 'letter to mom', note: 'Paris' } }))).toEqual({
      orderId: 'letter to mom',
      note: 'Paris',
    });
  });
});

describe('several defined plans', () => {
  const all = [
    stored('a-plan', 'Ship order {orderId}', ['orderId']),
    stored('b-plan', 'Ship {orderId}', ['orderId']),
    stored('c-plan', '{orderId} order A', ['orderId']),
  ];

  it('that match are all named, and none runs', () => {
    expect(outcome('ship order A', all)).toEqual({
      kind: 'not_actionable',
      reason:
        'more than one defined plan matches this action: "a-plan" (Ship order {orderId}), "b-plan" (Ship {orderId}), "c-plan" ({orderId} order A)',
    });
  });

  it('are listed up to a bound (E8)', () => {
    const many = Array.from({ length: 30 }, (_, i) => stored(`plan-${i}`, 'Ship order {orderId}', ['orderId']));
    expect(reasonOf(outcome('ship order A', many))).toMatch(/"plan-19" \(Ship order \{orderId\}\), and 10 more$/);
  });

  it('are not candidates if the action equals the template of one plan', () => {
    expect(outcome('Ship order {orderId}', all, { fields: { orderId: 'A' } })).toMatchObject({
      source: { name: 'a-plan' },
    });
    const twins = [stored('a-plan', 'Ship it', []), stored('b-plan', 'ship it!', [])];
    expect(reasonOf(outcome('ship it', twins))).toMatch(/"a-plan" \(Ship it\), "b-plan" \(ship it!\)/);
  });
});

describe('an action that nothing matches', () => {
  const plans = ['Cancel order {id}', 'Ship order {id}', 'Pay bill', 'Ship all orders', 'Send mail', 'Call home'].map(
    (action, i) => stored(`plan-${i}`, action, []),
  );

  it('is rejected with at most three plans, the most similar first', () => {
    expect(reasonOf(outcome('ship the order', plans))).toBe(
      'no defined plan matches "ship the order" and no model is configured; the nearest are: "Ship order {id}", "Cancel order {id}", "Ship all orders". ' +
        'Define one with definePlan(), or send a plan with the submission',
    );
  });

  it('is rejected with some plans if none is similar, or with the fact that none is defined', () => {
    expect(reasonOf(outcome('xyz', plans))).toContain(
      '; defined are: "Cancel order {id}", "Ship order {id}", "Pay bill", "Ship all orders", "Send mail", and 1 more.',
    );
    expect(reasonOf(outcome('xyz', []))).toContain('; none is defined in this project.');
  });

  it('may have any length: it is read and quoted up to a bound (E8)', () => {
    const answer = outcome('ship order '.repeat(1_000_000), plans);
    expect(answer.kind).toBe('not_actionable');
    expect(reasonOf(answer).length).toBeLessThan(600);
    expect(reasonOf(answer)).toContain('the nearest are: "Ship order {id}"');
  });
});

describe('an explicit plan', () => {
  const explicit = (to: string): Plan => ({ tasks: [{ id: 'task1', service: 'ship', input: { orderId: to } }] });

  it('runs unchanged, regardless of the action and the defined plans', () => {
    const answer = outcome('ship order A', [stored('a-plan', 'Ship order {orderId}', ['orderId'])], {
      explicit: explicit('B'),
    });
    expect(answer).toMatchObject({
      kind: 'planned',
      source: { kind: 'explicit' },
      plan: { tasks: [{ input: { orderId: 'B' } }] },
    });
  });

  it('is rejected with its problems if it is invalid, and no other source is tried', () => {
    const answer = outcome('ship order A', [stored('a-plan', 'Ship order {orderId}', ['orderId'])], {
      explicit: explicit('$task2.x'),
    });
    expect(answer).toMatchObject({ kind: 'invalid', problems: [{ taskId: 'task1', field: 'input.orderId' }] });
    expect(reasonOf(answer)).toMatch(/^the plan cannot run: task1.input.orderId: refers to task2/);
  });
});

it('the template of a stored plan is prepared once, not per action (E8)', () => {
  let reads = 0;
  const plan = stored('ship', 'Ship order {orderId}', ['orderId']);
  const watched = Object.defineProperty({ ...plan }, 'action', {
    get: () => {
      reads++;
      return plan.action;
    },
  });
  expect(outcome('Ship order A-17', [watched]).kind).toBe('planned');
  const readsOnce = reads;
  for (let time = 0; time < 10; time++) expect(outcome(`Ship order A-${time}`, [watched]).kind).toBe('planned');
  expect(reads).toBe(readsOnce);
});
