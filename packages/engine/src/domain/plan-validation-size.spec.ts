import type { PlanTask, Spec } from '@orra-ts/protocol';
import { TEXT, check, fields, object, plan, problemsOf, service, ship } from '../../test/support/plans';
import { validatePlan } from './plan-validation';

describe('plans of hostile size are checked in the time of reading them (E8)', () => {
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

  it('names, texts and paths of a million characters', () => {
    const long = 'a.'.repeat(500_000);
    expect(check([ship({ to: `$task0.${long}` })], { a: 'x' })).toMatch(/which is not there; submitted: a$/);
    expect(check([ship({ to: `$task1.${long}b` }, 'task2'), ship({ to: 'x' }, 'task1')])).toMatch(/does not return/);
    expect(check([ship({ to: `$${long}x` })])).toMatch(/is no task of this plan/);
    expect(check([ship({ to: 'x', [long]: 1 })])).toMatch(/ship has no such input/);
  });

  it('services, outputs and fields in thousands', () => {
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
