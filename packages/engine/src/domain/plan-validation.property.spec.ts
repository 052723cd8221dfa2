import fc from 'fast-check';
import {
  PLAN_MAX_TASKS,
  type OrchestrationId,
  type Plan,
  type PlanTask,
  type ProjectId,
  type Spec,
} from '@orra-ts/protocol';
import { validPlan, type PlannedInput, type ValidPlan } from '../../test/support/plan-arbitraries';
import { Scenario } from '../../test/support/scenario';
import { planFormProblems, validatePlan, type PlanProblem } from './plan-validation';
import { resolveInput } from './references';

const validate = ({ plan, data, services }: ValidPlan): ReturnType<typeof validatePlan> =>
  validatePlan(plan, data, services);

function accepted(valid: ValidPlan): Extract<ReturnType<typeof validatePlan>, { ok: true }>['plan'] {
  const validation = validate(valid);
  if (!validation.ok) throw new Error(JSON.stringify(validation.problems));
  return validation.plan;
}

describe('a valid plan', () => {
  it('passes, and keeps its order of tasks', () => {
    fc.assert(
      fc.property(validPlan, (valid) => {
        expect(planFormProblems(valid.plan)).toEqual([]);
        const plan = accepted(valid);
        expect(plan.tasks.map(({ id }) => id)).toEqual(plannedOf(valid.plan).map(({ id }) => id));
        expect(plan.taskZero).toEqual(Object.fromEntries(valid.data.map(({ field, value }) => [field, value])));
      }),
      { numRuns: 500 },
    );
  });

  it('has every task in one group, after all that it waits for', () => {
    fc.assert(
      fc.property(validPlan, (valid) => {
        const { tasks, parallelGroups } = accepted(valid);
        expect(parallelGroups.flat().sort()).toEqual(tasks.map(({ id }) => id).sort());
        const groupOf = (id: string): number => parallelGroups.findIndex((group) => group.includes(id));
        for (const { id, dependsOn } of tasks) {
          for (const before of dependsOn) expect(groupOf(before)).toBeLessThan(groupOf(id));
        }
      }),
    );
  });

  it('ends when its services answer, whatever their order, and every task receives what was planned for it', () => {
    fc.assert(
      fc.property(validPlan, fc.infiniteStream(fc.nat()), (valid, picks) => {
        const plan = accepted(valid);
        const run = new Scenario();
        const ids = { orchestrationId: 'o_1' as OrchestrationId, projectId: 'p_1' as ProjectId };
        const action = { type: 'any', content: 'Test' };
        run.when({ kind: 'submit', submitted: { type: 'submitted', at: run.now, ...ids, action, data: valid.data } });
        run.when({ kind: 'plan', planned: { type: 'planned', at: run.now, plan, source: { kind: 'explicit' } } });
        const outputOf = (id: string): unknown => {
          if (id === 'task0') return plan.taskZero;
          const phase = run.state.tasks.get(id)?.phase;
          if (phase?.kind !== 'completed') throw new Error(`${id} is not completed`);
          return phase.output;
        };
        let last = '';
        for (let left = plan.tasks.length; left > 0; left--) {
          const running = [...run.state.tasks.values()].filter(({ phase }) => phase.kind === 'running');
          const next = running[(picks.next().value as number) % running.length];
          if (!next) throw new Error('nothing runs, and it has not ended');
          last = next.plan.id;
          expect(resolveInput(next.plan.input, outputOf)).toEqual(valid.expectedInputs.get(last));
          run.completes(last, valid.outputs.get(last));
        }
        expect(run.state.status).toBe('completed');
        expect(run.state.results).toEqual([valid.outputs.get(last)]);
        expect(run.events.filter(({ type }) => type === 'task_started')).toHaveLength(plan.tasks.length);
      }),
      { numRuns: 300 },
    );
  });
});

interface Mutant {
  readonly valid: ValidPlan;
  readonly taskId?: string;
  readonly field?: string;
  readonly says: RegExp;
}

/** Undefined: this plan has nothing to spoil in that way. */
type Mutation = (valid: ValidPlan, pick: number) => Mutant | undefined;

const plannedOf = (plan: Plan): PlanTask[] => plan.tasks.filter(({ id }) => id !== 'task0');

