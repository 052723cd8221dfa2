import 'reflect-metadata';
import { Exclude, Expose, Transform, Type } from 'class-transformer';
import {
  Allow,
  ArrayMinSize,
  ArrayUnique,
  IsArray,
  IsBoolean,
  IsDate,
  IsDateString,
  IsEmail,
  IsEnum,
  IsIn,
  IsInt,
  IsNotEmpty,
  IsNumber,
  IsObject,
  IsOptional,
  IsPositive,
  IsString,
  IsUUID,
  Length,
  Matches,
  Max,
  Min,
  Validate,
  ValidateIf,
  ValidateNested,
  ValidatorConstraint,
  getMetadataStorage,
} from 'class-validator';
import { Describe, Field } from '../../decorators/field';
import { loadValidatorModules } from '../validator-modules';
import type { ClassType } from '../../schema';
import { dtoSchema, type DtoSchema } from './dto-schema';
import { TransformerMetadata, type Direction } from './transformer-metadata';

function read(cls: ClassType, direction: Direction = 'toClass', validation: 'full' | 'schema' = 'full'): DtoSchema {
  const validatorModules = loadValidatorModules();
  const transformer = TransformerMetadata.of(validatorModules);
  return dtoSchema(cls, { validatorModules, transformer, direction, validation });
}
/** Copies the rules of a class, as the mapped types of @nestjs/mapped-types do. */
function pick(cls: ClassType, names: readonly string[]): new () => object {
  class Picked {}
  const storage = getMetadataStorage();
  for (const rule of storage.getTargetValidationMetadatas(cls, '', false, false)) {
    if (names.includes(rule.propertyName))
      storage.addValidationMetadata(
        Object.assign(Object.create(Object.getPrototypeOf(rule) as object), rule, { target: Picked }),
      );
  }
  return Picked;
}

const described = (cls: ClassType, direction?: Direction): unknown => {
  const { described, problems } = read(cls, direction);
  expect(problems).toEqual([]);
  return described;
};

describe('values', () => {
  enum Level {
    Low,
    High,
  }
  enum Colour {
    Red = 'red',
    Blue = 'blue',
  }

  it('rules become types, bounds, formats and enums', () => {
    class Everything {
      @IsString() @Length(2, 5) @Describe('A short text') text!: string;
      @IsInt() @Min(1) @Max(9) whole!: number;
      @IsNumber() @IsPositive() fraction!: number;
      @IsBoolean() flag!: boolean;
      @IsDate() @Type(() => Date) when!: Date;
      @IsDateString() at!: string;
      @IsEmail() mail!: string;
      @IsUUID() id!: string;
      @Matches(/^a-z/) code!: string;
      @Matches(/^a-z/i) anyCase!: string;
      @IsEnum(Level) level!: Level;
      @IsEnum(Colour) colour!: Colour;
      @IsIn(['a', 3]) mixed!: string | number;
      @IsString() @IsNotEmpty() filled!: string;
      @IsArray() @ArrayMinSize(1) @ArrayUnique() @IsString({ each: true }) tags!: string[];
      @IsObject() anything!: object;
    }
    expect(described(Everything)).toEqual({
      type: 'object',
      properties: {
        text: { type: 'string', minLength: 2, maxLength: 5, description: 'A short text' },
        whole: { type: 'integer', minimum: 1, maximum: 9 },
        fraction: { type: 'number', exclusiveMinimum: 0 },
        flag: { type: 'boolean' },
        when: { type: ['string', 'number'], format: 'date-time' },
        at: { type: 'string', format: 'date-time' },
        mail: { type: 'string', format: 'email' },
        id: { type: 'string', format: 'uuid' },
        code: { type: 'string', pattern: '^a-z' },
        anyCase: { type: 'string', 'x-pattern': '/^a-z/i' },
        level: { enum: [0, 1] },
        colour: { enum: ['red', 'blue'] },
        mixed: { enum: ['a', 3] },
        filled: { type: 'string', minLength: 1 },
        tags: { type: 'array', minItems: 1, uniqueItems: true, items: { type: 'string' } },
        anything: { type: 'object' },
      },
      required: [
        ...['text', 'whole', 'fraction', 'flag', 'when', 'at', 'mail', 'id', 'code', 'anyCase', 'level', 'colour'],
        ...['mixed', 'filled', 'tags', 'anything'],
      ],
    });
  });

  it('an optional property is nullable and not required; an initialiser makes it optional and is not published', () => {
    class Lenient {
      @IsOptional() @IsString() note?: string | null;
      @IsOptional() @IsEnum(Colour) colour?: Colour;
      @IsInt() count = 5;
      @IsArray() @IsString({ each: true }) tags: string[] = [];
      @Allow() whatever?: unknown;
    }
    expect(described(Lenient)).toEqual({
      type: 'object',
      properties: {
        note: { type: ['string', 'null'] },
        colour: { enum: ['red', 'blue', null] },
        count: { type: 'integer' },
        tags: { type: 'array', items: { type: 'string' } },
        whatever: {},
      },
    });
  });

  it('a property with a condition or a transform is described and not checked', () => {
    class Conditional {
      @ValidateIf((dto: Conditional) => dto.kind === 'card') @IsString() cardNumber?: string;
      @IsString() kind!: string;
      @Transform(({ value }) => Number(value)) @IsInt() count!: number;
    }
    const { described, check } = read(Conditional);
    expect(described).toEqual({
      type: 'object',
      properties: {
        cardNumber: { type: 'string', 'x-conditional': true },
        kind: { type: 'string' },
        count: { type: 'integer', 'x-conditional': true },
      },
      required: ['kind'],
    });
    expect(check['properties']).toEqual({ cardNumber: {}, kind: { type: 'string' }, count: {} });
  });

  it('@Describe has precedence over @nestjs/swagger', () => {
    class Described {
      @IsString() @Field({ description: 'ours', example: 'x', sensitive: true, deprecated: true }) both!: string;
      @IsString() theirs!: string;
    }
    Reflect.defineMetadata('swagger/apiModelProperties', { description: 'theirs' }, Described.prototype, 'both');
    Reflect.defineMetadata(
      'swagger/apiModelProperties',
      { description: 'theirs', example: 7, default: 'd', type: 'ignored' },
      Described.prototype,
      'theirs',
    );
    expect((described(Described) as { properties: unknown }).properties).toEqual({
      both: { type: 'string', description: 'ours', examples: ['x'], deprecated: true, 'x-sensitive': true },
      theirs: { type: 'string', description: 'theirs', examples: [7], default: 'd' },
    });
  });

  it('a custom rule makes the check asynchronous, rules of class-validator do not', () => {
    @ValidatorConstraint({ async: true })
    class Free {
      validate(): Promise<boolean> {
        return Promise.resolve(true);
      }
    }
    class Custom {
      @IsString() @Validate(Free) name!: string;
    }
    class Outer {
      @ValidateNested() @Type(() => Custom) inner!: Custom;
    }
    class Plain {
      @IsString() name!: string;
    }
    expect([read(Outer).mayBeAsync, read(Plain).mayBeAsync]).toEqual([true, false]);
  });
});

