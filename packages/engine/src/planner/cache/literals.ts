/** Values that a plan holds itself, instead of taking them from the data or from another task. */
import { parseReference, type DataField } from '@orra-ts/protocol';
import type { Proposal } from '../model/model-planner';

type Values = Pick<Proposal, 'tasks' | 'constants'>;

export function hasLiterals(plan: Values): boolean {
  for (const _ of literalsOf(plan)) return true;
  return false;
}

/**
 * Whether a plan that was made for these data may be used for others: none of its own texts and numbers is one of the data,
 * by chance or because the model read it in the action's words.
 */
export function isReusable(plan: Values, data: readonly DataField[] | null): boolean {
  const own = new Set<string>();
  for (const literal of literalsOf(plan)) if (isTelling(literal)) own.add(String(literal));
  if (own.size === 0) return true;
  for (const value of leavesOf(data ?? [])) if (isTelling(value) && own.has(String(value))) return false;
  return true;
}

function* literalsOf({ tasks, constants }: Values): Generator {
  for (const leaf of leavesOf([constants, ...tasks.map(({ input }) => input)])) {
    if (parseReference(leaf) === undefined) yield leaf;
  }
}

/** Texts, numbers, truth values and nulls, at any depth. */
function* leavesOf(root: unknown): Generator {
  const waiting: unknown[] = [root];
  while (waiting.length > 0) {
    const value = waiting.pop();
    if (typeof value !== 'object' || value === null) yield value;
    else for (const member of Object.values(value)) waiting.push(member);
  }
}

/** Compared as texts: models write a number either way. */
const isTelling = (leaf: unknown): leaf is string | number => typeof leaf === 'string' || typeof leaf === 'number';
