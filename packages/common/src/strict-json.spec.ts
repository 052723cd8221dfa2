import { encodeStrictJson } from './strict-json';

describe('encodeStrictJson', () => {
  it('writes what JSON.stringify writes for values that JSON can express', () => {
    const at = new Date('2026-01-02T03:04:05.678Z');
    const value = { a: [1, 'x', null, true], at, url: new URL('http://orra.example/a'), left: undefined };
    expect(encodeStrictJson(value)).toBe(JSON.stringify(value));
    expect(encodeStrictJson(undefined)).toBeUndefined();
  });

  it.each([
    ['a Map', new Map([['a', 1]])],
    ['a Set', new Set([1])],
    ['an Error', new Error('no stock')],
    ['a Promise', Promise.resolve(1)],
    ['a bigint', 1n],
    ['a function', () => 1],
    ['a symbol', Symbol('s')],
    ['NaN', NaN],
    ['-Infinity', -Infinity],
    ['an invalid date', new Date(NaN)],
  ])('refuses %s by path and type', (type, value) => {
    expect(() => encodeStrictJson({ rows: [{ ok: 1 }, { value }] })).toThrow(
      `it contains ${type} (at \`rows[1].value\`), which cannot be expressed in JSON`,
    );
    expect(() => encodeStrictJson(value)).toThrow(`it contains ${type}, which cannot be expressed in JSON`);
  });

  it('refuses a cycle, and accepts an object that occurs twice', () => {
    const shared = { n: 1 };
    expect(encodeStrictJson([shared, shared])).toBe('[{"n":1},{"n":1}]');
    const cycle: Record<string, unknown> = {};
    cycle['self'] = cycle;
    expect(() => encodeStrictJson(cycle)).toThrow(/circular/);
  });
});
