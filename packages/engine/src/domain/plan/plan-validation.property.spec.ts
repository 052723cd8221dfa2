import fc from 'fast-check';
import {
  PLAN_MAX_DEPTH,
  PLAN_MAX_TASKS,
  type DataField,
  type OrchestrationId,
  type Plan,
  type PlanTask,
  type ProjectId,
  type ServiceId,
} from '@orra-ts/protocol';
import { validPlan, valueOf, type ValidPlan } from '../../../test/support/plan-arbitraries';
import { INPUT_MUTATIONS } from '../../../test/support/input-mutations';
import { plannedOf } from '../../../test/support/plan-mutation';
import { TASK_MUTATIONS } from '../../../test/support/task-mutations';
import { Scenario } from '../../../test/support/scenario';
import { planFormProblems, validatePlan } from './plan-validation';
import { resolveInput } from './references';
import type { PlanProblem } from './plan-problems';
import type { PlannableService } from './plan-services';
import type { ResolvedPlan } from './resolved-plan';

const validate = ({ plan, data, services, action }: ValidPlan): ReturnType<typeof validatePlan> =>
  validatePlan(plan, data, services, { action });

function accepted(valid: ValidPlan): ResolvedPlan {
  const validation = validate(valid);
  if (!validation.ok) throw new Error(JSON.stringify(validation.problems));
  return validation.plan;
}

/** Runs a plan in the domain itself; its services respond in any order. */
function begin(plan: ResolvedPlan, data: readonly DataField[]): Scenario {
  const run = new Scenario();
  const ids = { orchestrationId: 'o_1' as OrchestrationId, projectId: 'p_1' as ProjectId };
  const action = { type: 'any', content: 'Test' };
  run.when({ kind: 'submit', submitted: { type: 'submitted', at: run.now, ...ids, action, data } });
  run.when({ kind: 'plan', planned: { type: 'planned', at: run.now, plan, source: { kind: 'explicit' } } });
  return run;
}

function runningIn(run: Scenario, pick: number): string {
  const running = [...run.state.tasks.values()].filter(({ phase }) => phase.kind === 'running');
  const next = running[pick % running.length];
  if (!next) throw new Error('nothing runs, and it has not ended');
  return next.plan.id;
}

const startsOf = ({ events }: Scenario): string[] =>
  events.flatMap((event) => (event.type === 'task_started' ? [event.taskId] : []));

