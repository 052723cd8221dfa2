import 'reflect-metadata';
import { Exclude, Expose, Type } from 'class-transformer';
import {
  IsArray,
  IsDate,
  IsInt,
  IsOptional,
  IsString,
  Matches,
  Min,
  Validate,
  ValidateNested,
  ValidatorConstraint,
} from 'class-validator';
import { z } from 'zod';
import * as mini from 'zod/mini';
import type { Checked, ValueSchema, Violation } from './value-schema';
import { jsonSchema } from '../json-schema';
import type { ValueSchemaOptions } from './prepare';
import { createValueSchema } from './create-value-schema';

type Options = Partial<Pick<ValueSchemaOptions, 'side' | 'unknownFields' | 'validation' | 'validatorModules'>>;

function build(schema: unknown, options: Options = {}): { schema: ValueSchema | undefined; problems: string[] } {
  const problems: string[] = [];
  const built = createValueSchema(schema, {
    side: 'input',
    unknownFields: 'strip',
    validation: 'full',
    ...options,
    report: ({ field, message }) => problems.push(`${field}: ${message}`),
  });
  return { schema: built, problems };
}

function schemaOf(schema: unknown, options?: Options): ValueSchema {
  const built = build(schema, options);
  if (!built.schema) throw new Error(built.problems.join('\n'));
  return built.schema;
}

const sync = (checked: Checked | Promise<Checked>): Checked => {
  if (checked instanceof Promise) throw new Error('it answered a promise');
  return checked;
};
const value = (checked: Checked | Promise<Checked>): unknown => {
  const result = sync(checked);
  if (!result.ok) throw new Error(JSON.stringify(result.violations));
  return result.value;
};
const violations = (checked: Checked | Promise<Checked>): string[] => {
  const result = sync(checked);
  return result.ok ? [] : result.violations.map(({ path, message }: Violation) => `${path}: ${message}`);
};

class Item {
  @IsString() sku!: string;
  @IsInt() @Min(1) count!: number;
}
class Order {
  @IsString() @Matches(/^o-/i) id!: string;
  @IsDate() @Type(() => Date) placed!: Date;
  @IsArray() @ValidateNested({ each: true }) @Type(() => Item) items!: Item[];
  @IsOptional() @IsString() note?: string | null;
  total(): number {
    return this.items.reduce((sum, { count }) => sum + count, 0);
  }
}
const wire = { id: 'o-1', placed: '2026-01-02T03:04:05.000Z', items: [{ sku: 'a', count: 2 }] };