function pickOf<T>(items: readonly T[], pick: number): T | undefined {
  return items[pick % items.length];
}

function withTasks(valid: ValidPlan, change: (task: PlanTask) => PlanTask): ValidPlan {
  return { ...valid, plan: { tasks: valid.plan.tasks.map(change) } };
}

function withTask(valid: ValidPlan, id: string, change: Partial<PlanTask>): ValidPlan {
  return withTasks(valid, (task) => (task.id === id ? { ...task, ...change } : task));
}

function withInput(valid: ValidPlan, id: string, field: string, value: unknown): ValidPlan {
  return withTasks(valid, (task) => (task.id === id ? { ...task, input: { ...task.input, [field]: value } } : task));
}

/** Puts a value where an input's value or reference was. */
function replaced(valid: ValidPlan, { task, field, within }: PlannedInput, value: unknown): ValidPlan {
  const wrapped = within === '' ? value : within === '[0]' ? [value] : { inner: value };
  return withInput(valid, task, field, wrapped);
}

/** A mutation of one of the inputs. */
const ofInput =
  (
    suits: (input: PlannedInput) => boolean,
    change: (input: PlannedInput, valid: ValidPlan) => unknown,
    says: RegExp,
    below: (input: PlannedInput) => string = () => '',
  ): Mutation =>
  (valid, pick) => {
    const input = pickOf(valid.inputs.filter(suits), pick);
    if (!input) return undefined;
    const field = `input.${input.field}${input.within}${below(input)}`;
    return { valid: replaced(valid, input, change(input, valid)), taskId: input.task, field, says };
  };

const ofTask =
  (change: (task: PlanTask, valid: ValidPlan) => ValidPlan, field: string | undefined, says: RegExp): Mutation =>
  (valid, pick) => {
    const task = pickOf(plannedOf(valid.plan), pick) as PlanTask;
    return { valid: change(task, valid), taskId: task.id, field, says };
  };

const isType =
  (...types: Spec['type'][]) =>
  ({ typed: { spec, value } }: PlannedInput): boolean =>
    types.includes(spec.type) && value !== null;
const isLiteral = ({ source }: PlannedInput): boolean => source === 'literal';
const hasEnum = ({ typed: { spec } }: PlannedInput): boolean => spec['enum'] !== undefined;
const isFromOutput = ({ source }: PlannedInput): boolean => source === 'output';
const isFromData = ({ source }: PlannedInput): boolean => source === 'data';
const anyInput = (): boolean => true;

