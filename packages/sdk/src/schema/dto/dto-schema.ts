/**
 * Creates JSON Schemas of a DTO class from the records of class-validator, class-transformer and our decorators. One
 * walk creates two schemas: `described` for readers, planners and the registration, and `check` for the structural
 * check before class-validator. `check` is never stricter than class-validator, except for five holes that it closes:
 *
 *   - a missing nested object (class-validator skips it)
 *   - an array where one nested object is declared (class-validator validates each element)
 *   - a single value where the rules have `each` (class-validator validates the value itself)
 *   - the reverse name of a numeric enum
 *   - a date that is neither a string nor a number (class-transformer converts `true` to a date)
 *   - an unknown discriminator of an input (class-transformer creates the base class)
 */
import { describeThrown, withoutUndefined } from '@orra-ts/common';
import { describedFields } from '../../metadata/records';
import type { LoadedValidatorModules } from '../validator-modules';
import type { JsonSchema } from '../json-pointer';
import type { ClassType } from '../../schema';
import { readDto, type DtoProperty } from './property';
import { nullable, propertySchemas, type SchemaPair } from './property-schema';
import { unruledFields } from './unruled-fields';
import type { Direction, TransformerMetadata } from './transformer-metadata';

export interface DtoProblem {
  /** Such as `ReserveInput.items`. */
  readonly at: string;
  readonly message: string;
  readonly fix: string;
}

export interface DtoSchemaOptions {
  readonly validatorModules: LoadedValidatorModules;
  readonly transformer: TransformerMetadata;
  readonly direction: Direction;
  /** With `schema`, `check` also asserts rules that are otherwise only described, since nothing else checks them. */
  readonly validation: 'full' | 'schema';
}

export interface DtoSchema {
  readonly described: JsonSchema;
  readonly check: JsonSchema;
  /** True if it contains a custom rule. */
  readonly mayBeAsync: boolean;
  /** True if class-transformer would delete a discriminator from its argument. */
  readonly mutatesInput: boolean;
  readonly problems: readonly DtoProblem[];
  readonly warnings: readonly DtoProblem[];
}

export function dtoSchema(cls: ClassType, options: DtoSchemaOptions): DtoSchema {
  const builder = new DtoSchemaBuilder(cls, options);
  const { described, check } = builder.buildRoot();
  return {
    described,
    check,
    mayBeAsync: builder.mayBeAsync,
    mutatesInput: builder.mutatesInput,
    problems: builder.problems,
    warnings: builder.warnings,
  };
}

class DtoSchemaBuilder {
  readonly problems: DtoProblem[] = [];
  readonly warnings: DtoProblem[] = [];
  mayBeAsync = false;
  mutatesInput = false;
  /** By identity, because two classes with one name have two definitions. */
  private readonly references = new Map<ClassType, string>();
  private readonly definitions = new Map<string, SchemaPair>();
  private readonly lists = new Map<string, string>();

  constructor(
    private readonly root: ClassType,
    private readonly options: DtoSchemaOptions,
  ) {}

  buildRoot(): SchemaPair {
    this.references.set(this.root, '#');
    const root = this.object(this.root);
    const side = (flavour: keyof SchemaPair): JsonSchema => {
      const used = [...this.definitions].filter(([, pair]) => Object.keys(pair[flavour]).length > 0);
      const $defs = Object.fromEntries(used.map(([name, pair]) => [name, pair[flavour]]));
      return { ...root[flavour], ...(used.length > 0 && { $defs }) };
    };
    return { described: side('described'), check: side('check') };
  }

  private reference(cls: ClassType): string {
    const known = this.references.get(cls);
    if (known !== undefined) return known;
    const base = (cls.name || 'Anonymous').replace(/[^\w.-]/g, '_');
    let name = base;
    for (let count = 2; this.definitions.has(name); count++) name = `${base}_${count}`;
    const reference = `#/$defs/${name}`;
    this.references.set(cls, reference);
    // Reserved before its properties are read, which may lead back here, or to another class with this name.
    this.definitions.set(name, { described: {}, check: {} });
    this.definitions.set(name, this.object(cls));
    return reference;
  }

