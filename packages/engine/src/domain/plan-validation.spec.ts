import type { DataField, Plan, PlanTask, ServiceId, Spec } from '@orra-ts/protocol';
import {
  describeProblems,
  planFormProblems,
  validatePlan,
  type PlannableService,
  type PlanValidation,
  type PlanValidationOptions,
} from './plan-validation';

const object = (properties: Record<string, Spec>, required: string[] = []): Spec => ({
  type: 'object',
  properties,
  required,
});
const TEXT: Spec = { type: 'string' };

function service(name: string, input: Spec, more: Partial<PlannableService> = {}): PlannableService {
  return {
    id: `s_${name.replaceAll('-', '')}` as ServiceId,
    name,
    description: `the ${name}`,
    schema: { input, output: object({ done: TEXT, total: { type: 'number' } }) },
    revertible: false,
    updatedAt: 1,
    ...more,
  };
}

const SHIP = service(
  'ship',
  object({ to: TEXT, note: TEXT, lines: { type: 'array', items: object({ sku: TEXT }, ['sku']) } }, ['to']),
);
const plan = (...tasks: PlanTask[]): Plan => ({ tasks });
const ship = (input: Record<string, unknown>, id = 'task1'): PlanTask => ({ id, service: 'ship', input });
const fields = (values: Record<string, unknown>): DataField[] =>
  Object.entries(values).map(([field, value]) => ({ field, value }));

const problemsOf = (validation: PlanValidation): string => (validation.ok ? '' : describeProblems(validation.problems));
const check = (
  tasks: PlanTask[],
  data: Record<string, unknown> | null = null,
  options?: PlanValidationOptions,
): string => problemsOf(validatePlan(plan(...tasks), data && fields(data), [SHIP], options));

describe('the services of a plan', () => {
  it('may be named by id, by id in upper case, and by name', () => {
    for (const name of ['s_ship', 'S_SHIP', 'ship', ' ship ']) {
      const validation = validatePlan(plan({ id: 'task1', service: name, input: { to: 'x' } }), null, [SHIP]);
      expect(validation).toMatchObject({ ok: true, plan: { tasks: [{ serviceId: 's_ship', serviceName: 'ship' }] } });
    }
  });

  it('of one name and schema are one: the newest is taken', () => {
    const newer = { ...SHIP, id: 's_newer' as ServiceId, updatedAt: 2 };
    for (const services of [
      [SHIP, newer],
      [newer, SHIP],
    ]) {
      expect(validatePlan(plan(ship({ to: 'x' })), null, services)).toMatchObject({
        ok: true,
        plan: { tasks: [{ serviceId: 's_newer' }] },
      });
    }
  });

  it('of one name and different schemas are not chosen between, and the difference is shown', () => {
    const newer = service('ship', object({ to: TEXT, weight: { type: 'number' } }, ['to', 'weight']), {
      id: 's_newer' as ServiceId,
      updatedAt: 2,
    });
    const problem = problemsOf(validatePlan(plan(ship({ to: 'x' })), null, [SHIP, newer]));
    expect(problem).toMatch(
      /task1.service: "ship" is registered 2 times with different schemas: s_newer \(the newest\) and s_ship differ at input/,
    );
    expect(problem).toContain('input.properties.weight');
    expect(validatePlan(plan({ ...ship({ to: 'x' }), service: 's_ship' }), null, [SHIP, newer]).ok).toBe(true);
  });

  it('hand their facts to the task', () => {
    const slow = { ...SHIP, revertible: true, timeoutMs: 90_000 };
    const validation = validatePlan(plan(ship({ to: 'x' })), null, [slow]);
    expect(validation).toMatchObject({
      ok: true,
      plan: {
        tasks: [
          {
            capability: 'the ship',
            revertible: true,
            timeoutMs: 90_000,
            dependsOn: [],
            outputSpec: SHIP.schema.output,
          },
        ],
      },
    });
  });

  it('that are none at all are said to be none', () => {
    expect(problemsOf(validatePlan(plan(ship({ to: 'x' })), null, []))).toMatch(/none is registered in this project/);
  });
});

