import type { PlanTask, Spec } from '@orra-ts/protocol';
import { TEXT, check, fields, object, plan, problemsOf, service, ship } from '../../../test/support/plans';
import { validatePlan } from './plan-validation';
import { fitProblems } from '../spec/spec-fit';

describe('plans of hostile size are checked in linear time (E8)', () => {
  const ALL = service('all', object({ lists: { type: 'array', items: { type: 'array', items: TEXT } }, more: TEXT }));
  const LIST: Spec = { type: 'array', items: TEXT };
  const GIVE = service('give', object({ any: TEXT }), {
    schema: { input: object({ any: TEXT }), output: object({ list: LIST }) },
  });

  it('200 tasks with lists of references to one large value', () => {
    const big = Array.from({ length: 100_000 }, () => 'x');
    const tasks = Array.from({ length: 199 }, (_, index): PlanTask => {
      return {
        id: `task${index + 1}`,
        service: 'all',
        input: { lists: Array.from({ length: 2_000 }, () => '$task0.big') },
      };
    });
    const give: PlanTask = { id: 'give', service: 'give', input: {} };
    const used: PlanTask = {
      id: 'used',
      service: 'all',
      input: { lists: Array.from({ length: 100_000 }, () => '$give.list') },
    };
    expect(problemsOf(validatePlan(plan(...tasks), fields({ big }), [ALL, GIVE]))).toBe('');
    expect(problemsOf(validatePlan(plan(give, used), null, [ALL, GIVE]))).toBe('');
    const wrong = [...big.slice(1), 5];
    const validation = validatePlan(plan(...tasks), fields({ big: wrong }), [ALL, GIVE]);
    expect(validation.ok ? 0 : validation.problems.length).toBe(100);
  });

  /** A list that counts the reads of one of its items. */
  function counted(items: readonly unknown[]): { readonly list: unknown[]; readonly looks: () => number } {
    let looks = 0;
    const list = new Proxy([...items], {
      get: (target, name, receiver): unknown => {
        if (typeof name === 'string' && /^\d+$/.test(name)) looks++;
        return Reflect.get(target, name, receiver);
      },
    });
    return { list, looks: () => looks };
  }
  const ones = (length: number): number[] => Array.from({ length }, () => 1);
  const numbers = (): Spec => ({ type: 'array', items: { type: 'integer' } });
  const wiredTo = (specs: readonly Spec[], list: unknown[]): string => {
    const inputs = specs.map((spec, index) => [`f${index}`, spec] as const);
    const input = Object.fromEntries(inputs.map(([name]) => [name, '$task0.list']));
    const many = service('many', object(Object.fromEntries(inputs)));
    return problemsOf(validatePlan(plan({ id: 'task1', service: 'many', input }), fields({ list }), [many]));
  };

  it('a value is compared once with each schema, even if the schema is repeated', () => {
    const { list, looks } = counted(ones(1_000));
    expect(wiredTo(Array.from({ length: 50 }, numbers), list)).toBe('');
    expect(looks()).toBe(1_000);
    expect(wiredTo(Array.from({ length: 2 }, numbers), [...list, 'x'])).toMatch(
      /task1.input.f0: .*\[1000\], which must be integer.*; task1.input.f1: .*\[1000\], which must be integer/,
    );
  });

  it.each<[string, number, (index: number) => Spec]>([
    ['values', 200_000, (index) => ({ ...numbers(), maxItems: 2_000_000 + index })],
    [
      'options',
      201,
      () => ({ type: 'array', items: { type: 'integer', enum: Array.from({ length: 1_000 }, (_, n) => n) } }),
    ],
  ])('one check reads only a bounded number of %s', (_, most, spec) => {
    const { list, looks } = counted(ones(1_000_000));
    expect(
      wiredTo(
        Array.from({ length: 50 }, (_one, index) => spec(index)),
        list,
      ),
    ).toBe('');
    expect(looks()).toBeLessThanOrEqual(most);
    expect(wiredTo([numbers()], ['x', ...ones(1_000_000)])).toMatch(/\[0\], which must be integer/);
  });

  it('an object is read once for each required member', () => {
    const names = Array.from({ length: 1_000 }, (_, index) => `f${index}`);
    const required = counted(names);
    const wide = {
      ...object(Object.fromEntries(names.map((name) => [name, TEXT]))),
      required: required.list as string[],
    };
    const full = Object.fromEntries(names.map((name) => [name, 'x']));
    expect([...fitProblems(full, wide)]).toEqual([]);
    expect(required.looks()).toBe(1_000);
  });

  it('names, strings and paths of a million characters', () => {
    const long = 'a.'.repeat(500_000);
    expect(check([ship({ to: `$task0.${long}` })], { a: 'x' })).toMatch(/which does not exist; submitted: a$/);
    expect(check([ship({ to: `$task1.${long}b` }, 'task2'), ship({ to: 'x' }, 'task1')])).toMatch(/does not return/);
    expect(check([ship({ to: `$${long}x` })])).toMatch(/is not a task of this plan/);
    expect(check([ship({ to: 'x', [long]: 1 })])).toMatch(/is not an input of ship/);
  });

  it('services are resolved once per name, until the list of problems is full', () => {
    const services = Array.from({ length: 500 }, (_, index) => service(`service-${index}`, object({ a: TEXT })));
    const looksFor = (nameOf: (index: number) => string): number => {
      const { list, looks } = counted(services);
      const tasks = Array.from({ length: 200 }, (_, index) => ({ id: `t${index}`, service: nameOf(index), input: {} }));
      const validation = validatePlan(plan(...tasks), null, list as typeof services);
      expect(validation.ok ? 0 : validation.problems.length).toBe(100);
      return looks();
    };
    const looksForOne = looksFor(() => 'nobody');
    expect(looksFor((index) => `nobody-${index}`)).toBe(100 * looksForOne);
  });

  it('thousands of services, outputs and fields', () => {
    const services = Array.from({ length: 5_000 }, (_, index) => service(`service-${index}`, object({ a: TEXT })));
    const tasks = Array.from({ length: 200 }, (_, index): PlanTask => {
      return { id: `task${index}x`, service: 'no-such-service', input: {} };
    });
    const validation = validatePlan(plan(...tasks), null, services);
    expect(validation.ok ? 0 : validation.problems.length).toBe(100);
    const wide = service(
      'wide',
      object(Object.fromEntries(Array.from({ length: 20_000 }, (_, index) => [`f${index}`, TEXT]))),
    );
    const input = Object.fromEntries(Array.from({ length: 20_000 }, (_, index) => [`g${index}`, 'x']));
    const wider = validatePlan(plan({ id: 'task1', service: 'wide', input }), null, [wide]);
    expect(wider.ok ? 0 : wider.problems.length).toBe(100);
  });
});
