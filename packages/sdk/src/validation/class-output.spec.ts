import { Exclude, Expose, instanceToPlain, Transform, Type } from 'class-transformer';
import { IsDate, IsObject, IsOptional, IsString, IsUrl, ValidateNested } from 'class-validator';
import * as z from 'zod';
import { jsonSchema } from '../json-schema';
import { createValueSchema } from './create-value-schema';
import type { ValueSchemaOptions } from './prepare';

class Item {
  @IsString() sku!: string;
  @Exclude() @IsString() cost!: unknown;
}
class Receipt {
  @IsString() @Expose({ name: 'receipt_id' }) id!: string;
  @IsOptional()
  @IsString()
  @Transform(({ value }) => (value as Date).toISOString(), { toPlainOnly: true })
  at?: unknown;
  @IsOptional() @IsString() price?: unknown;
  @IsOptional() @ValidateNested({ each: true }) @Type(() => Item) items?: unknown;
}

const schemaOf = (declared: unknown, options: Partial<ValueSchemaOptions> = {}) =>
  createValueSchema(declared, {
    side: 'output',
    unknownFields: 'strip',
    validation: 'full',
    report: (problem) => {
      throw new Error(problem.message);
    },
    ...options,
  })!;
const plainOf = (cls: new () => object, value: object): unknown => instanceToPlain(Object.assign(new cls(), value));
const emit = (value: unknown, validation: 'full' | 'schema' = 'full') => schemaOf(Receipt, { validation }).emit(value);

describe.each(['full', 'schema'] as const)('output of a class, validation: %s', (validation) => {
  it('omits excluded members, whatever they contain, and sends exposed names', () => {
    const cycle: { self?: object; big: bigint } = { big: 1n };
    cycle.self = cycle;
    const value = Object.freeze({
      id: 'r',
      items: [{ sku: 's', cost: cycle }, Object.assign(new Item(), { sku: 't', cost: NaN })],
    });
    expect(emit(value, validation)).toEqual({
      ok: true,
      value: { receipt_id: 'r', items: [{ sku: 's' }, { sku: 't' }] },
    });
  });

  it('never calls functions, and honours toJSON', () => {
    const cancel = jest.fn();
    const document = { toJSON: () => ({ id: 'r', price: new URL('http://orra.example/a'), cancel }) };
    expect(emit(document, validation)).toEqual({
      ok: true,
      value: { receipt_id: 'r', price: 'http://orra.example/a' },
    });
    expect(cancel).not.toHaveBeenCalled();
  });

  it('a failing transformation is a violation with the path of the member', () => {
    expect(emit({ id: 'r', at: 'no date' }, validation)).toMatchObject({
      ok: false,
      violations: [{ path: 'at', message: expect.stringMatching(/^cannot be transformed: .*toISOString/) as string }],
    });
  });

  it('the result of a transformation is sent as its toJSON returns it, and its functions are neither called nor sent', () => {
    class Money {
      constructor(readonly cents: number) {}
      toJSON = (): string => (this.cents / 100).toFixed(2);
    }
    const cancel = jest.fn();
    class Invoice {
      @IsString() @Transform(({ value }) => new Money(value as number)) total!: unknown;
      @IsUrl({ require_tld: false })
      @Transform(({ obj }) => new URL('http://orra.example/' + String(obj.id)))
      url!: unknown;
      @IsObject() @Transform(() => ({ cancel, open: true })) links!: unknown;
      @ValidateNested() @Type(() => Item) @Transform(({ value }) => ({ ...value, sku: 'x' })) item!: unknown;
      @IsString() id!: string;
      @IsString() @Expose() @Transform(({ obj }) => (obj as Invoice).name()) title?: string;
      name(): string {
        return `invoice ${this.id}`;
      }
    }
    expect(
      schemaOf(Invoice, { validation }).emit({ id: 'i', total: 1250, url: 1, links: 1, item: { cost: 1n } }),
    ).toEqual({
      ok: true,
      value: {
        id: 'i',
        total: '12.50',
        url: 'http://orra.example/i',
        links: { open: true },
        item: { sku: 'x' },
        title: 'invoice i',
      },
    });
    expect(cancel).not.toHaveBeenCalled();
  });

  it.each([
    ['the value that is sent', IsString()],
    ['what a receiver makes of it', IsDate()],
  ])('a transformation for both directions need not be repeatable; the rule describes %s', (_, rule) => {
    class Visit {
      at!: unknown;
    }
    const transform = jest.fn(({ value }: { value: unknown }) =>
      value instanceof Date ? value.toISOString() : new Date(value as string),
    );
    Transform(transform)(Visit.prototype, 'at');
    rule(Visit.prototype, 'at');
    const at = new Date(0);
    expect(schemaOf(Visit, { validation }).emit({ at })).toEqual({ ok: true, value: { at: at.toISOString() } });
    expect(transform.mock.calls.filter(([{ value }]) => value === at)).toHaveLength(1);
  });

  it('several transformations of one member apply in their order, and each once', () => {
    const calls: string[] = [];
    const step =
      (name: string) =>
      ({ value }: { value: unknown }) => {
        calls.push(name);
        return `${String(value)}${name}`;
      };
    class Steps {
      @IsString()
      @Transform(step('b'), { toPlainOnly: true })
      @Transform(step('a'), { toPlainOnly: true })
      id!: unknown;
      @IsOptional() @IsString() @Transform(step('no'), { groups: ['admin'] }) note?: string;
    }
    const value = plainOf(Steps, { id: '', note: 'n' });
    expect(schemaOf(Steps, { validation }).emit({ id: '', note: 'n' })).toEqual({ ok: true, value });
    expect(calls.slice(0, 2)).toEqual(calls.slice(2));
  });

  it('a union has the discriminator of its class', () => {
    class Shape {}
    class Circle extends Shape {
      @IsString() radius!: string;
    }
    class Square extends Shape {
      @IsString() side!: string;
    }
    class Drawing {
      @ValidateNested({ each: true })
      @Type(() => Shape, {
        discriminator: {
          property: 'kind',
          subTypes: [
            { value: Circle, name: 'circle' },
            { value: Square, name: 'square' },
          ],
        },
        keepDiscriminatorProperty: true,
      })
      shapes!: unknown[];
    }
    const shapes = [Object.assign(new Circle(), { radius: '1' }), { kind: 'square', side: '2' }];
    expect(schemaOf(Drawing, { validation }).emit({ shapes })).toEqual({
      ok: true,
      value: {
        shapes: [
          { radius: '1', kind: 'circle' },
          { kind: 'square', side: '2' },
        ],
      },
    });
    expect(Object.keys(shapes[0]!)).toEqual(['radius']);
  });

  it('members that the class does not declare are removed and listed', () => {
    const given = { id: 'r', _id: 1, items: [{ sku: 's', cost: 1, row: 7 }] };
    const sent = schemaOf(Receipt, { validation }).emit(given);
    expect(sent).toMatchObject({ ok: true, value: { receipt_id: 'r', items: [{ sku: 's' }] } });
    expect((sent as { removed?: () => string[] }).removed?.()).toEqual(['_id', 'items[0].row']);
    expect(given).toEqual({ id: 'r', _id: 1, items: [{ sku: 's', cost: 1, row: 7 }] });
  });

  it('unknownFields decides about them: keep sends them, reject refuses the output', () => {
    const given = { id: 'r', _id: 1 };
    expect(schemaOf(Receipt, { validation, unknownFields: 'keep' }).emit(given)).toEqual({
      ok: true,
      value: { receipt_id: 'r', _id: 1 },
    });
    expect(schemaOf(Receipt, { validation, unknownFields: 'reject' }).emit(given)).toEqual({
      ok: false,
      violations: [{ path: '_id', message: 'is not a known property' }],
    });
  });
});

