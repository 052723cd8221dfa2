/**
 * The structural check accepts everything that class-validator accepts, except for the holes that it closes on purpose.
 * Tries every decorator of class-validator with every probe.
 */
import 'reflect-metadata';
import { plainToInstance, Transform, Type } from 'class-transformer';
import * as cv from 'class-validator';
import * as fc from 'fast-check';
import type { ValueSchema } from './value-schema';
import { createValueSchema } from './create-value-schema';
import { RULES } from '../schema/dto/rules';

enum Numbered {
  Low,
  High,
}
enum Named {
  Low = 'low',
  High = 'high',
}
// Users have numeric enums.
/* eslint-disable @typescript-eslint/no-mixed-enums */
enum Mixed {
  One = 1,
  Two = 'two',
}
/* eslint-enable @typescript-eslint/no-mixed-enums */

type Decorator = PropertyDecorator;

/** Decorators that require arguments, with example arguments. */
const WITH_ARGUMENTS: Record<string, Decorator[]> = {
  ArrayContains: [cv.ArrayContains([1])],
  ArrayMaxSize: [cv.ArrayMaxSize(2)],
  ArrayMinSize: [cv.ArrayMinSize(2)],
  ArrayNotContains: [cv.ArrayNotContains([1])],
  ArrayUnique: [cv.ArrayUnique(), cv.ArrayUnique((item: unknown) => typeof item)],
  Contains: [cv.Contains('a.b'), cv.Contains('(')],
  Equals: [cv.Equals(1), cv.Equals('x'), cv.Equals(null), cv.Equals({})],
  IsByteLength: [cv.IsByteLength(1, 3)],
  IsDivisibleBy: [cv.IsDivisibleBy(2)],
  IsEnum: [cv.IsEnum(Numbered), cv.IsEnum(Named), cv.IsEnum(Mixed), cv.IsEnum({ '3D': 'three', '7': 'seven' })],
  IsHash: [cv.IsHash('md5')],
  IsIP: [cv.IsIP(), cv.IsIP(4), cv.IsIP('6')],
  IsIdentityCard: [cv.IsIdentityCard('ES')],
  IsIn: [cv.IsIn(['a', 3]), cv.IsIn([1, 2]), cv.IsIn([null, true]), cv.IsIn('text' as unknown as unknown[])],
  IsInstance: [cv.IsInstance(Date)],
  IsNotEmptyObject: [cv.IsNotEmptyObject(), cv.IsNotEmptyObject({ nullable: false })],
  IsNotIn: [cv.IsNotIn(['a', 3])],
  IsNumber: [cv.IsNumber(), cv.IsNumber({ maxDecimalPlaces: 1 })],
  IsPassportNumber: [cv.IsPassportNumber('DE')],
  IsPhoneNumber: [cv.IsPhoneNumber('DE')],
  IsPostalCode: [cv.IsPostalCode('any')],
  IsTaxId: [cv.IsTaxId('de-DE')],
  IsUUID: [cv.IsUUID(), cv.IsUUID('4')],
  Length: [cv.Length(1, 3), cv.Length(2)],
  Matches: [
    cv.Matches(/^abc/),
    cv.Matches(/^abc/i),
    cv.Matches('^a', 'i'),
    cv.Matches(new RegExp('\\_x')),
    cv.Matches(/^\p{L}$/u),
  ],
  Max: [cv.Max(2), cv.Max(0.5)],
  MaxDate: [cv.MaxDate(new Date('2024-06-01'))],
  MaxLength: [cv.MaxLength(1), cv.MaxLength(3)],
  Min: [cv.Min(2), cv.Min(0.5)],
  MinDate: [cv.MinDate(new Date('2024-06-01'))],
  MinLength: [cv.MinLength(1), cv.MinLength(3)],
  NotContains: [cv.NotContains('a')],
  NotEquals: [cv.NotEquals(1)],
};

/** Capitalized exports that are not rules for the value of a property. */
const NO_RULES = new Set([
  ...['Validate', 'ValidateBy', 'ValidateIf', 'ValidateNested', 'ValidatePromise', 'ValidatorConstraint', 'Allow'],
  ...['IsOptional', 'MetadataStorage', 'ValidationError', 'ValidationTypes', 'Validator'],
]);

function everyRule(): [string, Decorator][] {
  return Object.entries(cv).flatMap(([name, exported]): [string, Decorator][] => {
    if (!/^[A-Z]/.test(name) || typeof exported !== 'function' || NO_RULES.has(name)) return [];
    const decorators = WITH_ARGUMENTS[name] ?? [(exported as () => Decorator)()];
    return decorators.map((decorator, index) => [`@${name} ${index}`, decorator]);
  });
}

