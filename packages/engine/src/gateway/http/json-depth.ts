/**
 * How deep JSON from outside may be nested (E8). Node reads any depth but writes only some thousand levels before its
 * stack is exhausted: a value nested deeper could be taken in and then neither be stored nor sent.
 */

/** Far above what programs nest, far below what cannot be written again. */
export const JSON_MAX_DEPTH = 500;

/** @param text what `value` was decoded from: a short one cannot be deep, and most are short */
export const isNestedTooDeep = (text: string, value: unknown): boolean =>
  text.length > 2 * JSON_MAX_DEPTH && isDeeperThan(value, JSON_MAX_DEPTH);

function isDeeperThan(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (levels === 0) return true;
  for (const item of Array.isArray(value) ? (value as unknown[]) : Object.values(value)) {
    if (isDeeperThan(item, levels - 1)) return true;
  }
  return false;
}