describe('a class', () => {
  const input = schemaOf(Order);
  const output = schemaOf(Order, { side: 'output' });

  it('creates an instance synchronously, with nested instances and dates', () => {
    const order = value(input.accept(wire)) as Order;
    expect([order instanceof Order, order.items[0] instanceof Item, order.placed.getTime(), order.total()]).toEqual([
      true,
      true,
      Date.parse(wire.placed),
      2,
    ]);
  });

  it('lists every violation of the structure with its path', () => {
    expect(violations(input.accept({ id: 5, items: [{ sku: 'a' }, { sku: 1, count: 'x' }] }))).toEqual([
      'placed: is required',
      'id: must be string',
      'items[0].count: is required',
      'items[1].sku: must be string',
      'items[1].count: must be integer',
    ]);
  });

  it('lists every violation that only class-validator finds, with its message', () => {
    expect(violations(input.accept({ ...wire, id: 'x-1' }))).toEqual(['id: must match /^o-/i regular expression']);
  });

  it.each([[null], [undefined], [[]], ['text'], [5]])('refuses %j as a whole', (root) => {
    expect(violations(input.accept(root))).toEqual([': must be object']);
  });

  it('does not change its argument', () => {
    const given = structuredClone({ ...wire, extra: 1 });
    value(input.accept(given));
    expect(given).toEqual({ ...wire, extra: 1 });
  });

  it('strips, refuses or keeps unknown members, depending on the option', () => {
    const given = { ...wire, extra: 1, items: [{ sku: 'a', count: 1, more: 2 }] };
    const keys = (order: unknown): unknown => [
      Object.keys(order as object),
      Object.keys((order as Order).items[0] ?? {}),
    ];
    expect(keys(value(input.accept(given)))).toEqual([
      ['id', 'placed', 'items'],
      ['sku', 'count'],
    ]);
    expect(violations(schemaOf(Order, { unknownFields: 'reject' }).accept(given))).toEqual([
      'items[0].more: is not a known property',
      'extra: is not a known property',
    ]);
    expect(keys(value(schemaOf(Order, { unknownFields: 'keep' }).accept(given)))).toEqual([
      ['id', 'placed', 'items', 'extra'],
      ['sku', 'count', 'more'],
    ]);
  });

  it('encodes literals and instances in the same way, dates as strings', () => {
    const literal = { id: 'o-1', placed: new Date(wire.placed), items: [{ sku: 'a', count: 2 }] };
    expect(value(output.emit(literal))).toEqual(wire);
    expect(value(output.emit(value(input.accept(wire))))).toEqual(wire);
  });

  it('refuses output that violates its rules or has no JSON form', () => {
    expect(violations(output.emit({ ...wire, id: 'x' }))).toEqual(['id: must match /^o-/i regular expression']);
    expect(violations(output.emit(undefined))).toEqual([': must be object']);
    expect(violations(output.emit({ ...wire, items: [{ sku: 'a', count: 1n }] }))).toEqual([
      'items[0].count: a bigint cannot be expressed in JSON; return String(value) or Number(value)',
    ]);
    const cycle: Record<string, unknown> = { ...wire };
    cycle['self'] = cycle;
    expect(violations(output.emit(cycle))).toEqual(['self: refers back to an object that contains it']);
  });

  it('applies @Expose and @Exclude to output', () => {
    class Account {
      @Expose({ name: 'account_id' }) @IsString() id!: string;
      @Exclude({ toPlainOnly: true }) @IsOptional() @IsString() password?: string;
    }
    const account = schemaOf(Account, { side: 'output' });
    expect(value(account.emit({ id: 'a', password: 'secret' }))).toEqual({ account_id: 'a' });
    expect((value(schemaOf(Account).accept({ account_id: 'a' })) as Account).id).toBe('a');
  });

  it('instantiates a stored value that no longer fits, as far as possible', () => {
    const revived = input.revive({ id: 7, placed: 'never', extra: 1 }) as Order;
    expect([revived instanceof Order, revived.id, (revived as unknown as { extra: number }).extra]).toEqual([
      true,
      7,
      1,
    ]);
    expect([input.revive(null), input.revive('text')]).toEqual([null, 'text']);
  });

  it("validation: 'schema' checks the described rules without class-validator", () => {
    class Short {
      @IsString() @Matches(/^a/) text!: string;
      @IsOptional() @Type(() => Date) @IsDate() when?: Date;
    }
    const schema = schemaOf(Short, { validation: 'schema' });
    expect(violations(schema.accept({ text: 'b', when: 'never' }))).toEqual([
      'text: must match pattern "^a"',
      'when: must match format "orra-date"',
    ]);
    const made = value(schema.accept({ text: 'a', when: '2026-01-01' })) as Short;
    expect([made instanceof Short, made.when instanceof Date]).toEqual([true, true]);
  });

  it('reports whether an empty object fits', () => {
    class Nothing {
      @IsOptional() @IsString() note?: string;
    }
    expect([schemaOf(Nothing, { side: 'output' }).acceptsEmptyObject, output.acceptsEmptyObject]).toEqual([
      true,
      false,
    ]);
  });

  it('awaits custom rules, also those that are not declared asynchronous', async () => {
    @ValidatorConstraint({ name: 'free' })
    class Free {
      validate(name: string): Promise<boolean> {
        return name === 'broken' ? Promise.reject(new Error('database down')) : Promise.resolve(name === 'free');
      }
      defaultMessage(): string {
        return '$property is taken';
      }
    }
    class Name {
      @IsString() @Validate(Free) name!: string;
    }
    const schema = schemaOf(Name);
    expect(await schema.accept({ name: 'free' })).toEqual({ ok: true, value: { name: 'free' } });
    expect(await schema.accept({ name: 'used' })).toEqual({
      ok: false,
      violations: [{ path: 'name', message: 'is taken' }],
    });
    await expect(schema.accept({ name: 'broken' })).rejects.toThrow('database down');
  });

  it('a malicious input does not pollute prototypes and is refused', () => {
    const hostile: unknown = JSON.parse(
      '{"__proto__":{"id":"o-1"},"constructor":{"prototype":{"x":1}},"placed":"2026-01-01","items":[]}',
    );
    expect(violations(input.accept(hostile))).toEqual(['id: is required']);
    expect(({} as Record<string, unknown>)['x']).toBeUndefined();
  });

  it('a discriminator selects the class and is not removed', () => {
    class Shape {
      @IsString() label!: string;
    }
    class Circle extends Shape {
      @IsInt() radius!: number;
    }
    class Drawing {
      @ValidateNested()
      @Type(() => Shape, { discriminator: { property: 'kind', subTypes: [{ value: Circle, name: 'circle' }] } })
      shape!: Shape;
    }
    const given = { shape: { kind: 'circle', label: 'c', radius: 2, extra: 1 } };
    const before = structuredClone(given);
    const drawing = value(schemaOf(Drawing).accept(given)) as Drawing;
    expect([drawing.shape instanceof Circle, Object.keys(drawing.shape)]).toEqual([true, ['label', 'radius']]);
    expect(given).toEqual(before);
    const out = schemaOf(Drawing, { side: 'output' });
    expect(value(out.emit({ shape: Object.assign(new Circle(), { label: 'c', radius: 2 }) }))).toEqual({
      shape: { kind: 'circle', label: 'c', radius: 2 },
    });
    expect(violations(out.emit({ shape: { kind: 'circle', label: 'c', radius: 'x' } }))).toEqual([
      'shape.radius: must be an integer number',
    ]);
  });
});

