/**
 * Checks that a defined plan and the schema of its data have the same fields. Without this check, a `{param}`, a
 * required field or a reference without a property would cause an error only when an action is submitted.
 *
 * If the schema is incomplete (no `properties`, with `additionalProperties`, or with parts elsewhere), names are not
 * checked.
 */
import { TASK_ZERO, type Plan, formatInputPath } from '@orra-ts/protocol';
import { plannedTasks } from './plan-form';
import { ProblemList, type PlanProblem } from './plan-problems';
import { findReferences } from './references';
import { checkSchema, declaredNames, notOneOf } from './schema-keywords';
import { excerpt } from '../excerpt';

export interface PlanWithData {
  /** Names of the `{params}` in the plan's action, as written. */
  readonly params: readonly string[];
  /** A JSON Schema. */
  readonly input: Readonly<Record<string, unknown>>;
  readonly plan: Plan;
}

/** Expects a plan whose form and sizes have been checked. */
export function planDataProblems({ params, input, plan }: PlanWithData): PlanProblem[] {
  const problems = new ProblemList();
  const names = declaredNames(input);
  if (names) {
    for (const param of new Set(params)) {
      if (!names.includes(param)) problems.add(`{${excerpt(param)}} is ${notOneOf(names, param)}`, undefined, 'action');
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
