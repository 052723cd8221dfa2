/**
 * Checks the form of a plan, independently of services and data. Sizes come first, because no other check may read a
 * plan that is too large; then the order of reverts, ids, strings that look like references, numbers, cycles and the longest chain.
 */
import {
  PLAN_MAX_DEPTH,
  PLAN_MAX_TASKS,
  SCHEMA_MAX_DEPTH,
  TASK_ZERO,
  type Plan,
  type PlanTask,
  formatInputPath,
} from '@orra-ts/protocol';
import { INEXACT, inexactNumbers } from '../exact-numbers';
import { findCycles, longestChain } from './plan-graph';
import type { ProblemList } from './plan-problems';
import { MalformedReferences, isTaskId } from './malformed-references';
import { dependenciesOf, findReferences, textsWithMarks } from './references';

/** The Go engine's marker for a plan that explains why an action is not actionable. It must never run as a task. */
const NOT_ACTIONABLE_ID = 'final';

export const plannedTasks = (plan: Plan): PlanTask[] => plan.tasks.filter(({ id }) => id !== TASK_ZERO);

/**
 * Returns false if the plan is too large for further checks (E8).
 *
 * @param given the submitted data: their depth is checked at submission, and task0 may contain them
 */
export function checkSize(plan: Plan, problems: ProblemList, given: Readonly<Record<string, unknown>> = {}): boolean {
  const count = plannedTasks(plan).length;
  if (count === 0) problems.add('the plan has no task besides task0');
  // The planned tasks may be accompanied by one task0; more of them must not bypass the bound.
  if (plan.tasks.length > PLAN_MAX_TASKS + 1 || count > PLAN_MAX_TASKS) {
    problems.add(`the plan has ${plan.tasks.length} tasks, at most ${PLAN_MAX_TASKS} are allowed`);
    return false;
  }
  const tooDeep = plan.tasks.filter(({ id, input }) => {
    return isDeeperThan(id === TASK_ZERO ? without(input, given) : input, SCHEMA_MAX_DEPTH);
  });
  for (const { id } of tooDeep) problems.add(`is nested more than ${SCHEMA_MAX_DEPTH} levels deep`, id, 'input');
  return tooDeep.length === 0;
}

const without = (
  input: Readonly<Record<string, unknown>>,
  given: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(input).filter(([field]) => !Object.hasOwn(given, field)));

/** Walks level by level, because recursion could exhaust the stack on the very inputs that it must detect. */
function isDeeperThan(value: unknown, levels: number): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > levels) return true;
    level = level.flatMap((item): unknown[] => (typeof item === 'object' && item !== null ? Object.values(item) : []));
  }
  return false;
}

export function checkForm(plan: Plan, problems: ProblemList): void {
  const planned = plannedTasks(plan);
  if (plan.tasks.length - planned.length > 1) problems.add('is defined more than once', TASK_ZERO, 'id');
  checkCompensation(plan, problems);
  const areIdsUnique = checkIds(planned, problems);
  checkTexts(planned, problems);
  checkNumbers(planned, problems);
  // With duplicate ids, references are ambiguous.
  if (areIdsUnique) checkOrder(planned, problems);
}

/** Plans in options of the engine, and those of old journals, did not pass the schema of the API. */
function checkCompensation({ compensation }: { readonly compensation?: unknown }, problems: ProblemList): void {
  if (compensation === undefined || compensation === null || compensation === 'parallel') return;
  problems.add('must be `parallel`, or absent for reverts one at a time', undefined, 'compensation');
}

function checkIds(tasks: readonly PlanTask[], problems: ProblemList): boolean {
  const seen = new Set<string>();
  for (const { id } of tasks) {
    const lowerCase = id.toLowerCase();
    if (!isTaskId(id)) {
      problems.add(
        'must begin with a letter or "_" and contain only letters, digits, "-" and "_", at most 64',
        id,
        'id',
      );
    }
    if (lowerCase === TASK_ZERO) {
      problems.add(`is reserved for the submitted data and is written ${TASK_ZERO}; rename the task`, id, 'id');
    }
    if (lowerCase === NOT_ACTIONABLE_ID) {
      problems.add('is the id by which planners mark actions that are not actionable; rename the task', id, 'id');
    }
    // Ids must differ in more than case, because compensation requests carry them in lower case.
    if (seen.has(lowerCase))
      problems.add('is used by more than one task, or differs from another id only in case', id, 'id');
    seen.add(lowerCase);
  }
  return seen.size === tasks.length;
}

function checkTexts(tasks: readonly PlanTask[], problems: ProblemList): void {
  const looks = new MalformedReferences([TASK_ZERO, ...tasks.map(({ id }) => id)]);
  for (const { id, input } of tasks) {
    for (const { text, path, isName } of textsWithMarks(input)) {
      if (problems.isFull) return;
      const message = isName ? looks.problemOfName(text) : looks.problemOfValue(text, id);
      if (message !== undefined) problems.add(message, id, `input.${formatInputPath(path)}`);
    }
  }
}

function checkNumbers(tasks: readonly PlanTask[], problems: ProblemList): void {
  for (const { id, input } of tasks) {
    for (const path of inexactNumbers(input)) {
      if (problems.isFull) return;
      problems.add(INEXACT, id, `input.${formatInputPath(path)}`);
    }
  }
}

function checkOrder(planned: readonly PlanTask[], problems: ProblemList): void {
  const tasks = planned.map(({ id, input }) => {
    const dependsOn = dependenciesOf(input);
    // A task's reference to itself is reported at its field.
    return {
      id,
      input,
      refersToItself: dependsOn.includes(id),
      dependsOn: dependsOn.filter((before) => before !== id),
    };
  });
  const cycles = findCycles(tasks);
  for (const [id = '', next = id, ...rest] of cycles) {
    const { input = {} } = tasks.find((task) => task.id === id) ?? {};
    const path = findReferences(input).find(({ reference }) => reference.taskId === next)?.path ?? [];
    const cycle = shortened([id, next, ...rest, id]);
    problems.add(
      `tasks wait for each other: ${cycle}; remove one of these references`,
      id,
      `input.${formatInputPath(path)}`,
    );
  }
  if (cycles.length > 0 || tasks.some(({ refersToItself }) => refersToItself)) return;
  const chain = longestChain(tasks);
  const beyond = chain[PLAN_MAX_DEPTH];
  if (beyond === undefined) return;
  problems.add(
    `is number ${PLAN_MAX_DEPTH + 1} in a chain of ${chain.length} tasks, each waiting for the one before: ${shortened(chain)}; ` +
      `at most ${PLAN_MAX_DEPTH} are allowed`,
    beyond,
  );
}

/** Shortens a list of ids. Both ends matter, in cycles and in chains. */
function shortened(ids: readonly string[]): string {
  const shown = ids.length > 8 ? [...ids.slice(0, 4), '...', ...ids.slice(-3)] : ids;
  return shown.join(' -> ');
}
