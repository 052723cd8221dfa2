import type { Spec } from '@orra-ts/protocol';
import { canFit, fitProblems, memberSpec, specAt } from './spec-fit';

/** As services register it: more members than the static type knows, and of any form. */
const spec = (json: Record<string, unknown>): Spec => json as unknown as Spec;
const found = (value: unknown, json: Record<string, unknown>): string[] =>
  [...fitProblems(value, spec(json))].map(({ path, message }) => `${path} ${message}`.trim());

describe('values that fit', () => {
  it.each<[unknown, Record<string, unknown>]>([
    ['x', { type: 'string' }],
    [1, { type: 'integer' }],
    [1.0, { type: 'integer' }],
    [1.5, { type: 'number', minimum: 1, maximum: 2 }],
    [null, { type: 'string', nullable: true }],
    [null, { type: ['string', 'null'] }],
    [5, { type: ['string', 'integer'] }],
    [null, { type: 'string', enum: ['a', null] }],
    [{ a: 1 }, { type: 'object', enum: [{ a: 1 }] }],
    ['x', { type: 'string', const: 'x' }],
    // Null counts as absent where the original decodes it.
    [-1, { type: 'number', minimum: null, maximum: null, required: null }],
    [{ more: 1 }, { type: 'object', properties: { a: { type: 'string' } } }],
    [
      { a: 'x', b: 'y' },
      { type: 'object', properties: { '<key>': { type: 'string' } } },
    ],
    // A name that is required and not declared could never be given.
    [{ a: 'x' }, { type: 'object', properties: { a: { type: 'string' } }, required: ['a', 'ghost'] }],
    // The condition is the service's to ask.
    [5, { type: 'string', 'x-conditional': true }],
  ])('%j fits %j', (value, json) => {
    expect(found(value, json)).toEqual([]);
  });
});

describe('values that do not fit', () => {
  it.each<[unknown, Record<string, unknown>, string[]]>([
    [null, { type: 'string' }, ['must be string, found null']],
    [undefined, { type: 'string' }, ['must be string, found null']],
    [[], { type: 'object' }, ['must be object, found array']],
    [{}, { type: 'array' }, ['must be array, found object']],
    ['1', { type: 'integer' }, ['must be integer, found string "1"']],
    [true, { type: ['string', 'null'] }, ['must be string or null, found boolean true']],
    [0, { type: 'number', exclusiveMinimum: 0 }, ['must be above 0, found 0']],
    [1, { type: 'number', exclusiveMaximum: 1 }, ['must be below 1, found 1']],
    ['y', { type: 'string', const: 'x' }, ['must be one of ["x"], found string "y"']],
    [{ a: 5 }, { type: 'object', properties: { '<key>': { type: 'string' } } }, ['.a must be string, found number 5']],
    [
      [{ q: 1 }, { q: 'x' }, {}],
      { type: 'array', items: { type: 'object', properties: { q: { type: 'integer' } }, required: ['q'] } },
      ['[1].q must be integer, found string "x"', '[2].q is required and not given'],
    ],
    ['x'.repeat(100), { type: 'integer' }, [`must be integer, found string "${'x'.repeat(56)}...`]],
    // Members that every object has are not given by that.
    [
      {},
      { type: 'object', properties: { toString: { type: 'string' } }, required: ['toString'] },
      ['.toString is required and not given'],
    ],
  ])('%j does not fit %j', (value, json, problems) => {
    expect(found(value, json)).toEqual(problems);
  });

  it('are looked for only as long as somebody asks', () => {
    const items: unknown[] = Array.from({ length: 10 }, () => 'wrong');
    Object.defineProperty(items, 5, {
      get: () => {
        throw new Error('went on');
      },
    });
    const [first] = fitProblems(items, spec({ type: 'array', items: { type: 'integer' } }));
    expect(first?.path).toBe('[0]');
  });
});

describe('the schema at a path', () => {
  const output = spec({
    type: 'object',
    properties: {
      a: { type: 'object', properties: { b: { type: 'integer' } } },
      list: { type: 'array', items: { type: 'string' } },
      'a.c': { type: 'boolean' },
      open: { type: 'object', properties: { '<key>': { type: 'number' } } },
    },
  });

  it.each([
    ['a.b', 'integer'],
    ['a.c', 'boolean'],
    ['list.7', 'string'],
    ['open.anything', 'number'],
  ])('%s is %s', (path, type) => {
    expect(specAt(output, path.split('.'))).toMatchObject({ type });
  });

  it.each(['x', 'a.x', 'a.b.c', 'list.first', 'list.-1', 'constructor', 'a.toString', '__proto__', ''])(
    '%s is missing',
    (path) => {
      expect(specAt(output, path.split('.'))).toBe('missing');
    },
  );

  it('of a member that every object has is none', () => {
    expect(memberSpec(output, 'constructor')).toBeUndefined();
    expect(memberSpec(spec({ type: 'object' }), '__proto__')).toBeUndefined();
  });
});

describe('an output as an input', () => {
  const object = (properties: Record<string, unknown>): Record<string, unknown> => ({ type: 'object', properties });

  it.each<[Record<string, unknown>, Record<string, unknown>, boolean]>([
    [{ type: 'string' }, { type: 'string' }, true],
    [{ type: 'string' }, { type: 'number' }, false],
    [{ type: 'integer' }, { type: 'number' }, true],
    // Services in TypeScript have one type for both.
    [{ type: 'number' }, { type: 'integer' }, true],
    [{ type: ['string', 'null'] }, { type: 'string' }, true],
    [{ type: 'string', nullable: true }, { type: 'string' }, true],
    [{ type: 'array', items: { type: 'string' } }, { type: 'array', items: { type: 'integer' } }, false],
    [object({ a: { type: 'string' } }), object({ a: { type: 'string' }, b: { type: 'string' } }), true],
    [object({ a: { type: 'string' } }), object({ a: { type: 'boolean' } }), false],
    [object({ toString: { type: 'string' } }), object({ a: { type: 'boolean' } }), true],
    [{ type: 'string', 'x-conditional': true }, { type: 'number' }, true],
  ])('%j as %j: %j', (given, wanted, fits) => {
    expect(canFit(spec(given), spec(wanted))).toBe(fits);
  });
});
