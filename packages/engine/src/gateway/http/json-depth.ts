/**
 * The maximum depth of JSON from outside (E8). Node parses any depth, but stringifies only some thousand levels before it
 * exhausts its stack: a deeper value could be received, and then neither stored nor sent.
 */

/** Far above what programs use, far below what Node cannot stringify. */
export const JSON_MAX_DEPTH = 500;

/** @param text the string that `value` was decoded from: a short one cannot be deep, and most are short */
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
