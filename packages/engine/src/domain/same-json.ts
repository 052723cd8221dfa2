import { isJsonObject } from '@orra-ts/protocol';

/** Returns whether two values are equal as JSON, regardless of the order of members. */
export function sameJson(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((item, i) => sameJson(item, b[i]));
  if (!isJsonObject(a) || !isJsonObject(b)) return false;
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && sameJson(a[key], b[key]))
  );
}

/** Returns the paths where two JSON values differ, such as `input.properties.quantity.type`; at most `limit`. */
export function differences(a: unknown, b: unknown, limit = 5, path = ''): string[] {
  if (sameJson(a, b)) return [];
  if (!isJsonObject(a) || !isJsonObject(b)) return [path];
  const found: string[] = [];
  for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
    if (found.length >= limit) break;
    const at = path === '' ? key : `${path}.${key}`;
    if (Object.hasOwn(a, key) && Object.hasOwn(b, key)) {
      found.push(...differences(a[key], b[key], limit - found.length, at));
    } else found.push(at);
  }
  return found;
}
