/** Encodes values as JSON and refuses what JSON would lose silently: `JSON.stringify` writes `{}` for a Map and null for NaN. */

/**
 * Encodes a value as JSON. `toJSON` is honoured and undefined members are omitted, as in `JSON.stringify`. Returns undefined
 * for undefined.
 *
 * @throws TypeError with path and type for a function, symbol, bigint, NaN, infinity, Map, Set, Error, Promise, invalid date or
 *   cycle
 */
export function encodeStrictJson(value: unknown): string | undefined {
  const paths = new WeakMap<object, string>();
  return JSON.stringify(value, function refuse(this: object, key: string, member: unknown): unknown {
    const path = joinKey(paths.get(this), key, Array.isArray(this));
    // `member` is the result of `toJSON`, which is null for an invalid date.
    const type = lostType(member) ?? lostType((this as Record<string, unknown>)[key], 'date');
    if (type)
      throw new TypeError(
        `it contains ${type}${path === '' ? '' : ` (at \`${path}\`)`}, which cannot be expressed in JSON`,
      );
    if (typeof member === 'object' && member !== null) paths.set(member, path);
    return member;
  });
}

function joinKey(parent: string | undefined, key: string, isIndex: boolean): string {
  // JSON.stringify puts the value itself into an object without a path, under an empty key.
  if (parent === undefined) return key;
  if (isIndex) return `${parent}[${key}]`;
  return parent === '' ? key : `${parent}.${key}`;
}

function lostType(value: unknown, only?: 'date'): string | undefined {
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'an invalid date' : undefined;
  if (only) return undefined;
  const type = typeof value;
  if (type === 'function' || type === 'symbol' || type === 'bigint') return `a ${type}`;
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : String(value);
  if (value instanceof Map) return 'a Map';
  if (value instanceof Set) return 'a Set';
  if (value instanceof Promise) return 'a Promise';
  return value instanceof Error ? 'an Error' : undefined;
}