describe('classes', () => {
  it('inherit properties and descriptions, and may redeclare them', () => {
    abstract class Base {
      @IsString() @Describe('of the base') id!: string;
      @IsInt() @Describe('of the base') size!: number;
    }
    class Derived extends Base {
      @IsInt() @Min(3) declare size: number;
      @IsBoolean() extra!: boolean;
    }
    expect(described(Derived)).toEqual({
      type: 'object',
      properties: {
        size: { type: 'integer', minimum: 3, description: 'of the base' },
        extra: { type: 'boolean' },
        id: { type: 'string', description: 'of the base' },
      },
      required: ['size', 'extra', 'id'],
    });
  });

  it('nest as members, in lists and optionally', () => {
    class Line {
      @IsString() street!: string;
    }
    class Order {
      @ValidateNested() @Type(() => Line) address!: Line;
      @IsOptional() @ValidateNested() @Type(() => Line) billing?: Line;
      @IsArray() @ValidateNested({ each: true }) @Type(() => Line) stops!: Line[];
    }
    expect(described(Order)).toEqual({
      type: 'object',
      properties: {
        address: { $ref: '#/$defs/Line' },
        billing: { anyOf: [{ $ref: '#/$defs/Line' }, { type: 'null' }] },
        stops: { type: 'array', items: { $ref: '#/$defs/Line', 'x-lists': true } },
      },
      required: ['address', 'stops'],
      $defs: { Line: { type: 'object', properties: { street: { type: 'string' } }, required: ['street'] } },
    });
  });

  it('may be recursive', () => {
    class Category {
      @IsString() name!: string;
      @IsArray() @ValidateNested({ each: true }) @Type(() => Category) children!: Category[];
      @IsOptional() @ValidateNested() @Type(() => Leaf) leaf?: unknown;
    }
    class Leaf {
      @ValidateNested() @Type(() => Category) parent!: Category;
      @IsOptional() @ValidateNested() @Type(() => Leaf) next?: Leaf;
    }
    expect(described(Category)).toEqual({
      type: 'object',
      properties: {
        name: { type: 'string' },
        children: { type: 'array', items: { $ref: '#', 'x-lists': true } },
        leaf: { anyOf: [{ $ref: '#/$defs/Leaf' }, { type: 'null' }] },
      },
      required: ['name', 'children'],
      $defs: {
        Leaf: {
          type: 'object',
          properties: { parent: { $ref: '#' }, next: { anyOf: [{ $ref: '#/$defs/Leaf' }, { type: 'null' }] } },
          required: ['parent'],
        },
      },
    });
  });

  it('with the same name, or from a factory, stay distinct', () => {
    function page<T extends object>(item: new () => T): new () => { items: T[] } {
      class Page {
        @IsArray() @ValidateNested({ each: true }) @Type(() => item) items!: T[];
      }
      return Page;
    }
    class A {
      @IsString() a!: string;
    }
    class B {
      @IsString() b!: string;
    }
    const PageOfA = page(A);
    const PageOfB = page(B);
    class Both {
      @ValidateNested() @Type(() => PageOfA) a!: object;
      @ValidateNested() @Type(() => PageOfB) b!: object;
    }
    const schema = described(Both) as { properties: unknown; $defs: Record<string, { properties: unknown }> };
    expect(schema.properties).toEqual({ a: { $ref: '#/$defs/Page' }, b: { $ref: '#/$defs/Page_2' } });
    expect(schema.$defs['Page']?.properties).toEqual({
      items: { type: 'array', items: { $ref: '#/$defs/A', 'x-lists': true } },
    });
    expect(schema.$defs['Page_2']?.properties).toEqual({
      items: { type: 'array', items: { $ref: '#/$defs/B', 'x-lists': true } },
    });
  });

  it('with a discriminator become oneOf', () => {
    class Shape {
      @IsString() label!: string;
    }
    class Circle extends Shape {
      @IsInt() radius!: number;
    }
    class Square extends Shape {
      @IsInt() side!: number;
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
      })
      shapes!: Shape[];
    }
    const { described, check, mutatesInput } = read(Drawing);
    expect(mutatesInput).toBe(true);
    expect((described['properties'] as { shapes: { items: unknown } }).shapes.items).toEqual({
      oneOf: [
        { $ref: '#/$defs/Circle', properties: { kind: { const: 'circle' } }, required: ['kind'] },
        { $ref: '#/$defs/Square', properties: { kind: { const: 'square' } }, required: ['kind'] },
      ],
      discriminator: { propertyName: 'kind' },
      'x-lists': true,
    });
    expect(
      Object.values(check['$defs'] as Record<string, { else?: unknown }>).map((entry) => entry.else),
    ).toContainEqual({
      type: 'object',
      properties: { kind: { enum: ['circle', 'square'] } },
      required: ['kind'],
    });
  });

  it('use the names of @Expose and omit the properties of @Exclude', () => {
    class Account {
      @Expose({ name: 'account_id' }) @IsString() id!: string;
      @Exclude({ toPlainOnly: true }) @IsOptional() @IsString() password?: string;
      @Exclude() @IsOptional() @IsString() internal?: string;
    }
    const names = (direction: Direction): string[] =>
      Object.keys((described(Account, direction) as { properties: object }).properties);
    expect(names('toClass')).toEqual(['account_id', 'password']);
    expect(names('toPlain')).toEqual(['account_id']);
  });

  it('have sets and maps if TypeScript recorded their types', () => {
    class Holder {
      tags!: Set<string>;
      prices!: Map<string, number>;
    }
    Reflect.defineMetadata('design:type', Set, Holder.prototype, 'tags');
    Reflect.defineMetadata('design:type', Map, Holder.prototype, 'prices');
    for (const decorate of [IsString({ each: true }), Type(() => String)]) decorate(Holder.prototype, 'tags');
    class Price {
      @IsInt() cents!: number;
    }
    for (const decorate of [ValidateNested(), Type(() => Price)]) decorate(Holder.prototype, 'prices');
    expect((described(Holder) as { properties: unknown }).properties).toEqual({
      tags: { type: 'array', items: { type: 'string' }, uniqueItems: true, 'x-conditional': true },
      prices: { type: 'object', additionalProperties: { $ref: '#/$defs/Price' } },
    });
  });
});