describe('a schema that changed after the plan was written', () => {
  it('shows in the problems what is asked for now and what is no more', () => {
    const changed = service('ship', object({ destination: TEXT, note: { type: 'integer' } }, ['destination']));
    const problems = problemsOf(validatePlan(plan(ship({ to: 'x', note: 'fast' })), null, [changed]));
    expect(problems).toBe(
      'task1.input.to: ship has no such input; it takes: destination, note; ' +
        'task1.input.destination: is required and not given (ship); ' +
        'task1.input.note: must be integer, found string "fast" (ship)',
    );
  });
});

describe('data', () => {
  it('that look like references are data, and checked as such', () => {
    expect(check([ship({ to: '$task0.city' })], { city: '$task7.x' })).toBe('');
    expect(check([ship({ to: 'x', lines: '$task0.lines' })], { lines: '$task7.x' })).toBe(
      'task1.input.lines: gets the submitted field "lines", which must be array, found string "$task7.x"',
    );
  });

  it('are checked to their depth', () => {
    expect(check([ship({ to: 'x', lines: '$task0.lines' })], { lines: [{ sku: 'a' }, {}] })).toBe(
      'task1.input.lines: gets the submitted field "lines"[1].sku, which is required and not given',
    );
    expect(check([ship({ to: '$task0.address.city' })], { address: { city: 5 } })).toMatch(
      /must be string, found number 5/,
    );
    expect(check([ship({ to: '$task0.address.city' })], { address: { town: 'x' } })).toMatch(
      /"address.city", which is not there; submitted: address/,
    );
    expect(check([ship({ to: '$task0.address.city' })], { 'address.city': 'x' })).toBe('');
  });

  it('may be left out where the submitter need not send them and the service need not have them', () => {
    const optionalData = new Set(['note', 'sku', 'city']);
    expect(check([ship({ to: 'x', note: '$task0.note' })], {}, { optionalData })).toBe('');
    expect(check([ship({ to: 'x', note: '$task0.note' })], {})).toMatch(
      /"note", which is not there; submitted: nothing/,
    );
    expect(check([ship({ to: '$task0.city' })], {}, { optionalData })).toBe(
      'task1.input.to: is required, and "city" was not submitted',
    );
    expect(check([ship({ to: 'x', lines: [{ sku: '$task0.sku' }] })], {}, { optionalData })).toMatch(
      /lines\[0\].sku: is required, and/,
    );
    expect(check([ship({ to: 'x', lines: ['$task0.sku'] })], {}, { optionalData })).toMatch(
      /lines\[0\]: is required, and/,
    );
  });

  it('keep what a plan adds to them in task0', () => {
    const zero: PlanTask = { id: 'task0', input: { city: 'Paris', mode: 'fast' } };
    const validation = validatePlan(
      plan(zero, ship({ to: '$task0.city', note: '$task0.mode' })),
      fields({ city: 'Paris' }),
      [SHIP],
    );
    expect(validation).toMatchObject({ ok: true, plan: { taskZero: { city: 'Paris', mode: 'fast' } } });
  });

  it('are not mistaken for each other by a task0 that refers to another field', () => {
    const zero: PlanTask = { id: 'task0', input: { city: '$task0.name', name: '$task0.name' } };
    const problem = problemsOf(
      validatePlan(plan(zero, ship({ to: '$task0.city' })), fields({ city: 'Paris', name: 'A' }), [SHIP]),
    );
    expect(problem).toMatch(/^task0.input.city: must hold the submitted value/);
  });

  it('are not a service: task0 has none', () => {
    expect(check([{ ...ship({}, 'task0') }, ship({ to: 'x' })])).toMatch(
      /^task0.service: stands for the submitted data/,
    );
    expect(check([ship({ to: 'x' }, 'TASK0')])).toMatch(/^TASK0.id: is used by more than one task/);
  });

  it('with the names of members that every object has are found only if they were submitted', () => {
    expect(check([ship({ to: '$task0.constructor' })], {})).toMatch(/"constructor", which is not there/);
    expect(check([ship({ to: '$task0.__proto__' })], JSON.parse('{"__proto__":"x"}') as Record<string, unknown>)).toBe(
      '',
    );
  });
});

