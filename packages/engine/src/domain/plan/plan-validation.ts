/**
 * Validates a plan from any source against the services of its project and resolves it. All problems are reported
 * together. A valid plan always ends if its services respond: its graph is finite, acyclic and complete, and each
 * task starts as soon as the tasks that it refers to have completed.
 *
 *   plan-form        sizes, ids, strings that look like references, numbers, cycles, the longest chain
 *   plan-task-zero   task0 against the submitted data and the action's words
 *   plan-services    the service of each task
 *   plan-inputs      inputs and references of each task
 */
import { withoutUndefined } from '@orra-ts/common';
import type { DataField, Plan } from '@orra-ts/protocol';
import { checkForm, checkSize, plannedTasks } from './plan-form';
import { levelsOf } from './plan-graph';
import { checkInputs } from './plan-inputs';
import { ProblemList, type PlanProblem } from './plan-problems';
import { ServiceFinder, resolveTask, type PlannableService } from './plan-services';
import { checkTaskZero, type Data } from './plan-task-zero';
import type { ResolvedPlan, ResolvedTask } from './resolved-plan';

export type PlanValidation =
  | { readonly ok: true; readonly plan: ResolvedPlan }
  | { readonly ok: false; readonly problems: readonly PlanProblem[] };

export interface PlanValidationOptions {
  /**
   * The submitted action: constants of task0 must come from its words.
   *
   * @default '' no constant is allowed
   */
  readonly action?: string;
  /** Values that the planner itself extracted from the action. They are data, but were not submitted. */
  readonly taken?: readonly DataField[];
  /**
   * Optional fields of a submission. A reference to one that was not submitted is omitted from the input if the service
   * allows it.
   */
  readonly optionalData?: ReadonlySet<string>;
  /**
   * Whether problems may quote submitted values. Set it to false if the reader must not see them.
   *
   * @default true
   */
  readonly quoteData?: boolean;
}

const NONE: ReadonlySet<string> = new Set();

export function validatePlan(
  plan: Plan,
  data: readonly DataField[] | null,
  services: readonly PlannableService[],
  { action = '', taken = [], optionalData = NONE, quoteData = true }: PlanValidationOptions = {},
): PlanValidation {
  const problems = new ProblemList();
  const submitted = byField(data ?? []);
  if (!checkSize(plan, problems, submitted)) return { ok: false, problems: problems.found };
  checkForm(plan, problems);
  const fields = { submitted, taken: byField(taken), optional: optionalData, action };
  const { input: taskZero, constants } = checkTaskZero(plan, fields, problems);
  const resolved: ResolvedTask[] = [];
  const finder = new ServiceFinder(services);
  for (const task of plannedTasks(plan)) {
    if (problems.isFull) return { ok: false, problems: problems.found };
    const service = finder.find(task);
    if (typeof service === 'string') problems.add(service, task.id, 'service');
    else resolved.push(resolveTask(task, service));
  }
  const tasks = new Map(resolved.map((task) => [task.id, task]));
  checkInputs(resolved, { taskZero, optionalData, quoteData, tasks }, problems);
  if (problems.found.length > 0) return { ok: false, problems: problems.found };
  const parallelGroups = levelsOf(resolved);
  return {
    ok: true,
    // A plan without constants, or with reverts one at a time, has no such member; readers rely on that.
    plan: withoutUndefined({
      tasks: resolved,
      parallelGroups,
      taskZero,
      constants: constants.length > 0 ? constants : undefined,
      compensation: plan.compensation ?? undefined,
    }),
  };
}

/** Returns the problems of a plan that do not depend on services and data. Called when a plan is registered. */
export function planFormProblems(plan: Plan): PlanProblem[] {
  const problems = new ProblemList();
  if (checkSize(plan, problems)) checkForm(plan, problems);
  return problems.found;
}

const byField = (data: readonly DataField[]): Data =>
  Object.fromEntries(data.map(({ field, value }): [string, unknown] => [field, value]));
