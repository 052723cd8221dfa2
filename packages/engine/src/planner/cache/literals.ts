/** Values that a plan holds itself, instead of taking them from the data or from another task. */
import { isJsonObject, parseReference, type DataField } from '@orra-ts/protocol';
import type { Proposal } from '../model/model-planner';

export const literalsOf = ({ tasks, constants }: Pick<Proposal, 'tasks' | 'constants'>): unknown[] =>
  [constants, ...tasks.map(({ input }) => input)]
    .flatMap(leavesOf)
    .filter((leaf) => parseReference(leaf) === undefined);

/**
 * Whether a plan that was made for these data may be used for others: none of its own texts and numbers is one of the data,
 * by chance or because the model read it in the action's words.
 */
export function isReusable(proposal: Proposal, data: readonly DataField[] | null): boolean {
  const submitted = new Set(
    (data ?? [])
      .flatMap(({ value }) => leavesOf(value))
      .filter(isTelling)
      .map(String),
  );
  return literalsOf(proposal)
    .filter(isTelling)
    .every((literal) => !submitted.has(String(literal)));
}

/** Texts, numbers, truth values and nulls, at any depth. */
function leavesOf(value: unknown): unknown[] {
  if (Array.isArray(value)) return value.flatMap(leavesOf);
  return isJsonObject(value) ? Object.values(value).flatMap(leavesOf) : [value];
}

/** Compared as texts: models write a number either way. */
const isTelling = (leaf: unknown): leaf is string | number => typeof leaf === 'string' || typeof leaf === 'number';