describe('accessors and hidden properties', () => {
  it('a getter without a setter is not read at boot and not part of an input', () => {
    class Meeting {
      @IsDate() @Type(() => Date) at!: Date;
      @IsString() get day(): string {
        return this.at.toISOString();
      }
    }
    const { described, problems } = read(Meeting);
    expect(problems).toEqual([]);
    expect(Object.keys(described['properties'] as object)).toEqual(['at']);
  });

  it('an accessor that throws on a new object is a problem with class and field', () => {
    class Meeting {
      private start!: Date;
      @IsString() get day(): string {
        return this.start.toISOString();
      }
      set day(day: string) {
        this.start = new Date(day);
      }
    }
    expect(read(Meeting).problems).toMatchObject([
      { at: 'Meeting.day', message: expect.stringContaining('its getter throws on a new object') as string },
    ]);
  });

  it('a required property that a group of @Expose hides is a problem; an optional one is not part of the schema', () => {
    class Grouped {
      @IsString() name!: string;
      @IsString() @Expose({ groups: ['admin'] }) secret!: string;
      @IsOptional() @IsString() @Expose({ groups: ['admin'] }) note?: string;
    }
    const { described, problems } = read(Grouped);
    expect(problems).toMatchObject([{ at: 'Grouped.secret' }]);
    expect(Object.keys(described['properties'] as object)).toEqual(['name']);
  });

  it('a field without a rule is a warning', () => {
    class Half {
      @IsString() name!: string;
      @Expose() forgotten?: string;
      alsoForgotten = 1;
      @Exclude() internal = 1;
    }
    expect(read(Half).warnings.map(({ at }) => at)).toEqual(['Half.alsoForgotten', 'Half.forgotten']);
  });

  it('mapped types keep the options of @Field', () => {
    class Card {
      @IsString() @Field({ description: 'Number of the card', sensitive: true }) number!: string;
      @IsInt() @Describe('Month of expiry') month!: number;
    }
    const [NumberOnly, Lenient] = [pick(Card, ['number']), pick(Card, ['number', 'month'])];
    for (const name of ['number', 'month']) IsOptional()(Lenient.prototype, name);
    expect(described(NumberOnly)).toHaveProperty('properties', {
      number: { type: 'string', description: 'Number of the card', 'x-sensitive': true },
    });
    expect(described(Lenient)).toHaveProperty('properties', {
      number: { type: ['string', 'null'], description: 'Number of the card', 'x-sensitive': true },
      month: { type: ['integer', 'null'], description: 'Month of expiry' },
    });
  });
});

