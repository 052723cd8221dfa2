import { Exclude, Expose, Transform, Type } from 'class-transformer';
import { IsOptional, IsString, ValidateNested } from 'class-validator';
import { createValueSchema } from './create-value-schema';

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

const emit = (value: unknown, validation: 'full' | 'schema' = 'full') =>
  createValueSchema(Receipt, {
    side: 'output',
    unknownFields: 'strip',
    validation,
    report: (problem) => {
      throw new Error(problem.message);
    },
  })!.emit(value);

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
});
