import type { Spec } from '@orra-ts/protocol';
import { fitProblems } from './spec-fit';

/** A schema as services register it: with members beyond the static type, in any form. */
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
    // Two UTF-16 units or one character: validators count either way.
    ['🎉', { type: 'string', maxLength: 1 }],
    ['🎉', { type: 'string', minLength: 2 }],
    // Null counts as absent, as in the Go engine.
    [-1, { type: 'number', minimum: null, maximum: null, required: null }],
    [{ more: 1 }, { type: 'object', properties: { a: { type: 'string' } } }],
    [
      { a: 'x', b: 'y' },
      { type: 'object', properties: { '<key>': { type: 'string' } } },
    ],
    // A required name that is not declared could never be set.
    [{ a: 'x' }, { type: 'object', properties: { a: { type: 'string' } }, required: ['a', 'ghost'] }],
    // Only the service can evaluate the condition.
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
    // All problems of one value, so that fixing one does not reveal the next.
    [
      -5,
      { type: 'number', minimum: 0, exclusiveMinimum: 1, enum: [2, 3] },
      ['must be one of [2,3], found number -5', 'must be at least 0, found -5', 'must be above 1, found -5'],
    ],
    [
      'abc',
      { type: 'string', maxLength: 2, minLength: 4 },
      ['must have at least 4 characters, found 3', 'must have at most 2 characters, found 3'],
    ],
    [[1], { type: 'array', items: { type: 'integer' }, minItems: 2 }, ['must have at least 2 items, found 1']],
    [
      [1, 'x'],
      { type: 'array', items: { type: 'integer' }, maxItems: 1 },
      ['must have at most 1 items, found 2', '[1] must be integer, found string "x"'],
    ],
    ['x', { type: 'integer', minimum: 1, maximum: 9 }, ['must be integer, at least 1, at most 9, found string "x"']],
    ['x', { type: 'array', items: { type: 'string' } }, ['must be array of string, found string "x"']],
    ['y', { type: 'string', const: 'x' }, ['must be one of ["x"], found string "y"']],
    [{ a: 5 }, { type: 'object', properties: { '<key>': { type: 'string' } } }, ['.a must be string, found number 5']],
    [
      [{ q: 1 }, { q: 'x' }, {}],
      { type: 'array', items: { type: 'object', properties: { q: { type: 'integer' } }, required: ['q'] } },
      ['[1].q must be integer, found string "x"', '[2].q is required and missing, it must be integer'],
    ],
    ['x'.repeat(100), { type: 'integer' }, [`must be integer, found string "${'x'.repeat(56)}...`]],
    // Inherited members do not count as present.
    [
      {},
      { type: 'object', properties: { toString: { type: 'string' } }, required: ['toString'] },
      ['.toString is required and missing, it must be string'],
    ],
  ])('%j does not fit %j', (value, json, problems) => {
    expect(found(value, json)).toEqual(problems);
  });

  it('are found lazily', () => {
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

describe('values that other checks cover', () => {
  const isMark = (value: unknown): boolean => value === '$x';

  it('fit anywhere, including within the value of an enum', () => {
    const options = spec({ type: 'object', enum: [{ a: 1 }] });
    expect([...fitProblems({ a: '$x' }, options, isMark)]).toEqual([]);
    expect([...fitProblems({ a: 2 }, options, isMark)]).toHaveLength(1);
    expect([...fitProblems(['$x', 'y'], spec({ type: 'array', items: { type: 'integer' } }), isMark)]).toEqual([
      { path: '[1]', rule: 'must be integer', message: 'must be integer, found string "y"' },
    ]);
  });
});