const MUTATIONS: Record<string, Mutation> = {
  'a required input is dropped': (valid, pick) => {
    const input = pickOf(
      valid.inputs.filter(({ required }) => required),
      pick,
    );
    if (!input) return undefined;
    const changed = withTasks(valid, (task) => {
      if (task.id !== input.task) return task;
      const { [input.field]: _, ...rest } = task.input;
      return { ...task, input: rest };
    });
    return { valid: changed, taskId: input.task, field: `input.${input.field}`, says: /is required and not given/ };
  },
  'an input is unknown': ofTask(
    (task, valid) => withInput(valid, task.id, 'more', 1),
    'input.more',
    /no such input; it takes: in0/,
  ),
  'an unknown input has the name of a member that every object has': ofTask(
    (task, valid) => withInput(valid, task.id, 'hasOwnProperty', '$task0.x'),
    'input.hasOwnProperty',
    /no such input|not there/,
  ),
  'a service is unknown': ofTask(
    (task, valid) => withTask(valid, task.id, { service: 's_zz' }),
    'service',
    /no service has the id or name "s_zz"; registered are: service-0/,
  ),
  'a service is missing': ofTask((task, valid) => withTask(valid, task.id, { service: ' ' }), 'service', /is missing/),
  'an id is used twice': (valid, pick) => {
    const task = pickOf(plannedOf(valid.plan), pick) as PlanTask;
    const id = task.id.toUpperCase();
    return {
      valid: { ...valid, plan: { tasks: [...valid.plan.tasks, { ...task, id }] } },
      taskId: id,
      field: 'id',
      says: /more than one task/,
    };
  },
  'an id has a dot': (valid) => ({
    valid: {
      ...valid,
      plan: { tasks: [...valid.plan.tasks, { ...(plannedOf(valid.plan)[0] as PlanTask), id: 'a.b' }] },
    },
    taskId: 'a.b',
    field: 'id',
    says: /letters, digits/,
  }),
  'a literal is of another type': ofInput(
    isLiteral,
    ({ typed: { spec } }) => (spec.type === 'boolean' ? 1 : true),
    /must be .*, found/,
  ),
  'a literal is a fraction where a whole number is wanted': ofInput(
    isType('integer'),
    () => 1.5,
    /must be integer, found number 1.5/,
  ),
  'a number is out of range': ofInput(isType('integer'), () => 10, /must be at most 9, found 10/),
  'a number is below its range': ofInput(isType('integer'), () => -1, /must be at least 0, found -1/),
  'a value is none of the enum': ofInput(
    hasEnum,
    () => 'blue',
    /must be one of \["red","green"\], found string "blue"/,
  ),
  'null is given where it is not allowed': ofInput(
    ({ typed: { value } }) => value !== null,
    () => null,
    /found null/,
  ),
  'an item of a literal is wrong': ofInput(
    isType('array'),
    ({ typed: { spec, value } }) => [...(value as unknown[]), spec.items?.type === 'boolean' ? 1 : true],
    /must be .*, found/,
    ({ typed: { value } }) => `[${(value as unknown[]).length}]`,
  ),
  'a reference names an unknown task': ofInput(anyInput, () => '$nobody.value', /refers to nobody, which is no task/),
  'a reference names an unknown output': ofInput(
    isFromOutput,
    ({ given }) => `${String(given).split('.')[0]}.nothing`,
    /refers to "nothing", which service-\d does not return; it returns: done/,
  ),
  'a reference goes on behind a value': ofInput(
    isFromOutput,
    ({ given }) => `${String(given).split('.')[0]}.done.more`,
    /refers to "done.more", which/,
  ),
  'a reference names a member that every object has': ofInput(
    isFromOutput,
    ({ given }) => `${String(given).split('.')[0]}.valueOf`,
    /does not return/,
  ),
  'a reference names data that were not submitted': ofInput(
    anyInput,
    () => '$task0.nothing',
    /refers to the submitted field "nothing", which is not there/,
  ),
  'a reference goes to nowhere in the data': ofInput(
    isFromData,
    ({ given }) => `${String(given)}.nothing.more`,
    /which is not there/,
  ),
  'an output is of another type': ofInput(
    (input) => isFromOutput(input) && input.typed.spec.type !== 'boolean',
    ({ given }) => `${String(given).split('.')[0]}.done`,
    /gets "done" of service-\d, which must be \w+, and this is boolean/,
  ),
  'submitted data are of another type': (valid, pick) => {
    const input = pickOf(valid.inputs.filter(isFromData), pick);
    if (!input) return undefined;
    const value = input.typed.spec.type === 'boolean' ? '$task1.value' : false;
    const data = [...valid.data, { field: 'wrong', value }];
    const tasks = valid.plan.tasks.filter(({ id }) => id !== 'task0');
    const changed = replaced({ ...valid, data, plan: { tasks } }, input, '$task0.wrong');
    return {
      valid: changed,
      taskId: input.task,
      field: `input.${input.field}${input.within}`,
      says: /gets the submitted field "wrong", which must be/,
    };
  },
  'a reference stands within a text': ofInput(
    isType('string'),
    (_, { plan }) => `Dear $${plannedOf(plan)[0]?.id}.done!`,
    /mixes text and a reference|must be one of/,
  ),
  'two references stand in one text': ofInput(
    isType('string'),
    (_, { plan }) => `$task0.x $${plannedOf(plan)[0]?.id}.done`,
    /mixes text and a reference/,
  ),
  'a task is named without an output': ofInput(
    isType('string'),
    (_, { plan }) => `$${plannedOf(plan)[0]?.id}`,
    /names a task, but nothing of its output|must be one of/,
  ),
  'a task waits for itself': (valid, pick) => {
    const input = pickOf(valid.inputs.filter(isType('boolean')), pick);
    if (!input) return undefined;
    return {
      valid: replaced(valid, input, `$${input.task}.done`),
      taskId: input.task,
      says: /wait for each other: (\S+) -> \1$/,
    };
  },
  'tasks wait for each other': (valid, pick) => {
    // A task that another one refers to gets a reference back.
    const input = pickOf(valid.inputs.filter(isFromOutput), pick);
    const target = String(input?.given).slice(1).split('.')[0] ?? '';
    const back = valid.inputs.find(({ task }) => task === target);
    if (!input || !back) return undefined;
    return { valid: replaced(valid, back, `$${input.task}.done`), says: /wait for each other: \S+ -> / };
  },
  'task0 holds another value than was submitted': (valid, pick) => {
    const field = pickOf(valid.data, pick);
    if (!field) return undefined;
    const input = Object.fromEntries(
      valid.data.map((entry) => [entry.field, entry === field ? ['other', entry.value] : entry.value]),
    );
    const plan = { tasks: [{ id: 'task0', input }, ...plannedOf(valid.plan)] };
    return {
      valid: { ...valid, plan },
      taskId: 'task0',
      field: `input.${field.field}`,
      says: /must hold the submitted value/,
    };
  },
  'task0 lacks a submitted value': (valid, pick) => {
    const field = pickOf(valid.data, pick);
    if (!field) return undefined;
    const input = Object.fromEntries(
      valid.data.filter((entry) => entry !== field).map((entry) => [entry.field, entry.value]),
    );
    const plan = { tasks: [{ id: 'task0', input }, ...plannedOf(valid.plan)] };
    return {
      valid: { ...valid, plan },
      taskId: 'task0',
      field: `input.${field.field}`,
      says: /must hold the submitted value/,
    };
  },
  'task0 refers to a task': (valid) => {
    const input = {
      ...Object.fromEntries(valid.data.map((entry) => [entry.field, entry.value])),
      more: ['$task1.done'],
    };
    const plan = { tasks: [{ id: 'task0', input }, ...plannedOf(valid.plan)] };
    return { valid: { ...valid, plan }, taskId: 'task0', field: 'input.more[0]', says: /cannot refer/ };
  },
  'task0 is there twice': (valid) => {
    const taskZero = { id: 'task0', input: Object.fromEntries(valid.data.map((entry) => [entry.field, entry.value])) };
    const plan = { tasks: [taskZero, taskZero, ...plannedOf(valid.plan)] };
    return { valid: { ...valid, plan }, taskId: 'task0', field: 'id', says: /more than once/ };
  },
  'there are too many tasks': (valid) => {
    const [task] = plannedOf(valid.plan);
    const more = Array.from({ length: PLAN_MAX_TASKS + 1 }, (_, i) => ({ ...(task as PlanTask), id: `more${i}` }));
    return { valid: { ...valid, plan: { tasks: more } }, says: /at most 200 are allowed/ };
  },
  'there is no task but task0': (valid) => ({
    valid: { ...valid, plan: { tasks: valid.plan.tasks.filter(({ id }) => id === 'task0') } },
    says: /no task besides task0/,
  }),
  'an input is nested too deep to look at': ofTask(
    (task, valid) => {
      let deep: unknown = '$task0.x';
      for (let i = 0; i < 100_000; i++) deep = [deep];
      return withInput(valid, task.id, 'in0', deep);
    },
    'input',
    /more than 64 levels deep/,
  ),
};

describe('a plan with one thing wrong is refused with the task and field', () => {
  it.each(Object.entries(MUTATIONS))('when %s', (_, mutate) => {
    fc.assert(
      fc.property(validPlan, fc.nat(), (valid, pick) => {
        const mutant = mutate(valid, pick);
        if (!mutant) return fc.pre(false);
        const validation = validate(mutant.valid);
        const problems: readonly PlanProblem[] = validation.ok ? [] : validation.problems;
        const { taskId, field, says } = mutant;
        const expected = {
          ...(taskId === undefined ? {} : { taskId }),
          ...(field === undefined ? {} : { field }),
          message: expect.stringMatching(says) as string,
        };
        expect(problems).toContainEqual(expect.objectContaining(expected));
        // One mistake is not told of other tasks too.
        if (taskId !== undefined) expect(new Set(problems.map((problem) => problem.taskId))).toEqual(new Set([taskId]));
      }),
    );
  });
});
