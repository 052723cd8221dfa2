/**
 * Checks task0, which holds the data: every submitted field with its submitted value, and in addition only constants
 * from the action's words. Any other value must be a visible literal in the input of the task that needs it.
 */
import { TASK_ZERO, parseReference, type Plan } from '@orra-ts/protocol';
import { ActionWords } from './action-words';
import { INEXACT, isInexact } from '../exact-numbers';
import { type ProblemList } from './plan-problems';
import { sameJson } from '../same-json';
import { describeValue } from '../spec/spec-fit';
import { excerpt } from '../excerpt';

/** Values by field. */
export type Data = Readonly<Record<string, unknown>>;

/** Maximum number of constants in a plan; each one is searched in the action (E8). */
const MAX_CONSTANTS = 100;

export interface DataSources {
  readonly submitted: Data;
  /** Values that the planner itself extracted from the action. */
  readonly taken: Data;
  /** Optional fields. */
  readonly optional: ReadonlySet<string>;
  readonly action: string;
}

export interface TaskZero {
  readonly input: Data;
  /** Names of the fields that were not submitted. */
  readonly constants: readonly string[];
}

export function checkTaskZero(plan: Plan, sources: DataSources, problems: ProblemList): TaskZero {
  const { submitted } = sources;
  const given: Data = { ...sources.taken, ...submitted };
  const taskZero = plan.tasks.find(({ id }) => id === TASK_ZERO);
  if (taskZero?.service) problems.add('holds the submitted data and must not have a service', TASK_ZERO, 'service');
  const planned = taskZero?.input ?? {};
  if (taskZero) checkGiven(planned, given, problems);
  const constants = Object.keys(planned).filter((field) => {
    const isLeftOut = sources.optional.has(field) && planned[field] === selfReference(field);
    return !Object.hasOwn(given, field) && !isLeftOut;
  });
  if (constants.length > MAX_CONSTANTS) {
    const message = `has ${constants.length} fields that were not submitted, at most ${MAX_CONSTANTS} are allowed`;
    problems.add(message, TASK_ZERO, 'input');
    return { input: { ...planned, ...given }, constants: [] };
  }
  const literals = constants.map((field): [string, unknown] => [field, planned[field]]);
  checkConstants(literals, sources.action, problems);
  const input = { ...Object.fromEntries(literals), ...given };
  return { input, constants: Object.keys(input).filter((field) => !Object.hasOwn(submitted, field)) };
}

const selfReference = (field: string): string => `$${TASK_ZERO}.${field}`;

function checkGiven(planned: Data, given: Data, problems: ProblemList): void {
  for (const [field, value] of Object.entries(given)) {
    if (problems.isFull) return;
    const found = Object.hasOwn(planned, field) ? planned[field] : undefined;
    if (found === selfReference(field) || sameJson(found, value)) continue;
    const what = Object.hasOwn(planned, field) ? `found ${describeValue(found)}` : 'found nothing';
    problems.add(
      `must be the submitted value, ${what}; write "${excerpt(selfReference(field))}", or omit task0, which then holds the submitted data`,
      TASK_ZERO,
      `input.${field}`,
    );
  }
}

function checkConstants(constants: readonly [string, unknown][], action: string, problems: ProblemList): void {
  if (constants.length === 0) return;
  const words = new ActionWords(action);
  for (const [field, value] of constants) {
    const message = constantProblem(value, words);
    if (message !== undefined) problems.add(message, TASK_ZERO, `input.${field}`);
  }
}

const REMEDY = 'submit it as data, or write it as a literal in the input of the task that needs it';

function constantProblem(value: unknown, words: ActionWords): string | undefined {
  if (parseReference(value)) return 'task0 cannot refer to a task';
  if (isInexact(value)) return INEXACT;
  const isWord = typeof value === 'string' || typeof value === 'number';
  if (!isWord) return `was not submitted, and ${describeValue(value)} cannot be a word of the action; ${REMEDY}`;
  return words.include(value)
    ? undefined
    : `${describeValue(value)} was neither submitted nor is it in the action; ${REMEDY}`;
}