describe('a valid plan', () => {
  it('is accepted, and keeps its order of tasks', () => {
    fc.assert(
      fc.property(validPlan, (valid) => {
        expect(planFormProblems(valid.plan)).toEqual([]);
        const plan = accepted(valid);
        expect(plan.tasks.map(({ id }) => id)).toEqual(plannedOf(valid.plan).map(({ id }) => id));
        const given = Object.fromEntries(valid.data.map(({ field, value }) => [field, value]));
        expect(plan.taskZero).toMatchObject(given);
        expect(Object.keys(plan.taskZero).sort()).toEqual([...Object.keys(given), ...valid.constants].sort());
        expect([...(plan.constants ?? [])].sort()).toEqual([...valid.constants].sort());
      }),
      { numRuns: 500 },
    );
  });

  it('has every task in one group, after all tasks that it waits for', () => {
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

  it('ends when its services respond, in any order, and every task receives its planned input', () => {
    fc.assert(
      fc.property(validPlan, fc.infiniteStream(fc.nat()), (valid, picks) => {
        const plan = accepted(valid);
        const run = begin(plan, valid.data);
        const outputOf = (id: string): unknown => {
          if (id === 'task0') return plan.taskZero;
          const phase = run.state.tasks.get(id)?.phase;
          if (phase?.kind !== 'completed') throw new Error(`${id} is not completed`);
          return phase.output;
        };
        let last = '';
        for (let left = plan.tasks.length; left > 0; left--) {
          last = runningIn(run, picks.next().value as number);
          expect(resolveInput(run.state.tasks.get(last)?.plan.input ?? {}, outputOf)).toEqual(
            valid.expectedInputs.get(last),
          );
          run.completes(last, valid.outputs.get(last));
        }
        expect(run.state.status).toBe('completed');
        expect(run.state.results).toEqual([valid.outputs.get(last)]);
        expect(startsOf(run).sort()).toEqual(plan.tasks.map(({ id }) => id).sort());
      }),
      { numRuns: 300 },
    );
  });

  it('ends with any valid outputs, runs each task once, and takes as many steps as it has tasks', () => {
    const withOutputs = validPlan.chain((valid) => {
      const outputs = accepted(valid).tasks.map(({ id, outputSpec }) => fc.tuple(fc.constant(id), valueOf(outputSpec)));
      return fc.record({ valid: fc.constant(valid), outputs: fc.tuple(...outputs) });
    });
    fc.assert(
      fc.property(withOutputs, fc.infiniteStream(fc.nat()), ({ valid, outputs }, picks) => {
        const plan = accepted(valid);
        const run = begin(plan, valid.data);
        const answers = new Map(outputs);
        for (let steps = 0; steps < plan.tasks.length; steps++) {
          expect(run.state.status).toBe('processing');
          const next = runningIn(run, picks.next().value as number);
          run.completes(next, answers.get(next));
        }
        expect(run.state.status).toBe('completed');
        expect(startsOf(run).sort()).toEqual(plan.tasks.map(({ id }) => id).sort());
      }),
      { numRuns: 300 },
    );
  });
});

describe('a plan of the largest size', () => {
  const LINK: PlannableService = {
    id: 's_link' as ServiceId,
    name: 'link',
    description: 'a link of a chain',
    revertible: false,
    updatedAt: 1,
    schema: {
      input: { type: 'object', properties: { after: { type: 'array', items: { type: 'boolean' } } } },
      output: { type: 'object', properties: { done: { type: 'boolean' } } },
    },
  };
  const task = (id: string, after: readonly string[]): PlanTask => ({
    id,
    service: 'link',
    input: { after: after.map((before) => `$${before}.done`) },
  });

  it('ends: with the most tasks in the longest chains, each waiting for all before it', () => {
    const ids = Array.from({ length: PLAN_MAX_TASKS }, (_, index) => `task${index + 1}`);
    const width = PLAN_MAX_TASKS / PLAN_MAX_DEPTH;
    const tasks = ids.map((id, index) => task(id, ids.slice(0, index - (index % width))));
    const validation = validatePlan({ tasks: tasks.toReversed() }, null, [LINK]);
    if (!validation.ok) throw new Error(JSON.stringify(validation.problems));
    expect(validation.plan.parallelGroups).toHaveLength(PLAN_MAX_DEPTH);
    const run = begin(validation.plan, []);
    ids.forEach(() => run.completes(runningIn(run, 0), { done: true }));
    expect(run.state.status).toBe('completed');
    expect(startsOf(run)).toHaveLength(PLAN_MAX_TASKS);
  });

  it('in which every task waits for every other is rejected with each task in a cycle', () => {
    const ids = Array.from({ length: PLAN_MAX_TASKS }, (_, index) => `task${index + 1}`);
    const plan: Plan = {
      tasks: ids.map((id) =>
        task(
          id,
          ids.filter((other) => other !== id),
        ),
      ),
    };
    const problems = planFormProblems(plan);
    expect(problems).toHaveLength(PLAN_MAX_TASKS / 2);
    expect(problems[0]).toEqual({
      taskId: 'task1',
      field: 'input.after[8]',
      message: 'tasks wait for each other: task1 -> task10 -> task1; remove one of these references',
    });
  });
});

describe('a plan with one mistake is rejected with the task and field', () => {
  it.each(Object.entries({ ...INPUT_MUTATIONS, ...TASK_MUTATIONS }))('when %s', (_, mutate) => {
    fc.assert(
      fc.property(validPlan, fc.nat(), (valid, pick) => {
        const mutant = mutate(valid, pick);
        if (!mutant) return fc.pre(false);
        const validation = validate(mutant.valid);
        const problems: readonly PlanProblem[] = validation.ok ? [] : validation.problems;
        const { taskId, field, also, says } = mutant;
        const isThere = (problem: PlanProblem): boolean =>
          taskId === 'any'
            ? says.test(problem.message)
            : problem.taskId === taskId && (field === undefined || (problem.field ?? '').startsWith(field));
        expect(problems.filter((problem) => isThere(problem) && says.test(problem.message))).not.toEqual([]);
        // One mistake is not reported for other places as well.
        expect(problems.filter((problem) => !isThere(problem) && problem.field !== also)).toEqual([]);
      }),
    );
  });
});
