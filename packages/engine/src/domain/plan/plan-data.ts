/**
 * Checks that a defined plan and the schema of its data agree on the fields. Otherwise a `{param}`, a required field or a
 * reference without a property would be found only when an action is rejected.
 *
 * If the schema is open (no `properties`, `additionalProperties`, or parts of it elsewhere), all names are accepted.
 */
import { TASK_ZERO, type Plan, formatInputPath } from '@orra-ts/protocol';
import { plannedTasks } from './plan-form';
import { ProblemList, type PlanProblem } from './plan-problems';
import { findReferences } from './references';
import { checkSchema, declaredNames, notOneOf } from './schema-keywords';
import { excerpt } from '../excerpt';

export interface PlanWithData {
  /** Names of the parameters in the action text, as written. */
  readonly params: readonly string[];
  /** A JSON Schema. */
  readonly input: Readonly<Record<string, unknown>>;
  readonly plan: Plan;
}

/** Requires a plan with a valid form, whose sizes have been checked. */
export function planDataProblems({ params, input, plan }: PlanWithData): PlanProblem[] {
  const problems = new ProblemList();
  const names = declaredNames(input);
  if (names) {
    for (const param of new Set(params)) {
      if (!names.includes(param))
        problems.add(`{${excerpt(param)}} names ${notOneOf(names, param)}`, undefined, 'action');
    }
  }
  checkSchema(input, problems);
  if (names) checkReferences(plan, names, problems);
  return problems.found;
}

function checkReferences(plan: Plan, names: readonly string[], problems: ProblemList): void {
  // Constants of task0 are data too.
  const constants = plan.tasks.filter(({ id }) => id === TASK_ZERO).flatMap(({ input }) => Object.keys(input));
  const known = new Set([...names, ...constants]);
  for (const { id, input } of plannedTasks(plan)) {
    for (const { reference, path } of findReferences(input)) {
      if (problems.isFull) return;
      const [field = ''] = reference.path;
      if (reference.taskId !== TASK_ZERO || known.has(field) || known.has(reference.path.join('.'))) continue;
      const message = `refers to "${excerpt(field)}", which is ${notOneOf([...known], field)}`;
      problems.add(message, id, `input.${formatInputPath(path)}`);
    }
  }
}