  private object(cls: ClassType): SchemaPair {
    const { properties, constructorError, mayBeAsync, instance } = readDto(
      cls,
      this.options.validatorModules,
      this.options.transformer,
    );
    this.mayBeAsync ||= mayBeAsync;
    const className = cls.name || 'a class without a name';
    if (constructorError !== undefined) {
      this.problems.push({
        at: className,
        message: `its constructor throws when it is called without arguments: ${describeThrown(constructorError)}`,
        fix: 'make its parameters optional: class-transformer creates an instance first and then sets its members',
      });
    }
    if (properties.length === 0) {
      this.problems.push({
        at: className,
        message: 'has no validation rules, so every value would be rejected',
        fix: 'annotate its properties with rules of class-validator, such as @IsString()',
      });
    }
    for (const field of describedFields(cls)) {
      if (properties.some(({ name }) => name === field)) continue;
      this.problems.push({
        at: `${className}.${field}`,
        message: 'has a description but no validation rule, so it would be treated as unknown',
        fix: 'add a rule such as @IsString(), or @Allow()',
      });
    }
    this.warnAboutFields(className, cls, properties, instance);
    const pairs = new Map<string, SchemaPair>();
    const required: string[] = [];
    for (const property of properties) {
      this.reportProperty(`${className}.${property.name}`, cls, property);
      const wireName = this.wireName(cls, property);
      if (wireName === undefined) continue;
      pairs.set(wireName, this.property(className, cls, property));
      if (isRequired(property)) required.push(wireName);
    }
    const side = (flavour: keyof SchemaPair): JsonSchema => ({
      type: 'object',
      properties: Object.fromEntries([...pairs].map(([name, pair]) => [name, pair[flavour]])),
      ...(required.length > 0 && { required }),
    });
    return { described: side('described'), check: side('check') };
  }

  /** Undefined if the property is not sent. An accessor without a setter cannot be set from a received value. */
  private wireName(cls: ClassType, property: DtoProperty): string | undefined {
    const { transformer, direction } = this.options;
    if (transformer.hidingGroups(cls, property.name, direction).length > 0) return undefined;
    if (property.isComputed && !(direction === 'toPlain' && transformer.isExposed(cls, property.name)))
      return undefined;
    return transformer.wireName(cls, property.name, direction);
  }

  private reportProperty(at: string, cls: ClassType, property: DtoProperty): void {
    if (property.initialError !== undefined) {
      this.problems.push({
        at,
        message: `its getter throws on a new object: ${describeThrown(property.initialError)}`,
        fix: 'return undefined while the members that it reads are not set, because class-transformer reads it before it sets them',
      });
    }
    const groups = this.options.transformer.hidingGroups(cls, property.name, this.options.direction);
    if (groups.length > 0 && isRequired(property)) {
      this.problems.push({
        at,
        message: `is required, but @Expose({ groups: ${JSON.stringify(groups)} }) removes it from every value: conversions of a service have no groups`,
        fix: 'omit the groups, make it optional with @IsOptional(), or use a class without this property',
      });
    }
  }

  private warnAboutFields(
    className: string,
    cls: ClassType,
    properties: readonly DtoProperty[],
    instance: Readonly<Record<string, unknown>>,
  ): void {
    const ruled = new Set(properties.map(({ name }) => name));
    for (const field of unruledFields(cls, instance, this.options.transformer)) {
      if (ruled.has(field) || describedFields(cls).has(field)) continue;
      this.warnings.push({
        at: `${className}.${field}`,
        message: 'has no validation rule, so it is not part of the schema',
        fix: 'add a rule such as @IsString(), or @Allow(), or @Exclude() if it must not be sent',
      });
    }
  }

  private property(className: string, cls: ClassType, property: DtoProperty): SchemaPair {
    const at = `${className}.${property.name}`;
    const nested = this.nested(at, cls, property);
    const lists = property.nested === 'each' && nested ? this.listsOf(nested) : undefined;
    const pair = propertySchemas(property, nested, lists, this.options.validation);
    const described = { ...(property.optional ? nullable(pair.described) : pair.described), ...annotations(property) };
    // With a condition or a transform, rules do not apply to the value on the wire.
    if (property.conditional || property.transformed || this.isConverted(property)) {
      return { described: { ...described, 'x-conditional': true }, check: {} };
    }
    if (property.own.some(({ type }) => type === 'date') && typeFunctionResult(property) !== Date) {
      this.problems.push({
        at,
        message: 'must be a Date, but nothing converts the received string to one',
        fix: 'add @Type(() => Date)',
      });
    }
    return { described, check: property.optional ? nullable(pair.check) : pair.check };
  }

  /** `@Type(() => Number)` and similar types convert a value before rules are checked. */
  private isConverted(property: DtoProperty): boolean {
    const type = typeFunctionResult(property);
    if (type === undefined || type === Date || isBuiltIn(type)) return type !== undefined && type !== Date;
    return property.nested === 'no';
  }

  /** The schema of the nested class or classes. */
  private nested(at: string, cls: ClassType, property: DtoProperty): SchemaPair | undefined {
    const { typeMetadata } = property;
    const discriminator = typeMetadata?.options?.discriminator;
    if (property.nested === 'no') {
      this.reportUncheckedType(at, property);
      return undefined;
    }
    if (discriminator) return this.oneOf(discriminator);
    if (typeMetadata?.typeFunction && typeMetadata.typeFunction.length > 0) {
      this.problems.push({
        at,
        message: '@Type chooses the class from the value, which a schema cannot express',
        fix: "use @Type(() => Base, { discriminator: { property: 'kind', subTypes: [...] } })",
      });
      return undefined;
    }
    const declared = typeFunctionResult(property) ?? property.designType;
    if (typeof declared === 'function' && !isBuiltIn(declared))
      return referencePair(this.reference(declared as ClassType));
    this.problems.push({ at, ...this.missingType(cls, property) });
    return undefined;
  }