describe('a JSON Schema', () => {
  const declared = jsonSchema<{ a: string }>({
    type: 'object',
    properties: { a: { type: 'string', format: 'date' }, n: { type: 'integer' } },
    required: ['a'],
  });
  const schema = schemaOf(declared);

  it('returns the value unchanged, checked with its formats', () => {
    const given = { a: '2026-01-01' };
    expect(value(schema.accept(given))).toBe(given);
    expect(violations(schema.accept({ a: 'soon', n: 1.5 }))).toEqual([
      'a: must match format "date"',
      'n: must be integer',
    ]);
    expect(value(schema.accept({ a: '2026-01-01', extra: 1 }))).toEqual(given);
    expect(value(schema.emit(given))).toBe(given);
    expect(violations(schema.emit({ a: 1n }))).toHaveLength(1);
  });

  it('of draft-07 is read as such', () => {
    const tuple = {
      $schema: 'http://json-schema.org/draft-07/schema#',
      type: 'object',
      properties: { t: { items: [{ type: 'string' }] } },
    };
    expect(violations(schemaOf(jsonSchema(tuple)).accept({ t: [1] }))).toEqual(['t[0]: must be string']);
  });

  it('may have the same $id as another one', () => {
    const named = (type: string): unknown =>
      jsonSchema({ $id: 'https://example.com/same', type: 'object', properties: { a: { type } } });
    expect([build(named('string')).problems, build(named('number')).problems]).toEqual([[], []]);
  });

  it.each([
    ['a string', { type: 'string' }, 'input: input is a string at the top level; engines require an object'],
    [
      'no property',
      { type: 'object', properties: {} },
      'input: input declares no property; engines require at least one',
    ],
    [
      'an unresolvable reference',
      { type: 'object', properties: { a: { $ref: '#/$defs/A' } } },
      "input: its JSON Schema does not compile: can't resolve reference #/$defs/A from id #",
    ],
    [
      'an illegal keyword value',
      { type: 'object', properties: { a: { type: 'text' } } },
      expect.stringContaining('input: its JSON Schema does not compile: schema is invalid: data/properties/a/type'),
    ],
  ])('with %s is a boot problem', (_, wrong, problem) => {
    expect(build(jsonSchema(wrong)).problems).toEqual([problem]);
  });
});

