/** Reads the records of all decorators of a DTO property, from three storages, into one plain description. */
import { classesWithField, describedFields, fieldRecord, type FieldRecord } from '../../metadata/records';
import type { LoadedValidatorModules, RuleClass } from '../validator-modules';
import type { ClassType } from '../../schema';
import { RULES, type RuleMeaning } from './rules';
import type { TypeMetadata } from './transformer-records';
import type { TransformerMetadata } from './transformer-metadata';

/** class-validator's record of one rule, in 0.14 and 0.15. */
interface RuleMetadata {
  readonly type: string;
  readonly name?: string;
  readonly propertyName: string;
  readonly constraints?: readonly unknown[];
  /** Undefined for rules without a check, such as `@Allow`. */
  readonly constraintCls: RuleClass | undefined;
  readonly each?: boolean;
  readonly validateIf?: unknown;
}

export interface DtoProperty {
  readonly name: string;
  /** Rules of the value itself, without those that depend on a condition. */
  readonly own: readonly RuleMeaning[];
  /** Rules of its elements (`each: true`). */
  readonly each: readonly RuleMeaning[];
  /** True with `@IsNotEmpty`, which has an effect on strings only. */
  readonly notEmpty: { readonly own: boolean; readonly each: boolean };
  /** `@ValidateNested`, and its option `each`. */
  readonly nested: 'no' | 'value' | 'each';
  readonly optional: boolean;
  /** True with `@ValidateIf`, which decides for each value whether rules apply. */
  readonly conditional: boolean;
  readonly rejectsUndefined: boolean;
  readonly typeMetadata?: TypeMetadata;
  readonly transformed: boolean;
  readonly about: FieldRecord & { readonly default?: unknown };
  /** The type that TypeScript recorded, if any. */
  readonly designType?: unknown;
  /** True if the constructor sets a value, which makes the property optional. */
  readonly hasInitial: boolean;
  /** The error of its accessor on a new object. */
  readonly initialError?: unknown;
  /** True if it has a getter without a setter. */
  readonly isComputed: boolean;
}

export interface DtoClass {
  readonly properties: readonly DtoProperty[];
  /** The error of `new Dto()`, which class-transformer calls. */
  readonly constructorError?: unknown;
  /** True if a rule may be asynchronous. */
  readonly mayBeAsync: boolean;
  /** A new object of the class, empty if its constructor throws. */
  readonly instance: Readonly<Record<string, unknown>>;
}

export function readDto(
  cls: ClassType,
  validatorModules: LoadedValidatorModules,
  transformer: TransformerMetadata,
): DtoClass {
  const rules = rulesOf(cls, validatorModules);
  const byProperty = new Map<string, RuleMetadata[]>();
  for (const rule of rules) byProperty.set(rule.propertyName, [...(byProperty.get(rule.propertyName) ?? []), rule]);
  const { instance, error } = initialInstance(cls);
  const builtIn = builtInNames(validatorModules);
  return {
    properties: [...byProperty].map(([name, own]) =>
      readProperty(cls, name, own, { validatorModules, transformer, builtIn, instance }),
    ),
    constructorError: error,
    instance,
    // A custom rule may return a promise without declaring it; rules of class-validator never do.
    mayBeAsync: rules.some(
      ({ type, name }) => type === 'promiseValidation' || (type === 'customValidation' && !builtIn.has(name ?? '')),
    ),
  };
}

function rulesOf(cls: ClassType, { classValidator }: LoadedValidatorModules): readonly RuleMetadata[] {
  // The arguments that `validate()` uses without groups.
  return classValidator.getMetadataStorage().getTargetValidationMetadatas(cls, '', false, false) as RuleMetadata[];
}

interface Sources {
  readonly validatorModules: LoadedValidatorModules;
  readonly transformer: TransformerMetadata;
  readonly builtIn: ReadonlySet<string>;
  readonly instance: Record<string, unknown>;
}

