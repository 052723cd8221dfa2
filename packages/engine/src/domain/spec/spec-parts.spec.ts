import type { Spec } from '@orra-ts/protocol';
import { describeSpec, memberSpec, specAt } from './spec-parts';

/** A schema as services register it: with members beyond the static type, in any form. */
const spec = (json: Record<string, unknown>): Spec => json as unknown as Spec;

describe('the schema at a path', () => {
  const output = spec({
    type: 'object',
    properties: {
      a: { type: 'object', properties: { b: { type: 'integer' } } },
      list: { type: 'array', items: { type: 'string' } },
      pair: { type: 'array', items: { type: 'string' }, maxItems: 2 },
      'a.c': { type: 'boolean' },
      open: { type: 'object', properties: { '<key>': { type: 'number' } } },
    },
  });

  it.each([
    ['a.b', 'integer'],
    ['a.c', 'boolean'],
    ['list.7', 'string'],
    ['pair.1', 'string'],
    ['open.anything', 'number'],
  ])('%s is %s', (path, type) => {
    expect(specAt(output, path.split('.'))).toMatchObject({ kind: 'found', spec: { type } });
  });

  it.each([
    ['x', 0],
    ['a.x', 1],
    ['a.b.c', 2],
    ['list.first', 1],
    ['list.-1', 1],
    ['pair.2', 1],
    ['pair.999999999999999999999', 1],
    ['constructor', 0],
    ['a.toString', 1],
    ['__proto__', 0],
    ['', 0],
  ])('%s is missing from part %i on', (path, part) => {
    expect(specAt(output, path.split('.'))).toMatchObject({ kind: 'missing', part });
  });

  it('of an inherited member is not found', () => {
    expect(memberSpec(output, 'constructor')).toBeUndefined();
    expect(memberSpec(spec({ type: 'object' }), '__proto__')).toBeUndefined();
  });
});

describe('the description of a schema', () => {
  it.each([
    [{ type: 'string' }, 'string'],
    [{ type: ['string', 'null'] }, 'string or null'],
    [{ type: 'string', nullable: true, maxLength: 3 }, 'string or null, at most 3 characters'],
    [{ type: 'integer', minimum: 1, maximum: 9 }, 'integer, at least 1, at most 9'],
    [{ type: 'number', exclusiveMinimum: 0, exclusiveMaximum: 1 }, 'number, above 0, below 1'],
    [{ type: 'string', enum: ['a', 'b'] }, 'one of ["a","b"]'],
    [{ type: 'string', enum: ['a', null] }, 'one of ["a",null]'],
    [{ type: 'string', const: 'a', nullable: true }, 'one of ["a"] or null'],
    [{ type: 'array', items: { type: 'string' }, minItems: 1 }, 'array of string, at least 1 items'],
  ])('%j is %s', (json, words) => {
    expect(describeSpec(spec(json))).toBe(words);
  });

  it('has a bounded length', () => {
    const options = Array.from({ length: 10_000 }, (_, index) => `option ${index}`);
    expect(describeSpec(spec({ type: 'string', enum: options })).length).toBeLessThan(250);
  });
});
