/**
 * Decodes JSON as Go decodes it into a struct. Unknown members are ignored, null and absent members have the zero value, and
 * names match case-insensitively. A value of another type is an error, with which a whole command of the Go CLI fails.
 */
export type Decode<T> = (value: unknown, path: string) => T;

const isAbsent = (value: unknown): value is null | undefined => value === null || value === undefined;

function fail(path: string, expected: string, value: unknown): never {
  throw new Error(`${path || 'the body'}: Go expects ${expected}, got ${JSON.stringify(value)}`);
}

export const goString: Decode<string> = (value, path) => {
  if (isAbsent(value)) return '';
  return typeof value === 'string' ? value : fail(path, 'a string', value);
};

export const goBool: Decode<boolean> = (value, path) => {
  if (isAbsent(value)) return false;
  return typeof value === 'boolean' ? value : fail(path, 'a bool', value);
};

export const goInt: Decode<number> = (value, path) => {
  if (isAbsent(value)) return 0;
  return Number.isInteger(value) ? (value as number) : fail(path, 'an int', value);
};

const RFC_3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;

export const goTime: Decode<string> = (value, path) => {
  if (isAbsent(value)) return '0001-01-01T00:00:00Z';
  return typeof value === 'string' && RFC_3339.test(value) ? value : fail(path, 'a time in RFC 3339', value);
};

/** Any JSON, as it was sent; undefined if it is absent. */
export const goRaw: Decode<unknown> = (value) => value;

export const goSlice =
  <T>(decode: Decode<T>): Decode<readonly T[]> =>
  (value, path) => {
    if (isAbsent(value)) return [];
    if (!Array.isArray(value)) return fail(path, 'a list', value);
    return value.map((item, index) => decode(item, `${path}/${index}`));
  };

type Fields<T> = { readonly [K in keyof T]-?: Decode<T[K]> };

export const goStruct =
  <T extends object>(fields: Fields<T>): Decode<T> =>
  (value, path) => {
    if (!isAbsent(value) && (typeof value !== 'object' || Array.isArray(value))) return fail(path, 'an object', value);
    const members = Object.entries(value ?? {});
    const decoded = Object.entries<Decode<unknown>>(fields).map(([name, decode]) => {
      const same = members.filter(([member]) => member.toLowerCase() === name.toLowerCase());
      if (same.length > 1)
        throw new Error(`${path}: Go does not distinguish ${same.map(([one]) => one).join(' and ')}`);
      return [name, decode(same[0]?.[1], `${path}/${name}`)];
    });
    return Object.fromEntries(decoded) as T;
  };

/** A pointer to a struct: undefined if it is null or absent. */
export const goPointer =
  <T>(decode: Decode<T>): Decode<T | undefined> =>
  (value, path) =>
    isAbsent(value) ? undefined : decode(value, path);
