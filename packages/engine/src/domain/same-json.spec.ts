import fc from 'fast-check';
import { differences, sameJson } from './same-json';

describe('same JSON', () => {
  it('ignores the order of members', () => {
    expect(sameJson({ a: 1, b: [{ c: 2, d: 3 }] }, { b: [{ d: 3, c: 2 }], a: 1 })).toBe(true);
  });

  it.each<[unknown, unknown]>([
    [
      [1, 2],
      [2, 1],
    ],
    [{ a: 1 }, { a: 1, b: null }],
    [{ a: undefined }, { b: undefined }],
    [{}, []],
    [null, {}],
    [0, false],
    [{ toString: 1 }, {}],
    [{ a: 1 }, { toString: 1 }],
  ])('distinguishes %j from %j', (a, b) => {
    expect(sameJson(a, b)).toBe(false);
    expect(sameJson(b, a)).toBe(false);
    expect(differences(a, b)).not.toEqual([]);
  });

  it('holds for a copy, which has no differences', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const copy: unknown = JSON.parse(JSON.stringify(value));
        expect(sameJson(JSON.parse(JSON.stringify(value)), copy)).toBe(true);
        expect(differences(copy, JSON.parse(JSON.stringify(value)))).toEqual([]);
      }),
    );
  });
});

describe('differences', () => {
  it('are reported by their path, including new and removed members', () => {
    const before = { input: { properties: { a: { type: 'string' }, b: { type: 'string' } }, required: ['a'] } };
    const after = { input: { properties: { a: { type: 'number' }, c: { type: 'string' } }, required: ['a'] } };
    expect(differences(before, after)).toEqual(['input.properties.a.type', 'input.properties.b', 'input.properties.c']);
  });

  it('do not exceed the limit', () => {
    const many = (value: number): unknown => ({ x: { a: value, b: value, c: value }, d: value });
    expect(differences(many(1), many(2), 2)).toEqual(['x.a', 'x.b']);
  });
});
