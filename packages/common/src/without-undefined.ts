/**
 * Returns a copy without the members that are undefined. Use it where the presence of a key matters: defaults that are
 * overridden by a spread, headers, objects that are hashed or compared by their keys. Anywhere else write an undefined
 * member plainly: `JSON.stringify` and destructuring treat it as absent.
 */
export function withoutUndefined<T extends object>(members: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
}