function readProperty(cls: ClassType, name: string, all: readonly RuleMetadata[], sources: Sources): DtoProperty {
  const { validatorModules, transformer, builtIn, instance } = sources;
  const optional = all.some((rule) => rule.type === 'conditionalValidation' && rule.name === 'isOptional');
  const conditional = all.some((rule) => rule.type === 'conditionalValidation' && rule.name !== 'isOptional');
  const rules = all.filter((rule) => rule.name !== undefined && rule.type !== 'conditionalValidation');
  const certain = rules.filter((rule) => rule.validateIf === undefined);
  const nested = all.find((rule) => rule.type === 'nestedValidation');
  const meanings = (each: boolean): RuleMeaning[] =>
    certain
      .filter((rule) => (rule.each ?? false) === each)
      .flatMap((rule) => RULES.get(rule.name ?? '')?.(rule.constraints ?? []) ?? []);
  const typeMetadata = transformer.typeOf(cls, name);
  const designType = reflected('design:type', cls, name);
  const accessor = accessorOf(cls, name);
  const isComputed = accessor?.get !== undefined && accessor.set === undefined;
  const initial = isComputed ? {} : initialValue(instance, name);
  return {
    name,
    own: meanings(false),
    each: meanings(true),
    notEmpty: {
      own: certain.some((rule) => rule.name === 'isNotEmpty' && !rule.each),
      each: certain.some((rule) => rule.name === 'isNotEmpty' && rule.each === true),
    },
    nested: nested ? (nested.each ? 'each' : 'value') : 'no',
    optional,
    conditional,
    rejectsUndefined: certain.some(
      (rule) => builtIn.has(rule.name ?? '') && rejects(undefined, rule, validatorModules),
    ),
    typeMetadata,
    transformed: transformer.isTransformed(cls, name),
    about: {
      ...swaggerRecord(cls, name),
      ...fieldRecord(cls, name),
      ...mappedFieldRecord(cls, name, all, typeMetadata, sources),
    },
    designType,
    hasInitial: initial.value !== undefined,
    initialError: initial.error,
    isComputed,
  };
}

function accessorOf(cls: ClassType, name: string): PropertyDescriptor | undefined {
  for (let at: object | null = cls.prototype as object; at !== null; at = Object.getPrototypeOf(at) as object | null) {
    const descriptor = Object.getOwnPropertyDescriptor(at, name);
    if (descriptor) return descriptor;
  }
  return undefined;
}

function initialValue(instance: Readonly<Record<string, unknown>>, name: string): { value?: unknown; error?: unknown } {
  try {
    return { value: instance[name] };
  } catch (error) {
    return { error: error ?? 'nothing' };
  }
}

/**
 * Options of `@Field` on the class from which a mapped type such as `PickType(Dto, [...])` copied the property. A mapped
 * type does not inherit from that class, but its rules and types are the same objects.
 */
function mappedFieldRecord(
  cls: ClassType,
  name: string,
  rules: readonly RuleMetadata[],
  typeMetadata: TypeMetadata | undefined,
  { validatorModules, transformer }: Sources,
): FieldRecord {
  if (describedFields(cls).has(name)) return {};
  const constraintClasses = new Set<unknown>(rules.flatMap(({ constraintCls }) => constraintCls ?? []));
  const isCopied = (source: ClassType): boolean => {
    const type = transformer.typeOf(source, name)?.typeFunction;
    if (type !== undefined && type === typeMetadata?.typeFunction) return true;
    return rulesOf(source, validatorModules).some(
      ({ propertyName, constraintCls }) => propertyName === name && constraintClasses.has(constraintCls),
    );
  };
  const source = classesWithField(name).find((candidate) => candidate !== cls && isCopied(candidate));
  return source ? fieldRecord(source, name) : {};
}

/** Checks a value with a rule of class-validator. */
function rejects(value: unknown, rule: RuleMetadata, { classValidator }: LoadedValidatorModules): boolean {
  if (!rule.constraintCls) return false;
  const constraints = classValidator.getMetadataStorage().getTargetValidatorConstraints(rule.constraintCls);
  return constraints.some(({ instance }) => {
    try {
      const args = {
        value,
        constraints: [...(rule.constraints ?? [])],
        targetName: '',
        object: {},
        property: rule.propertyName,
      };
      return instance.validate(value, args) === false;
    } catch {
      return true;
    }
  });
}

function initialInstance(cls: ClassType): { instance: Record<string, unknown>; error?: unknown } {
  try {
    return { instance: new (cls as unknown as new () => Record<string, unknown>)() };
  } catch (error) {
    return { instance: {}, error: error ?? 'nothing' };
  }
}

/** class-validator exports the name of each rule as a constant. */
const builtInNames = ({ classValidator }: LoadedValidatorModules): ReadonlySet<string> =>
  new Set(Object.values(classValidator).filter((value: unknown): value is string => typeof value === 'string'));

/** Reads the options of `@ApiProperty` of @nestjs/swagger without importing it. */
function swaggerRecord(cls: ClassType, property: string): FieldRecord {
  const options = reflected('swagger/apiModelProperties', cls, property);
  if (typeof options !== 'object' || options === null) return {};
  const { description, example, default: initial, deprecated } = options as FieldRecord;
  return {
    description: typeof description === 'string' ? description : undefined,
    example,
    default: initial,
    deprecated: deprecated === true ? true : undefined,
  };
}

function reflected(key: string, cls: ClassType, property: string): unknown {
  const { getMetadata } = Reflect as { getMetadata?: (key: string, target: object, property: string) => unknown };
  return getMetadata?.(key, cls.prototype as object, property);
}
