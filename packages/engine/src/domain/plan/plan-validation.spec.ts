import type { PlanTask, ServiceId } from '@orra-ts/protocol';
import { SHIP, TEXT, check, fields, object, plan, problemsOf, service, ship } from '../../../test/support/plans';
import { planFormProblems, validatePlan, type PlanValidation } from './plan-validation';
import { describeProblems } from './plan-problems';

describe('the services of a plan', () => {
  it('may be named by id, by id in upper case, and by name', () => {
    for (const name of ['s_ship', 'S_SHIP', 'ship', ' ship ']) {
      const validation = validatePlan(plan({ id: 'task1', service: name, input: { to: 'x' } }), null, [SHIP]);
      expect(validation).toMatchObject({ ok: true, plan: { tasks: [{ serviceId: 's_ship', serviceName: 'ship' }] } });
    }
  });

  it('of one name and schema are equivalent: the newest is used', () => {
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

  it('of one name with different schemas are ambiguous, and the difference is shown', () => {
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

  it('copy their properties to the task', () => {
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

  it('are reported as missing if none is registered', () => {
    expect(problemsOf(validatePlan(plan(ship({ to: 'x' })), null, []))).toMatch(/none is registered in this project/);
  });
});

describe('a schema that changed after the plan was written', () => {
  it('is reported with the new and the removed inputs', () => {
    const changed = service('ship', object({ destination: TEXT, note: { type: 'integer' } }, ['destination']));
    const problems = problemsOf(validatePlan(plan(ship({ to: 'x', note: 'fast' })), null, [changed]));
    expect(problems).toBe(
      'task1.input.to: is not an input of ship; its inputs are: note, destination; ' +
        'task1.input.destination: is required and missing, it must be string (ship); ' +
        'task1.input.note: must be integer, found string "fast" (ship)',
    );
  });
});

describe('data', () => {
  it('that look like references are data, and are checked as data', () => {
    expect(check([ship({ to: '$task0.city' })], { city: '$task7.x' })).toBe('');
    expect(check([ship({ to: 'x', lines: '$task0.lines' })], { lines: '$task7.x' })).toBe(
      'task1.input.lines: gets the submitted field "lines", which must be array of object, found string "$task7.x"',
    );
  });

  it('are checked at any depth', () => {
    expect(check([ship({ to: 'x', lines: '$task0.lines' })], { lines: [{ sku: 'a' }, {}] })).toBe(
      'task1.input.lines: gets the submitted field "lines"[1].sku, which is required and missing, it must be string',
    );
    expect(check([ship({ to: '$task0.address.city' })], { address: { city: 5 } })).toMatch(
      /must be string, found number 5/,
    );
    expect(check([ship({ to: '$task0.address.city' })], { address: { town: 'x' } })).toMatch(
      /"address.city", which does not exist; submitted: address/,
    );
    expect(check([ship({ to: '$task0.address.city' })], { 'address.city': 'x' })).toBe('');
  });

  it('may be omitted if they are optional for the submitter and for the service', () => {
    const optionalData = new Set(['note', 'sku', 'city']);
    expect(check([ship({ to: 'x', note: '$task0.note' })], {}, { optionalData })).toBe('');
    expect(check([ship({ to: 'x', note: '$task0.note' })], {})).toMatch(
      /"note", which does not exist; submitted: nothing/,
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

  it('are reported with all their problems', () => {
    expect(check([ship({ to: 'x', lines: '$task0.lines' })], { lines: [{ sku: 5 }, 'x', { sku: 'a' }, {}] })).toBe(
      [
        '[0].sku, which must be string, found number 5',
        '[1], which must be object, found string "x"',
        '[3].sku, which is required and missing, it must be string',
      ]
        .map((what) => `task1.input.lines: gets the submitted field "lines"${what}`)
        .join('; '),
    );
  });

  it('that are misspelled are reported with the nearest submitted fields', () => {
    const data = Object.fromEntries(
      ['a', 'adress', 'amount', 'note', 'x1', 'x2', 'x3', 'x4', 'x5', 'x6'].map((f) => [f, 1]),
    );
    expect(check([ship({ to: '$task0.address' })], data)).toBe(
      'task1.input.to: refers to the submitted field "address", which does not exist; ' +
        'submitted: adress, a, amount, note, x1, x2, x3, x4 and 2 more',
    );
  });

  it('are not confused by a task0 that refers to another field', () => {
    const zero: PlanTask = { id: 'task0', input: { city: '$task0.name', name: '$task0.name' } };
    const problem = problemsOf(
      validatePlan(plan(zero, ship({ to: '$task0.city' })), fields({ city: 'Paris', name: 'A' }), [SHIP]),
    );
    expect(problem).toMatch(/^task0.input.city: must be the submitted value/);
  });

  it('may be listed by a task0 that omits missing fields', () => {
    const zero: PlanTask = { id: 'task0', input: { city: '$task0.city', note: '$task0.note' } };
    const tasks = [zero, ship({ to: '$task0.city', note: '$task0.note' })];
    expect(check(tasks, { city: 'Paris' }, { optionalData: new Set(['note']) })).toBe('');
    expect(check(tasks, { city: 'Paris' })).toMatch(/^task0.input.note: task0 cannot refer to a task/);
  });

  it('do not have a service, nor does task0', () => {
    expect(check([{ ...ship({}, 'task0') }, ship({ to: 'x' })])).toMatch(/^task0.service: holds the submitted data/);
    expect(check([ship({ to: 'x' }, 'TASK0')])).toMatch(
      /^TASK0.id: is reserved for the submitted data and is written task0/,
    );
  });

  it('with the names of inherited members are found only if they were submitted', () => {
    expect(check([ship({ to: '$task0.constructor' })], {})).toMatch(/"constructor", which does not exist/);
    expect(check([ship({ to: '$task0.__proto__' })], JSON.parse('{"__proto__":"x"}') as Record<string, unknown>)).toBe(
      '',
    );
  });
});

describe('constants in task0', () => {
  const zero: PlanTask = { id: 'task0', input: { city: 'Paris', mode: 'fast', limit: 7.5 } };
  const tasks = [zero, ship({ to: '$task0.city', note: '$task0.mode' })];
  const withAction = (action: string): PlanValidation =>
    validatePlan(plan(...tasks), fields({ city: 'Paris' }), [SHIP], { action });

  it('come from the words of the action, and are distinguished from submitted fields', () => {
    const validation = withAction('Ship it FAST, for at most $7.50!');
    expect(validation).toMatchObject({ ok: true, plan: { taskZero: { city: 'Paris', mode: 'fast', limit: 7.5 } } });
    expect(validation.ok && validation.plan.constants).toEqual(['mode', 'limit']);
  });

  it('that are not in the action are rejected with the remedy', () => {
    expect(problemsOf(withAction('Ship it at breakfast for 7'))).toBe(
      'task0.input.mode: string "fast" was neither submitted nor is it in the action; ' +
        'submit it as data, or write it as a literal in the input of the task that needs it; ' +
        'task0.input.limit: number 7.5 was neither submitted nor is it in the action; ' +
        'submit it as data, or write it as a literal in the input of the task that needs it',
    );
    expect(check(tasks, { city: 'Paris' })).toMatch(/mode: string "fast" was neither submitted/);
  });

  it('do not exist if everything was submitted', () => {
    const validation = validatePlan(plan(ship({ to: '$task0.city' })), fields({ city: 'Paris' }), [SHIP]);
    expect(validation.ok && 'constants' in validation.plan).toBe(false);
  });

  it('that a planner extracted from the action do not count as submitted, and are not searched again', () => {
    const taken = fields({ city: 'true' });
    const validation = validatePlan(plan(ship({ to: '$task0.city' })), null, [SHIP], { taken });
    expect(validation).toMatchObject({ ok: true, plan: { taskZero: { city: 'true' }, constants: ['city'] } });
  });

  it('that JSON cannot represent exactly are rejected as numbers, in any notation', () => {
    const account = (value: unknown): string =>
      problemsOf(
        validatePlan(plan({ id: 'task0', input: { account: value } }, ship({ to: 'x' })), null, [SHIP], {
          action: 'Pay to account 12345678901234567890',
        }),
      );
    expect(account(JSON.parse('12345678901234567890'))).toBe(
      'task0.input.account: is an integer beyond 9007199254740991, which JSON cannot represent exactly; ' +
        'submit it as data, or as a string',
    );
    expect(account('12345678901234567890')).toBe('');
  });

  it('are at most a hundred (E8)', () => {
    const input = Object.fromEntries(Array.from({ length: 100_000 }, (_, index) => [`f${index}`, 'x']));
    const problem = problemsOf(
      validatePlan(plan({ id: 'task0', input }, ship({ to: 'x' })), null, [SHIP], { action: 'x' }),
    );
    expect(problem).toBe('task0.input: has 100000 fields that were not submitted, at most 100 are allowed');
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

  it('are bounded in number, regardless of the size of the plan (E8)', () => {
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

  it('of literals that JSON cannot represent exactly are reported with their place; submitted numbers are not', () => {
    const task = ship({
      to: 'x',
      lines: [
        { sku: 'a', price: 2 ** 53 - 1 },
        { sku: 'b', price: -(2 ** 53) },
      ],
    });
    expect(planFormProblems(plan(task))).toEqual([
      {
        taskId: 'task1',
        field: 'input.lines[1].price',
        message: expect.stringMatching(/cannot represent exactly; submit it as data, or as a string$/) as string,
      },
    ]);
    expect(check([ship({ to: 'x' })], { account: 2 ** 60 })).toBe('');
  });

  it('of depth concern what a plan adds, not the data that task0 repeats', () => {
    const nested = (levels: number): unknown => {
      let value: unknown = 'x';
      for (let level = 0; level < levels; level++) value = { n: value };
      return value;
    };
    const takes = service('takes', object({ tree: object({}) }));
    const repeated = (levels: number, data: Record<string, unknown>): string => {
      const zero: PlanTask = { id: 'task0', input: { tree: nested(levels) } };
      const use: PlanTask = { id: 'task1', service: 'takes', input: { tree: '$task0.tree' } };
      return problemsOf(validatePlan(plan(zero, use), fields(data), [takes]));
    };
    expect(repeated(500, { tree: nested(500) })).toBe('');
    expect(repeated(70, {})).toBe('task0.input: is nested more than 64 levels deep');
    expect(repeated(40_000, { tree: nested(500) })).toMatch(/^task0.input.tree: must be the submitted value/);
    const literal: PlanTask = { id: 'task1', service: 'takes', input: { tree: nested(70) } };
    expect(problemsOf(validatePlan(plan(literal), fields({ tree: nested(70) }), [takes]))).toBe(
      'task1.input: is nested more than 64 levels deep',
    );
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
      {
        taskId: 'task1',
        field: 'input.to',
        message: 'tasks wait for each other: task1 -> task2 -> task1; remove one of these references',
      },
    ]);
    expect(planFormProblems(plan())).toEqual([{ message: 'the plan has no task besides task0' }]);
    expect(planFormProblems(plan(ship({ to: '$task0.any', note: '$task2.done' }), ship({}, 'task2')))).toEqual([]);
  });

  it('of the order of reverts are found in the form; null and absent are the default', () => {
    const one = plan(ship({ to: '$task0.any' }));
    for (const compensation of [undefined, null, 'parallel'] as const) {
      expect(planFormProblems({ ...one, compensation })).toEqual([]);
    }
    expect(planFormProblems({ ...one, compensation: 'serial' as 'parallel' })).toEqual([
      { field: 'compensation', message: 'must be `parallel`, or absent for reverts one at a time' },
    ]);
  });

  it('of a long chain show it shortened', () => {
    const chain = Array.from({ length: 60 }, (_, index) =>
      ship({ to: index === 0 ? 'x' : `$step${index}.done` }, `step${index + 1}`),
    );
    expect(planFormProblems(plan(...chain))).toEqual([
      {
        taskId: 'step51',
        message:
          'is number 51 in a chain of 60 tasks, each waiting for the one before: ' +
          'step1 -> step2 -> step3 -> step4 -> ... -> step58 -> step59 -> step60; at most 50 are allowed',
      },
    ]);
    expect(planFormProblems(plan(...chain.slice(0, 50)))).toEqual([]);
  });
});