const PROBES: readonly unknown[] = [
  ...[undefined, null, true, false, 0, 1, 2, 3, -1, 0.5, 1.5, 1e21, 5.0, -0],
  ...[
    '',
    ' ',
    'a',
    'abc',
    'ABC',
    'a.b',
    'aXb',
    '(',
    'x(',
    '_x',
    'ä',
    '❤️',
    '😀',
    'two',
    'low',
    'Low',
    'three',
    'seven',
    '7',
  ],
  ...[
    '1',
    '1.5',
    '-1',
    '0x1F',
    'true',
    '2024-01-01',
    '2024-01-01T00:00:00Z',
    '2024-01-01T00:00:00.000Z',
    'x2024-01-01',
  ],
  ...[
    'a@b.co',
    'http://example.com',
    'example.com',
    '127.0.0.1',
    '::1',
    '{"a":1}',
    '12345',
    '49.5,8.4',
    '+491701234567',
  ],
  ...[
    '550e8400-e29b-11d4-a716-446655440000',
    '550e8400-e29b-41d4-a716-446655440000',
    '23:59',
    'de',
    'DE',
    'DEU',
    'EUR',
  ],
  ...['#fff', 'rgb(1,2,3)', 'text/plain', 'Europe/Berlin', 'd41d8cd98f00b204e9800998ecf8427e', '1.2.3', 'en-US', '80'],
  ...[[], [1], [1, 2], [1, 2, 3], ['a'], ['a', 'a'], [{}, {}], [null], [[]], ['1', '2'], ['abc', 'abd']],
  ...[{}, { a: 1 }, { a: null }, { a: undefined }, { length: 1 }, { $gte: 1 }],
];

function dtoWith(...decorators: readonly Decorator[]): new () => object {
  class Dto {
    value!: unknown;
    @cv.Allow() @cv.IsOptional() @cv.IsString() other?: string;
  }
  for (const decorate of decorators) decorate(Dto.prototype, 'value');
  return Dto;
}

function schemaOf(cls: abstract new (...args: never[]) => object): ValueSchema {
  const problems: unknown[] = [];
  const schema = createValueSchema(cls, {
    side: 'input',
    unknownFields: 'strip',
    validation: 'full',
    report: (problem) => problems.push(problem),
  });
  if (!schema) throw new Error(JSON.stringify(problems));
  return schema;
}

async function classValidatorAccepts(cls: new () => object, plain: object): Promise<boolean> {
  const instance = plainToInstance(cls, structuredClone(plain));
  try {
    return (await cv.validate(instance)).length === 0;
  } catch {
    // Its `maxDecimalPlaces` throws for 1e-7.
    return false;
  }
}

/** The wire form of a probe. */
const wire = (value: unknown): object => JSON.parse(JSON.stringify({ value })) as object;

async function expectNeverStricter(
  cls: new () => object,
  probes: readonly unknown[],
  isClosedHole: (value: unknown) => boolean = () => false,
): Promise<void> {
  const schema = schemaOf(cls);
  for (const probe of probes) {
    const plain = wire(probe);
    const checked = await schema.accept(plain);
    const expected = await classValidatorAccepts(cls, plain);
    const hole = isClosedHole((plain as { value?: unknown }).value);
    if (checked.ok !== (expected && !hole)) {
      throw new Error(`${JSON.stringify(plain)}: class-validator ${expected}, we ${JSON.stringify(checked)}`);
    }
  }
}

const isReverseName = (label: string) => (value: unknown) =>
  label.startsWith('@IsEnum') && ['Low', 'High', 'One'].includes(String(value)) && typeof value === 'string';
/** class-transformer converts any value to a date, such as `true` and `[1]`. */
const isNoDate = (label: string) => (value: unknown) =>
  /Date \d/.test(label) && needsDate(label).length > 0 && !['string', 'number'].includes(typeof value) && value != null;
const isHole = (label: string) => (value: unknown) => isReverseName(label)(value) || isNoDate(label)(value);
const needsDate = (label: string): Decorator[] =>
  /Date \d|IsInstance/.test(label) && !label.includes('IsDateString') ? [Type(() => Date)] : [];

