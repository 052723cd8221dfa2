/**
 * A value that the schema of a service accepts is accepted by the engine: as a literal of a plan, as submitted data, and
 * through a reference from an output with the same schema. Generates schemas of all three kinds, and values.
 */
import 'reflect-metadata';
import { Transform, Type } from 'class-transformer';
import * as cv from 'class-validator';
import * as fc from 'fast-check';
import { z } from 'zod';
import { createOrraClient, type OrraClient } from '@orra-ts/client';
import { silentLogger } from '@orra-ts/common';
import { type Engine, createEngine } from '@orra-ts/engine';
import { OrraFactory, defineService, jsonSchema, type Schema } from '@orra-ts/sdk';
import { exploreServices } from '@orra-ts/sdk/internal';

/** One schema in the forms of JSON Schema and zod, with values that it accepts. */
interface Sample {
  readonly json: object;
  readonly zod: z.ZodType;
  readonly values: fc.Arbitrary<unknown>;
}

// Not a `$`, which begins a reference.
const word = fc.stringMatching(/^[a-z0-9 é😀]{0,6}$/u);
const whole = fc.integer({ min: -1000, max: 1000 });
const leaf: fc.Arbitrary<Sample> = fc.constantFrom<Sample>(
  { json: {}, zod: z.any(), values: fc.oneof(word, whole, fc.constant(null), fc.dictionary(word, whole), fc.array(whole)) },
  { json: { type: 'string' }, zod: z.string(), values: word },
  { json: { type: 'string', maxLength: 3 }, zod: z.string().max(3), values: fc.stringMatching(/^[a-z]{0,3}$/) },
  { json: { type: 'integer', minimum: 2 }, zod: z.int().min(2), values: fc.integer({ min: 2, max: 99 }) },
  { json: { type: 'number', exclusiveMaximum: 0.5 }, zod: z.number().lt(0.5), values: fc.constantFrom(0, -1.5, 0.25) },
  { json: { type: 'boolean' }, zod: z.boolean(), values: fc.boolean() },
  { json: { type: 'null' }, zod: z.null(), values: fc.constant(null) },
  { json: { enum: ['a', 1, true] }, zod: z.union([z.literal('a'), z.literal(1), z.literal(true)]), values: fc.constantFrom('a', 1, true) },
  { json: { const: 7 }, zod: z.literal(7), values: fc.constant(7) },
); // prettier-ignore

const { sample } = fc.letrec<{ sample: Sample }>((tie) => {
  const inner = tie('sample');
  return {
    sample: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      leaf,
      inner.map(({ json, zod, values }) => ({
        json: { type: 'array', items: json },
        zod: z.array(zod),
        values: fc.array(values, { maxLength: 3 }),
      })),
      fc.tuple(inner, inner).map(([a, b]) => ({
        json: { type: 'array', prefixItems: [a.json, b.json] },
        zod: z.tuple([a.zod, b.zod]),
        values: fc.tuple(a.values, b.values),
      })),
      inner.map(({ json, zod, values }) => ({
        json: { type: 'object', additionalProperties: json },
        zod: z.record(z.string(), zod),
        values: fc.dictionary(fc.stringMatching(/^[a-z]{1,3}$/), values, { maxKeys: 2 }),
      })),
      fc.tuple(inner, inner, fc.boolean()).map(([a, b, isOpen]) => ({
        json: { type: 'object', properties: { a: a.json, b: b.json }, required: ['a'], ...(isOpen && { additionalProperties: true }) },
        zod: isOpen ? z.looseObject({ a: a.zod, b: b.zod.optional() }) : z.object({ a: a.zod, b: b.zod.optional() }),
        values: fc.record(
          { a: a.values, b: b.values, ...(isOpen && { c: word }) },
          { requiredKeys: ['a'] },
        ),
      })), // prettier-ignore
      fc.tuple(inner, inner).map(([a, b]) => ({
        json: { anyOf: [a.json, b.json] },
        zod: z.union([a.zod, b.zod]),
        values: fc.oneof(a.values, b.values),
      })),
      fc.tuple(inner, inner).map(([a, b]) => ({
        json: {
          oneOf: [
            { type: 'object', properties: { k: { const: 'a' }, of: a.json }, required: ['k', 'of'] },
            { type: 'object', properties: { k: { const: 'b' }, of: b.json, more: a.json }, required: ['k', 'of'] },
          ],
        },
        zod: z.discriminatedUnion('k', [
          z.object({ k: z.literal('a'), of: a.zod }),
          z.object({ k: z.literal('b'), of: b.zod, more: a.zod.optional() }),
        ]),
        values: fc.oneof(
          fc.record({ k: fc.constant('a'), of: a.values, more: word }, { requiredKeys: ['k', 'of'] }),
          fc.record({ k: fc.constant('b'), of: b.values, more: a.values }, { requiredKeys: ['k', 'of'] }),
        ),
      })),
    ),
  };
});

class Cell {
  @cv.IsInt() n!: number;
}
class Card {
  @cv.IsString() number!: string;
}
class Cash {
  @cv.IsNumber() amount!: number;
}
const nestedIn = (options?: object): PropertyDecorator[] => [cv.ValidateNested(options), Type(() => Cell)];

