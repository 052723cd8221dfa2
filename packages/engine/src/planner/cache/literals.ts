/** Literal values of a plan: those that come neither from the data nor from another task. */
import { parseReference, type DataField } from '@orra-ts/protocol';
import type { Proposal } from '../model/model-planner';

type Values = Pick<Proposal, 'tasks' | 'constants'>;

export function hasLiterals(plan: Values): boolean {
  for (const _ of literalsOf(plan)) return true;
  return false;
}

/**
 * Returns whether a plan that was made for these data may be used for others. It may not if one of its own strings or
 * numbers equals a submitted value, by chance or because the model took it from the action's words.
 */
export function isReusable(plan: Values, data: readonly DataField[] | null): boolean {
  const own = new Set<string>();
  for (const literal of literalsOf(plan)) if (isComparable(literal)) own.add(String(literal));
  if (own.size === 0) return true;
  for (const value of leavesOf(data ?? [])) if (isComparable(value) && own.has(String(value))) return false;
  return true;
}

function* literalsOf({ tasks, constants }: Values): Generator {
  for (const leaf of leavesOf([constants, ...tasks.map(({ input }) => input)])) {
    if (parseReference(leaf) === undefined) yield leaf;
  }
}

/** Yields strings, numbers, booleans and nulls at any depth. */
function* leavesOf(root: unknown): Generator {
  const waiting: unknown[] = [root];
  while (waiting.length > 0) {
    const value = waiting.pop();
    if (typeof value !== 'object' || value === null) yield value;
    else for (const member of Object.values(value)) waiting.push(member);
  }
}

/** Values are compared as strings, because models write a number either way. */
const isComparable = (leaf: unknown): leaf is string | number => typeof leaf === 'string' || typeof leaf === 'number';