describe('the structural check is never stricter than class-validator', () => {
  const rules = everyRule();

  it.each(rules)('%s', async (label, rule) => {
    await expectNeverStricter(dtoWith(rule, ...needsDate(label)), PROBES, isHole(label));
  });

  it.each(rules)('%s with @IsOptional', async (label, rule) => {
    await expectNeverStricter(dtoWith(rule, cv.IsOptional(), ...needsDate(label)), PROBES, isHole(label));
  });

  it.each(rules)('%s behind a condition', async (label, rule) => {
    const onlyTexts = cv.ValidateIf((_: object, value: unknown) => typeof value === 'string');
    await expectNeverStricter(dtoWith(rule, onlyTexts, ...needsDate(label)), PROBES);
  });

  it.each(['IsString', 'IsInt', 'IsBoolean', 'IsNotEmpty', 'IsObject', 'IsUUID'] as const)(
    '@%s({ each: true })',
    async (name) => {
      const each = name === 'IsUUID' ? cv.IsUUID('all', { each: true }) : cv[name]({ each: true });
      await expectNeverStricter(dtoWith(each), PROBES, (value) => !Array.isArray(value));
      await expectNeverStricter(dtoWith(each, cv.IsArray()), PROBES);
      await expectNeverStricter(
        dtoWith(each, cv.IsOptional()),
        PROBES,
        (value) => value != null && !Array.isArray(value),
      );
    },
  );

  it('any two rules together, on any JSON value', async () => {
    const rule = fc.constantFrom(
      ...rules.filter(([label]) => needsDate(label).length === 0 && !label.startsWith('@IsEnum')),
    );
    await fc.assert(
      fc.asyncProperty(
        rule,
        rule,
        fc.boolean(),
        fc.array(fc.jsonValue(), { maxLength: 5 }),
        async ([, a], [, b], optional, values) => {
          await expectNeverStricter(dtoWith(a, b, ...(optional ? [cv.IsOptional()] : [])), [
            ...values,
            'abc',
            3,
            [1, 2],
          ]);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('values with a transform or a converting @Type', async () => {
    await expectNeverStricter(
      dtoWith(
        cv.IsInt(),
        Transform(({ value }) => Number(value)),
      ),
      PROBES,
    );
    await expectNeverStricter(
      dtoWith(
        cv.IsInt(),
        Type(() => Number),
      ),
      PROBES,
    );
    await expectNeverStricter(
      dtoWith(
        cv.IsString(),
        Type(() => String),
      ),
      PROBES,
    );
    await expectNeverStricter(
      dtoWith(
        cv.IsBoolean(),
        Type(() => Boolean),
      ),
      PROBES,
    );
  });

  it('rules of 0.15 with their own condition', async () => {
    const whenText = { validateIf: (_: object, value: unknown) => typeof value === 'string' };
    await expectNeverStricter(dtoWith(cv.IsEmail({}, whenText)), PROBES);
    await expectNeverStricter(dtoWith(cv.IsEmail({}, whenText), cv.IsDefined()), PROBES);
  });

  it('members with a default may be absent', async () => {
    class WithDefault {
      @cv.IsInt() value = 5;
      @cv.IsOptional() @cv.IsString() other?: string;
    }
    await expectNeverStricter(WithDefault, PROBES);
  });

  it('nested objects and lists, except for the closed holes', async () => {
    class Item {
      @cv.IsInt() a!: number;
    }
    const lists = [[[{ a: 1 }], [{ a: 2 }, { a: 3 }]], [[{ a: 'x' }]], [[[{ a: 1 }]]], [[1]]];
    const probes = [...PROBES, { a: 1, b: 2 }, [{ a: 1 }], [{ a: 'x' }], [{ a: 1 }, null], { a: { a: 1 } }, ...lists];
    await expectNeverStricter(
      dtoWith(
        cv.ValidateNested(),
        Type(() => Item),
      ),
      probes,
      (value) => value === undefined || Array.isArray(value),
    );
    await expectNeverStricter(
      dtoWith(
        cv.ValidateNested(),
        cv.IsOptional(),
        Type(() => Item),
      ),
      probes,
      (value) => Array.isArray(value),
    );
    await expectNeverStricter(
      dtoWith(
        cv.ValidateNested({ each: true }),
        Type(() => Item),
      ),
      probes,
      (value) => !Array.isArray(value),
    );
    await expectNeverStricter(
      dtoWith(
        cv.IsArray(),
        cv.ValidateNested({ each: true }),
        Type(() => Item),
      ),
      probes,
    );
  });
});

it('uses the correct names of class-validator rules', () => {
  const names = new Set<unknown>(Object.values(cv));
  expect([...RULES.keys()].filter((name) => !names.has(name))).toEqual([]);
});
