import * as fc from 'fast-check';
import { toPlainJson } from './plain-json';

const plain = (value: unknown): unknown => (toPlainJson(value) as { value: unknown }).value;
const refused = (value: unknown): unknown =>
  (toPlainJson(value) as { violations: { path: string; message: string }[] }).violations.map(
    ({ path, message }) => `${path}: ${message}`,
  );

class Money {
  constructor(readonly cents: number) {}
  format(): string {
    return `${this.cents}`;
  }
}

it('plain JSON is not copied', () => {
  const value = { a: [1, { b: null }], c: 'text' };
  expect(plain(value)).toBe(value);
});

it('any JSON value is returned unchanged', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(JSON.stringify(plain(value))).toBe(JSON.stringify(value));
    }),
  );
});

it('agrees with JSON.stringify on values with a JSON form', () => {
  const values = fc.anything({
    withDate: true,
    withNullPrototype: true,
    withSparseArray: true,
    withObjectString: true,
  });
  fc.assert(
    fc.property(values, (value) => {
      const result = toPlainJson(value);
      if ('value' in result) expect(JSON.stringify(result.value)).toBe(JSON.stringify(value));
    }),
  );
});

it('converts dates to ISO strings, instances and maps to objects, sets to lists; omits undefined', () => {
  const at = new Date('2026-01-02T03:04:05Z');
  expect(
    plain({
      at,
      money: new Money(5),
      map: new Map<string, unknown>([['k', at]]),
      set: new Set([1, 2]),
      gone: undefined,
      method: () => 1,
      gap: [undefined, 1],
      own: { toJSON: () => ({ at }) },
    }),
  ).toEqual({
    at: '2026-01-02T03:04:05.000Z',
    money: { cents: 5 },
    map: { k: '2026-01-02T03:04:05.000Z' },
    set: [1, 2],
    gap: [null, 1],
    own: { at: '2026-01-02T03:04:05.000Z' },
  });
  expect(plain(undefined)).toBeUndefined();
});

it('does not change its argument', () => {
  const given = Object.freeze({ at: new Date(0), list: Object.freeze([new Date(0), 1]) });
  expect(plain(given)).toEqual({ at: '1970-01-01T00:00:00.000Z', list: ['1970-01-01T00:00:00.000Z', 1] });
});

it('refuses values that JSON would lose silently, with their paths', () => {
  const cycle: Record<string, unknown> = { a: [] };
  (cycle['a'] as unknown[]).push(cycle);
  expect(refused(cycle)).toEqual(['a[0]: refers back to an object that contains it']);
  expect(refused({ big: 1n, nan: NaN, list: [Infinity], when: new Date(NaN) })).toEqual([
    'big: a bigint cannot be expressed in JSON; return String(value) or Number(value)',
    'nan: NaN cannot be expressed in JSON',
    'list[0]: Infinity cannot be expressed in JSON',
    'when: is an invalid date',
  ]);
  expect(refused({ m: new Map([[{}, 1]]) })).toEqual(['m: is a map with keys that are neither strings nor numbers']);
  expect(
    refused({
      get broken(): never {
        throw new Error('no');
      },
    }),
  ).toEqual([': could not be read: no']);
});

it('one object in two places is not a cycle', () => {
  const shared = { a: 1 };
  expect(plain({ x: shared, y: [shared] })).toEqual({ x: shared, y: [shared] });
});

it('refuses nesting that would overflow the stack', () => {
  let deep: unknown = 1;
  for (let level = 0; level < 100_000; level++) deep = [deep];
  expect(JSON.stringify(refused(deep))).toMatch(/nested more than 500 levels/);
});

it('a member called __proto__ does not change a prototype', () => {
  const hostile: unknown = JSON.parse('{"__proto__":{"polluted":true},"at":1}');
  const copied = plain({ ...(hostile as object), when: new Date(0) }) as Record<string, unknown>;
  expect(Object.getPrototypeOf(copied)).toBe(Object.prototype);
  expect(copied['polluted']).toBeUndefined();
});