describe('a Standard Schema', () => {
  const declared = z.object({
    when: z.iso.datetime().transform((text) => new Date(text)),
    n: z.number().default(3),
    nested: z.object({ x: z.string() }).optional(),
  });

  it('of zod: the input type is registered, and the handler gets the output type', () => {
    const schema = schemaOf(declared);
    expect(schema.spec).toMatchObject({
      properties: { when: { type: 'string' }, n: { type: 'number' } },
      required: ['when'],
    });
    expect(value(schema.accept({ when: '2026-01-01T00:00:00Z', nested: { x: '1', y: 2 } }))).toEqual({
      when: new Date('2026-01-01T00:00:00Z'),
      n: 3,
      nested: { x: '1' },
    });
    expect(violations(schema.accept({ when: 'x', nested: { x: 1 } }))).toEqual([
      expect.stringMatching(/^when: /),
      expect.stringMatching(/^nested\.x: /),
    ]);
  });

  it('of zod: the handler returns the input type, and the engine gets the output type', () => {
    const schema = schemaOf(z.object({ ok: z.boolean().default(true) }), { side: 'output' });
    expect([value(schema.emit({})), schema.acceptsEmptyObject]).toEqual([{ ok: true }, true]);
  });

  it('refuses unknown members on request, although the library does not', () => {
    const schema = schemaOf(declared, { unknownFields: 'reject' });
    expect(violations(schema.accept({ when: '2026-01-01T00:00:00Z', nested: { x: '1', y: 2 } }))).toEqual([
      'nested.y: is not a known property',
    ]);
  });

  it('parses a stored value with the schema, or leaves it unchanged', () => {
    const schema = schemaOf(declared);
    expect(schema.revive({ when: '2026-01-01T00:00:00Z' })).toMatchObject({ n: 3 });
    expect(schema.revive({ when: 'x' })).toEqual({ when: 'x' });
  });

  it('is asynchronous if the library is', async () => {
    const schema = schemaOf(z.object({ a: z.string().refine((text) => Promise.resolve(text === 'free')) }));
    expect(await schema.accept({ a: 'free' })).toEqual({ ok: true, value: { a: 'free' } });
    expect(await schema.accept({ a: 'used' })).toMatchObject({ ok: false });
  });

  it('of zod mini gets its JSON Schema from zod', () => {
    expect(schemaOf(mini.object({ a: mini.string() })).spec.properties).toEqual({ a: { type: 'string' } });
  });

  it('of any library that implements the standard', () => {
    const standard = {
      '~standard': {
        version: 1,
        vendor: 'homemade',
        validate: (given: unknown) =>
          (given as { list?: unknown }).list
            ? { value: given }
            : { issues: [{ message: 'is missing', path: [{ key: 'list' }, 0, 'a'] }] },
        jsonSchema: { input: () => ({ type: 'object', properties: { list: { type: 'array', items: {} } } }) },
      },
    };
    expect(violations(schemaOf(standard).accept({}))).toEqual(['list[0].a: is missing']);
  });

  it.each([
    ['valibot', 'this valibot schema has no converter to JSON Schema'],
    ['other', 'this other schema has no converter to JSON Schema'],
  ])('of %s without a converter is a boot problem', (vendor, message) => {
    const { problems } = build({ '~standard': { version: 1, vendor, validate: () => ({ value: 1 }) } });
    expect(problems).toEqual([`input: ${message}`]);
  });

  it('that has no JSON form is a boot problem', () => {
    expect(build(z.object({ when: z.date() })).problems).toEqual([
      'input: this zod schema cannot be converted to JSON Schema: Date cannot be represented in JSON Schema',
    ]);
  });
});

it.each([
  [undefined, 'input is missing'],
  [5, 'input is not a schema'],
  [null, 'input is not a schema'],
  ['Dto', 'input is not a schema'],
])('%j is a boot problem', (schema, message) => {
  expect(build(schema).problems).toEqual([`input: ${message}`]);
});

describe('a function that returns a schema', () => {
  it('is called once and works like the schema itself', () => {
    let calls = 0;
    const schema = schemaOf(() => {
      calls += 1;
      return Item;
    });
    expect(value(schema.accept({ sku: 'a', count: 1 }))).toBeInstanceOf(Item);
    expect(value(schema.accept({ sku: 'a', count: 2 }))).toBeInstanceOf(Item);
    expect(calls).toBe(1);
  });

  it('is a problem if it throws or returns something else', () => {
    const bound: unknown = Item.bind(null);
    expect(build(bound).problems).toEqual([expect.stringContaining('input: its function threw')]);
    expect(build(() => undefined).problems).toEqual(['input: its function returned undefined']);
    expect(build(() => 5).problems).toEqual(['input: its function returned neither a class nor a schema']);
  });
});

describe('patterns', () => {
  const field = (schema: object): ValueSchema =>
    schemaOf(jsonSchema({ type: 'object', properties: { v: schema }, required: ['v'] }));

  it.each([
    ['\\p{L}+', 'Émile'],
    ['.', '😀'],
    ['[\\u{1F600}-\\u{1F64F}]', '😀'],
    ['[\\w-]+', 'a-b'],
    ['a\\-b', 'a-b'],
  ])('a pattern of a JSON Schema is a Unicode pattern: %s', (pattern, v) => {
    expect(value(field({ type: 'string', pattern: `^${pattern}$` }).accept({ v }))).toEqual({ v });
  });

  it('a pattern of a class has the flags of its source, also without class-validator', () => {
    class Named {
      @Matches(/^\p{L}+$/u) name!: string;
      @Matches(/^..$/) pair!: string;
    }
    for (const validation of ['full', 'schema'] as const) {
      const schema = schemaOf(Named, { validation });
      expect(sync(schema.accept({ name: 'Émile', pair: '😀' })).ok).toBe(true);
      expect(sync(schema.accept({ name: 'E1', pair: 'ab' })).ok).toBe(false);
    }
  });
});