it('the storage of class-transformer decides as class-transformer does', () => {
  class Base {
    @IsString() id!: string;
    @Expose({ name: 'full_name' }) @IsString() name!: string;
    @Exclude({ toClassOnly: true }) @IsString() shown!: string;
    @Exclude({ toPlainOnly: true }) @IsOptional() hidden?: string;
    @Expose({ groups: ['admin'] }) @IsOptional() internal?: string;
    @Expose() @IsString() get label(): string {
      return `${this.id}:${this.name}`;
    }
  }
  class Derived extends Base {
    @IsString() @Transform(({ value, obj, key }) => `${key} ${String(value)} of ${(obj as Base).id}`) more!: string;
  }
  const value = Object.assign(new Derived(), { id: 'i', name: 'n', shown: 's', hidden: 'h', internal: 'x', more: 'm' });
  expect(schemaOf(Derived, { validation: 'schema' }).emit(value)).toEqual({
    ok: true,
    value: JSON.parse(JSON.stringify(instanceToPlain(value))) as unknown,
  });
});

describe('a JSON Schema and a Standard Schema decide about other members themselves', () => {
  const open = { type: 'object', properties: { id: { type: 'string' } } } as const;
  const given = { id: 'r', more: 1 };

  it.each([
    ['an open JSON Schema', jsonSchema(open), { ok: true, value: given }],
    ['a closed JSON Schema', jsonSchema({ ...open, additionalProperties: false }), { ok: false }],
    ['a zod object', z.object({ id: z.string() }), { ok: true, value: { id: 'r' } }],
    ['a loose zod object', z.looseObject({ id: z.string() }), { ok: true, value: given }],
    ['a strict zod object', z.strictObject({ id: z.string() }), { ok: false }],
  ])('%s', async (_, declared, expected) => {
    const sent = await schemaOf(declared).emit(given);
    expect(sent).toMatchObject(expected);
    if (sent.ok) expect(sent.value).toEqual((expected as { value: unknown }).value);
  });
});
