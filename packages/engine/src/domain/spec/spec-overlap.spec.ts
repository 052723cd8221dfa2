import fc from 'fast-check';
import type { Spec } from '@orra-ts/protocol';
import { fits } from './spec-fit';
import { misfitOf } from './spec-overlap';

type Json = Record<string, unknown>;
/** A schema as services register it: with members beyond the static type, in any form. */
const spec = (json: Json): Spec => json as unknown as Spec;
const object = (properties: Json, more: Json = {}): Json => ({ type: 'object', properties, ...more });
const list = (items: Json, more: Json = {}): Json => ({ type: 'array', items, ...more });
const TEXT = { type: 'string' };
const WHOLE = { type: 'integer' };
const NUMBER = { type: 'number' };

describe('an output that may fit an input', () => {
  it.each<[Json, Json]>([
    [TEXT, TEXT],
    [WHOLE, NUMBER],
    // Services in TypeScript have one type for both.
    [NUMBER, WHOLE],
    [{ type: ['string', 'null'] }, TEXT],
    [{ type: 'string', nullable: true }, TEXT],
    // Null fits both.
    [
      { type: 'string', nullable: true },
      { type: 'number', nullable: true },
    ],
    [{ type: 'string', 'x-conditional': true }, NUMBER],
    [NUMBER, { type: 'string', 'x-conditional': true }],
    [
      { ...TEXT, enum: ['a', 'b'] },
      { ...TEXT, enum: ['b', 'c'] },
    ],
    [TEXT, { ...TEXT, enum: ['b', 'c'] }],
    [{ ...TEXT, enum: ['b', 'c'] }, TEXT],
    [
      { ...NUMBER, maximum: 5 },
      { ...NUMBER, minimum: 5 },
    ],
    [
      { ...NUMBER, minimum: 0.5 },
      { ...WHOLE, maximum: 1 },
    ],
    [
      { ...WHOLE, minimum: 1 },
      { ...NUMBER, exclusiveMaximum: 1.1 },
    ],
    [list(TEXT, { minItems: 1 }), list(TEXT, { maxItems: 1 })],
    [object({ a: TEXT }), object({ a: TEXT, b: TEXT })],
    [object({ toString: TEXT }), object({ a: { type: 'boolean' } })],
    // It may be present: schemas rarely declare which outputs always are.
    [object({ a: TEXT, b: TEXT }, { required: ['a'] }), object({ b: TEXT }, { required: ['b'] })],
    [object({ a: TEXT }, { additionalProperties: true }), object({ b: TEXT }, { required: ['b'] })],
    [object({ '<key>': TEXT }), object({ b: TEXT }, { required: ['b'] })],
    [object({ a: TEXT }), object({ '<key>': TEXT })],
    // Only the service checks patterns and formats.
    [
      { ...TEXT, format: 'date' },
      { ...TEXT, format: 'email' },
    ],
  ])('%j as %j', (given, wanted) => {
    expect(misfitOf(spec(given), spec(wanted))).toBeUndefined();
  });
});

describe('an output that can never fit an input', () => {
  it.each<[Json, Json, string]>([
    [TEXT, NUMBER, ': string, not number'],
    [{ type: 'string', nullable: true }, NUMBER, ': string or null, not number'],
    [{ ...TEXT, enum: ['a'] }, { ...TEXT, enum: ['b', 'c'] }, ': one of ["a"], not one of ["b","c"]'],
    [{ ...TEXT, const: 'a' }, { ...TEXT, const: 'b' }, ': one of ["a"], not one of ["b"]'],
    [{ ...NUMBER, enum: [1, 2] }, { ...NUMBER, minimum: 3 }, ': one of [1,2], not number, at least 3'],
    [{ ...NUMBER, maximum: 2 }, { ...NUMBER, enum: [3] }, ': number, at most 2, not one of [3]'],
    [{ ...NUMBER, maximum: 4 }, { ...NUMBER, minimum: 5 }, ': number, at most 4, not number, at least 5'],
    [{ ...NUMBER, maximum: 5 }, { ...NUMBER, exclusiveMinimum: 5 }, ': number, at most 5, not number, above 5'],
    [{ ...NUMBER, exclusiveMaximum: 5 }, { ...NUMBER, minimum: 5 }, ': number, below 5, not number, at least 5'],
    [{ ...NUMBER, minimum: 0.2, maximum: 0.8 }, WHOLE, ': number, at least 0.2, at most 0.8, not integer'],
    [{ ...WHOLE, exclusiveMinimum: 1, exclusiveMaximum: 2 }, NUMBER, ': integer, above 1, below 2, not number'],
    [list(TEXT), list(WHOLE), '[]: string, not integer'],
    [
      list(TEXT, { maxItems: 1 }),
      list(TEXT, { minItems: 2 }),
      ': array of string, at most 1 items, not array of string, at least 2 items',
    ],
    [
      list(TEXT, { minItems: 3 }),
      list(TEXT, { maxItems: 2 }),
      ': array of string, at least 3 items, not array of string, at most 2 items',
    ],
    [object({ a: TEXT }), object({ a: { type: 'boolean' } }), '.a: string, not boolean'],
    [
      object({ a: list(object({ b: TEXT })) }),
      object({ a: list(object({ b: WHOLE })) }),
      '.a[].b: string, not integer',
    ],
    [object({ a: TEXT }), object({ b: TEXT }, { required: ['b'] }), '.b: not declared, not string'],
    [object({ '<key>': TEXT }), object({ b: WHOLE }, { required: ['b'] }), '.b: string, not integer'],
    [object({ a: TEXT }), object({ '<key>': WHOLE }), '.a: string, not integer'],
  ])('%j as %j', (given, wanted, says) => {
    const misfit = misfitOf(spec(given), spec(wanted));
    expect(misfit && `${misfit.path}: ${misfit.given}, not ${misfit.wanted}`).toBe(says);
  });
});

it('no value satisfies two schemas that never fit, for any schemas', () => {
  const bound = fc.option(fc.integer({ min: -3, max: 3 }), { nil: undefined });
  const scalar = fc.oneof(
    fc.record({
      type: fc.constantFrom('integer', 'number'),
      minimum: bound,
      maximum: bound,
      exclusiveMinimum: bound,
      exclusiveMaximum: bound,
      nullable: fc.boolean(),
    }),
    fc.record({ type: fc.constantFrom('string', 'boolean'), nullable: fc.boolean() }),
    fc.record({
      type: fc.constantFrom('string', 'number', 'integer'),
      enum: fc.uniqueArray(fc.constantFrom('a', 'b', 1, 2, 2.5), { minLength: 1 }),
    }),
  );
  const value = fc.oneof(
    fc.constantFrom('a', 'b', 'c', true, null),
    fc.integer({ min: -4, max: 4 }).map((halves) => halves / 2),
  );
  fc.assert(
    fc.property(scalar, scalar, value, (given, wanted, candidate) => {
      if (misfitOf(spec(given), spec(wanted)) === undefined) return;
      expect(fits(candidate, spec(given)) && fits(candidate, spec(wanted))).toBe(false);
    }),
    { numRuns: 5_000 },
  );
});