/** Decorators of one property, with likely values. */
const PROPERTIES: readonly (readonly [readonly PropertyDecorator[], ...unknown[]])[] = [
  [[cv.IsString(), cv.MaxLength(2)], 'ab', '❤️❤️', 5],
  [[cv.IsDefined()], 5, 'x', { q: 1 }, [1]],
  [[cv.IsNotEmpty()], 5, { q: 1 }],
  [[cv.Allow()], null, 5, [1]],
  [[cv.IsInt(), cv.Min(2)], 3, 1],
  [[cv.IsInt(), Type(() => Number)], 3, '3', true],
  [[cv.IsInt(), Transform(({ value }) => Number(value))], 3, '3'],
  [[cv.IsLatitude()], 48.1, '48.1'],
  [[cv.IsIn(['a', 3])], 'a', 3, 4],
  [[cv.IsArray()], [1, 'a'], [], [{}]],
  [[cv.IsArray(), cv.IsString({ each: true })], ['a'], [1]],
  [[cv.IsObject()], { n: 1, m: { k: [1] } }, {}],
  [[cv.IsDate(), Type(() => Date)], '2024-01-01T00:00:00Z', 1700000000000],
  [nestedIn(), { n: 1 }, { n: 1, more: 'x' }],
  [nestedIn({ each: true }), [{ n: 1 }], [[{ n: 1 }]], [[[{ n: 2 }]]], []],
  [
    [
      cv.ValidateNested(),
      Type(() => Card, { discriminator: { property: 'kind', subTypes: [{ value: Card, name: 'card' }, { value: Cash, name: 'cash' }] } }),
    ],
    { kind: 'card', number: '4' },
    { kind: 'cash', amount: 2, number: 7 },
    { kind: 'other', number: '4' },
  ],
]; // prettier-ignore

function classOf(decorators: readonly PropertyDecorator[], isOptional: boolean, hasType: boolean): new () => object {
  class Dto {}
  for (const decorate of [...decorators, ...(isOptional ? [cv.IsOptional()] : [])]) decorate(Dto.prototype, 'v');
  // As TypeScript records it with emitDecoratorMetadata.
  if (hasType) Reflect.defineMetadata('design:type', String, Dto.prototype, 'v');
  return Dto;
}

describe('what the schema accepts, the engine accepts', () => {
  let engine: Engine;
  let orra: OrraClient;
  let apiKey: string;
  let count = 0;

  beforeAll(async () => {
    engine = await createEngine({ port: 0, storage: ':memory:', logger: silentLogger });
    ({ apiKey } = await engine.createProject({ name: 'p' }));
    orra = createOrraClient({ url: engine.url, apiKey });
  });
  afterAll(() => engine.close());

  async function register(name: string, schema: { input: unknown; output: unknown }): Promise<void> {
    const response = await fetch(`${engine.url}/register/service`, {
      method: 'POST',
      headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
      body: JSON.stringify({ name, description: 'does it', schema }),
    });
    if (!response.ok) throw new Error(await response.text());
  }

  /** Whether the schema accepts the value; if so, the engine must. */
  async function expectAccepted(schema: Schema, values: readonly unknown[]): Promise<number> {
    const service = defineService({ name: 'takes', description: 'does it', input: schema, output: schema }, () => ({}));
    const [explored] = exploreServices([service]).definitions;
    const app = await OrraFactory.create({
      services: [service],
      engine: { url: engine.url, apiKey },
      logger: silentLogger,
    });
    const spec = app.describe().services[0];
    if (!explored || !spec) throw new Error('it is not a service');
    const names = [`takes-${++count}`, `gives-${count}`] as const;
    const anything = { type: 'object', properties: { a: { type: 'string', 'x-conditional': true } } };
    await register(names[0], { input: spec.input.spec, output: anything });
    await register(names[1], { input: anything, output: spec.output.spec });
    let accepted = 0;
    for (const v of values) {
      const plain = JSON.parse(JSON.stringify({ v })) as { v?: unknown };
      if (!(await explored.definition.input.accept(structuredClone(plain))).ok) continue;
      accepted += 1;
      const task = { id: 'task1', service: names[0] };
      await orra.action('any').plan({ tasks: [{ ...task, input: plain }] }).preview();
      if (!('v' in plain)) continue;
      await orra.action('any').with(plain).plan({ tasks: [{ ...task, input: { v: '$task0.v' } }] }).preview();
      const tasks = [{ id: 'task1', service: names[1], input: { a: '$task0.x' } }, { ...task, id: 'task2', input: { v: '$task1.v' } }];
      await orra.action('any').with({ x: 1 }).plan({ tasks }).preview();
    } // prettier-ignore
    return accepted;
  }

  it.each(['JSON Schema', 'zod'] as const)(
    '%s',
    async (kind) => {
      let accepted = 0;
      await fc.assert(
      fc.asyncProperty(
        sample.chain((made) => fc.tuple(fc.constant(made), fc.array(fc.oneof(made.values, word, whole), { minLength: 2, maxLength: 4 }))),
        async ([{ json, zod }, values]) => {
          const schema =
            kind === 'zod'
              ? z.object({ v: zod })
              : jsonSchema({ type: 'object', properties: { v: json }, required: ['v'] });
          accepted += await expectAccepted(schema, values);
        },
      ),
      { numRuns: 80 },
    ); // prettier-ignore
      expect(accepted).toBeGreaterThan(20);
    },
    120_000,
  );

  it('classes', async () => {
    let accepted = 0;
    for (const [decorators, ...values] of PROPERTIES) {
      for (const [isOptional, hasType] of [[false, false], [true, false], [false, true]] as const) {
        accepted += await expectAccepted(classOf(decorators, isOptional, hasType), [...values, null, 'x', undefined]);
      }
    } // prettier-ignore
    expect(accepted).toBeGreaterThan(100);
  }, 120_000);
});