describe('texts with a dollar sign', () => {
  it.each(['$100', '$', 'costs $5.00', 'mail a$b.com', '$task', '$unknown', 'see $task9.x', '$task1 is done'])(
    '%j is a literal',
    (text) => {
      expect(check([ship({ to: text })])).toBe('');
    },
  );

  it.each([
    ['$5.00', /refers to 5, which is no task of this plan; a text of this form has to be submitted as data/],
    ['Dear $task0.name', /mixes text and a reference/],
    ['$task0.name and $task0.name', /mixes text and a reference/],
    ['$5.00 for $task0.name', /mixes text and a reference/],
    ['$task0', /names a task, but nothing of its output; write \$task0.field/],
  ])('%j is a mistake', (text, says) => {
    expect(check([ship({ to: text })], { name: 'A' })).toMatch(says);
    expect(describeProblems(planFormProblems(plan(ship({ to: text }))))).toMatch(says);
  });

  it('tell a reference by the ids of the plan, whatever they look like', () => {
    expect(check([ship({ to: 'Dear $left.done' }), ship({ to: 'x' }, 'left')])).toMatch(/mixes text and a reference/);
  });
});

describe('problems', () => {
  it('are reported together', () => {
    const tasks = [
      ship({ note: 5, more: 1 }),
      { id: 'task2', service: 'fly', input: {} },
      ship({ to: '$task9.x' }, 'task2'),
    ];
    const validation = validatePlan(plan(...tasks), null, [SHIP]);
    const places = validation.ok ? [] : validation.problems.map(({ taskId, field }) => `${taskId}.${field}`);
    expect(places).toEqual([
      'task2.id',
      'task2.input.to',
      'task2.service',
      'task1.input.more',
      'task1.input.to',
      'task1.input.note',
    ]);
  });

  it('are as many as somebody reads, however large the plan (E8)', () => {
    const lines = Array.from({ length: 200_000 }, () => 5);
    const long = 'x'.repeat(1_000_000);
    const validation = validatePlan(
      plan(ship({ to: 'x', lines, [long]: 1 }), { id: long, service: long, input: {} }),
      null,
      [SHIP],
    );
    if (validation.ok) throw new Error('passed');
    expect(validation.problems).toHaveLength(100);
    expect(JSON.stringify(validation.problems).length).toBeLessThan(100 * 800);
    expect(describeProblems(validation.problems)).toMatch(/; and 80 more$/);
  });

  it('of the form are found without services and data', () => {
    const wrong = plan(
      ship({ to: '$task2.done', note: '$task0.any' }),
      ship({ to: '$task1.done' }, 'task2'),
      ship({ to: '$no.x' }, 'task2'),
    );
    expect(planFormProblems(wrong).map(({ taskId, field }) => `${taskId} ${field ?? ''}`.trim())).toEqual([
      'task2 id',
      'task2 input.to',
    ]);
    const cycle = plan(ship({ to: '$task2.done' }), ship({ to: '$task1.done' }, 'task2'));
    expect(planFormProblems(cycle)).toEqual([
      { taskId: 'task1', message: 'tasks wait for each other: task1 -> task2 -> task1' },
    ]);
    expect(planFormProblems(plan())).toEqual([{ message: 'the plan has no task besides task0' }]);
    expect(planFormProblems(plan(ship({ to: '$task0.any', note: '$task2.done' }), ship({}, 'task2')))).toEqual([]);
  });
});
