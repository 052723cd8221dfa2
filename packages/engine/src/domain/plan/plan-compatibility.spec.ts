import type { Plan, ServiceId, Spec } from '@orra-ts/protocol';
import { pinServices, problemsBeforeData, compatibilityProblems } from './plan-compatibility';
import type { PlannableService } from './plan-services';

const object = (properties: object, ...required: string[]): Spec =>
  ({ type: 'object', properties, required }) as unknown as Spec;
const TEXT = { type: 'string' };
const WHOLE = { type: 'integer' };

function service(name: string, input: Spec, output: Spec, id = `s_${name}`): PlannableService {
  return {
    id: id as ServiceId,
    name,
    description: `does ${name}`,
    schema: { input, output },
    revertible: false,
    updatedAt: 1,
  };
}

const FIND = service('find', object({ id: TEXT }, 'id'), object({ address: object({ line: TEXT }), name: TEXT }));
const SHIP = service('ship', object({ line: TEXT, count: WHOLE, note: TEXT }, 'line'), object({ tracking: TEXT }));
const SERVICES = [FIND, SHIP];

const PLAN: Plan = {
  tasks: [
    { id: 'task1', service: 'find', input: { id: '$task0.customerId' } },
    { id: 'task2', service: 'ship', input: { line: '$task1.address.line', count: 2 } },
  ],
};
const pinned = pinServices(PLAN, SERVICES);

const after = (...services: PlannableService[]): string[] =>
  compatibilityProblems({ plan: PLAN, pinned }, services).map(
    ({ taskId, field, message }) => `${taskId} ${field}: ${message}`,
  );

describe('a plan relies on', () => {
  it('nothing if nothing has changed', () => {
    expect(pinned).toEqual({ find: FIND.schema, ship: SHIP.schema });
    expect(after(...SERVICES)).toEqual([]);
  });

  it.each<[string, PlannableService[], string[]]>([
    [
      'the services it names',
      [FIND],
      ['task2 service: "ship" was a service, is removed: no service has this id or name'],
    ],
    [
      'an unambiguous name',
      [FIND, SHIP, service('ship', object({ other: TEXT }), SHIP.schema.output, 's_second')],
      ['task2 service: "ship" was one service, is ambiguous: s_ship and s_second have this name and different schemas'],
    ],
    [
      'the inputs it sets and their rules',
      [FIND, service('ship', object({ line: TEXT, count: { ...WHOLE, maximum: 1 } }, 'line'), SHIP.schema.output)],
      ['task2 input.count: maximum was not set, is 1 (input of ship)'],
    ],
    [
      'no required input beyond those it sets',
      [FIND, service('ship', object({ line: TEXT, count: WHOLE, note: TEXT }, 'note', 'count'), SHIP.schema.output)],
      ['task2 input.note: was optional, is required ({"type":"string"}) (input of ship)'],
    ],
    [
      'the outputs it refers to',
      [service('find', FIND.schema.input, object({ address: object({ line: WHOLE }), name: TEXT })), SHIP],
      ['task2 input.line: "address.line" type was "string", is "integer" (output of find)'],
    ],
  ])('%s', (_, services, problems) => expect(after(...services)).toEqual(problems));

  it.each<[string, PlannableService[]]>([
    [
      'a new optional input',
      [FIND, service('ship', object({ ...SHIP.schema.input.properties, more: TEXT }, 'line'), SHIP.schema.output)],
    ],
    [
      'a change of an input it does not set',
      [FIND, service('ship', object({ line: TEXT, count: WHOLE, note: WHOLE }), SHIP.schema.output)],
    ],
    [
      'an additional output',
      [service('find', FIND.schema.input, object({ ...FIND.schema.output.properties, more: TEXT })), SHIP],
    ],
    [
      'a change of an output it does not refer to',
      [service('find', FIND.schema.input, object({ address: object({ line: TEXT }), name: WHOLE })), SHIP],
    ],
    [
      'a description',
      [
        { ...FIND, description: 'other' },
        service('ship', { ...SHIP.schema.input, description: 'other' }, SHIP.schema.output),
      ],
    ],
    ['another id under the same name', [FIND, { ...SHIP, id: 's_new' as ServiceId }]],
    ['a replica with the same schema', [FIND, SHIP, { ...SHIP, id: 's_new' as ServiceId }]],
  ])('nothing else: %s does not matter', (_, services) => expect(after(...services)).toEqual([]));

  it('every change of every task', () => {
    expect(
      after(
        service('find', object({ id: WHOLE }, 'id'), object({ name: TEXT })),
        service('ship', object({ count: WHOLE }), SHIP.schema.output),
      ),
    ).toEqual([
      'task1 input.id: type was "string", is "integer" (input of find)',
      'task2 input.line: was {"type":"string"}, is removed (input of ship)',
      'task2 input.line: "address" was {"type":"object","properties":{"line":{"type":"string"}},"required":[]}, is removed (output of find)',
    ]);
  });

  it('nothing of a service that was missing or ambiguous when the plan was registered', () => {
    expect(pinServices(PLAN, [FIND, FIND, SHIP, { ...SHIP, schema: FIND.schema }])).toEqual({ find: FIND.schema });
    expect(compatibilityProblems({ plan: PLAN, pinned: pinServices(PLAN, []) }, [])).toEqual([]);
    expect(compatibilityProblems({ plan: PLAN }, [])).toEqual([]);
  });

  it('only its own services, even if a name is that of an inherited member', () => {
    const plan: Plan = { tasks: [{ id: 'task1', service: 'constructor', input: { toString: '$task0.x' } }] };
    expect(
      compatibilityProblems({ plan, pinned: {} }, [service('constructor', object({ x: TEXT }), object({ y: TEXT }))]),
    ).toEqual([]);
  });
});

describe('without data, a plan fits its services', () => {
  const problems = (plan: Plan, services: PlannableService[] = SERVICES): unknown[] =>
    problemsBeforeData(plan, services).map(({ taskId, field }) => `${taskId} ${field}`);
  const shipping = (input: Record<string, unknown>): Plan => ({ tasks: [{ id: 'task1', service: 'ship', input }] });

  it('for any later data', () => {
    expect(problems(PLAN)).toEqual([]);
    expect(problems(shipping({ line: '$task0.address.line', count: '$task0.count' }))).toEqual([]);
    expect(problems({ tasks: [{ id: 'task0', input: { line: '$task0.line' } }, ...PLAN.tasks] })).toEqual([]);
  });

  it('unless it has another problem', () => {
    expect(problems(shipping({ count: 'two' }))).toEqual(['task1 input.line', 'task1 input.count']);
    expect(problems(shipping({ line: '$task0.line', lime: '$task0.line' }))).toEqual(['task1 input.lime']);
    expect(problems(PLAN, [FIND])).toEqual(['task2 service']);
  });
});