describe('problems name the property and the fix', () => {
  class Item {
    @IsString() a!: string;
  }
  const problemsOf = (cls: ClassType): unknown => read(cls).problems.map(({ at, message }) => `${at}: ${message}`);

  it('nested without a class', () => {
    class Untyped {
      @ValidateNested({ each: true }) items!: Item[];
    }
    expect(problemsOf(Untyped)).toEqual(['Untyped.items: is nested, but its class is not known']);
  });
  it('nested with a class that is undefined', () => {
    class Circular {
      @ValidateNested() @Type(() => undefined as unknown as typeof Item) item!: Item;
    }
    expect(problemsOf(Circular)).toEqual(['Circular.item: @Type(() => ...) returns no class for it']);
  });
  it('@Type with a function of the value', () => {
    class Looking {
      @ValidateNested() @Type((options) => (options?.object ? Item : Looking)) item!: object;
    }
    expect(problemsOf(Looking)).toEqual([
      'Looking.item: @Type chooses the class from the value, which a schema cannot express',
    ]);
  });
  it('a typed property whose rules are never checked', () => {
    class Unchecked {
      @IsObject() @Type(() => Item) item!: Item;
    }
    expect(problemsOf(Unchecked)).toEqual([
      'Unchecked.item: becomes an instance of Item, whose rules are never applied',
    ]);
  });
  it('a class without rules, also a nested one', () => {
    class Empty {
      x!: string;
    }
    class Outer {
      @ValidateNested() @Type(() => Empty) empty!: Empty;
    }
    const message = 'Empty: has no validation rules, so every value would be rejected';
    expect([problemsOf(Empty), problemsOf(Outer)]).toEqual([[message], [message]]);
  });
  it('a described property without a rule', () => {
    class Forgotten {
      @IsString() a!: string;
      @Describe('No rule') b!: string;
    }
    expect(problemsOf(Forgotten)).toEqual([
      'Forgotten.b: has a description but no validation rule, so it would be treated as unknown',
    ]);
  });
  it('a date without @Type', () => {
    class Timeless {
      @IsDate() when!: Date;
    }
    expect(problemsOf(Timeless)).toEqual([
      'Timeless.when: must be a Date, but nothing converts the received string to one',
    ]);
  });
  it('a constructor that requires arguments', () => {
    class Demanding {
      @IsString() a: string;
      constructor(from: { a: string }) {
        this.a = from.a;
      }
    }
    expect(problemsOf(Demanding)).toEqual([
      expect.stringMatching(/^Demanding: its constructor throws when it is called without arguments: Cannot read/),
    ]);
  });
});