  private missingType(cls: ClassType, { name, typeMetadata }: DtoProperty): Omit<DtoProblem, 'at'> {
    const { transformer } = this.options;
    if (!transformer.isReadable) {
      return {
        message: 'is nested, and the decorators of this version of class-transformer cannot be read',
        fix: 'pass its storage to the factory as peers: { classTransformerStorage }, or use class-transformer 0.5',
      };
    }
    const copy = transformer.copyWithType(cls, name);
    if (copy) {
      return {
        message: `its @Type was recorded by another copy of class-transformer (${copy.file}) than the one in use (${copy.inUse})`,
        fix: 'install class-transformer once (npm dedupe), or pass your copy to the factory as peers: { classTransformer }',
      };
    }
    if (typeMetadata) {
      return {
        message: '@Type(() => ...) returns no class for it',
        fix: 'name one of your own classes; a circular import often makes it undefined',
      };
    }
    return {
      message: 'is nested, but its class is not known',
      fix: 'add @Type(() => TheClass); if it has one, the program has two copies of class-transformer: pass yours to the factory as peers: { classTransformer }',
    };
  }

  private reportUncheckedType(at: string, property: DtoProperty): void {
    const type = typeFunctionResult(property);
    if (typeof type !== 'function' || isBuiltIn(type) || type === Date || property.transformed) return;
    const { validatorModules, transformer } = this.options;
    if (readDto(type as ClassType, validatorModules, transformer).properties.length === 0) return;
    this.problems.push({
      at,
      message: `becomes an instance of ${type.name}, whose rules are never applied`,
      fix: 'add @ValidateNested(), or @ValidateNested({ each: true }) for a list',
    });
  }

  private oneOf({
    property,
    subTypes,
  }: NonNullable<NonNullable<DtoProperty['typeMetadata']>['options']>['discriminator'] & {}): SchemaPair {
    this.mutatesInput = true;
    const oneOf = subTypes.map(({ value, name }) => ({
      $ref: this.reference(value),
      properties: { [property]: { const: name } },
      required: [property],
    }));
    const described = { oneOf, discriminator: { propertyName: property } };
    if (this.options.direction === 'toPlain') return { described, check: { type: 'object' } };
    const names = subTypes.map(({ name }) => name);
    return {
      described,
      check: { type: 'object', properties: { [property]: { enum: names } }, required: [property] },
    };
  }

  /** `each` applies to the items of inner lists too, at any depth. */
  private listsOf(nested: SchemaPair): SchemaPair {
    const key = JSON.stringify(nested.check);
    let name = this.lists.get(key);
    if (name === undefined) {
      name = `Lists_${this.lists.size + 1}`;
      this.lists.set(key, name);
      const items = { $ref: `#/$defs/${name}` };
      this.definitions.set(name, {
        described: {},
        check: { if: { type: 'array' }, then: { items }, else: nested.check },
      });
    }
    return { described: { ...nested.described, 'x-lists': true }, check: { $ref: `#/$defs/${name}` } };
  }
}

const referencePair = ($ref: string): SchemaPair => ({ described: { $ref }, check: { $ref } });

/**
 * True if a rule rejects an absent value, or if it is a nested object, whose absence class-validator does not check.
 */
function isRequired(property: DtoProperty): boolean {
  if (property.optional || property.conditional || property.hasInitial || property.transformed) return false;
  return property.rejectsUndefined || property.nested !== 'no';
}

/** The value of an initialiser is not published: it may be a secret, or differ at each start. */
function annotations({ about }: DtoProperty): JsonSchema {
  // The schema is compared by its keywords.
  return withoutUndefined({
    description: about.description,
    examples: about.example === undefined ? undefined : [about.example],
    default: about.default,
    deprecated: about.deprecated === true ? true : undefined,
    'x-sensitive': about.sensitive === true ? true : undefined,
  });
}

function typeFunctionResult({ typeMetadata }: DtoProperty): unknown {
  try {
    return typeMetadata?.typeFunction?.({ newObject: {}, object: {}, property: '' });
  } catch {
    return undefined;
  }
}

const BUILT_IN = new Set<unknown>([
  String,
  Number,
  Boolean,
  Object,
  Array,
  Map,
  Set,
  Promise,
  Buffer,
  BigInt,
  Symbol,
  Function,
]);
const isBuiltIn = (type: unknown): boolean => BUILT_IN.has(type);
