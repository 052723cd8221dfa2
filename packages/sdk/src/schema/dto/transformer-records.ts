/**
 * Reads what the decorators of class-transformer record. Its storage is not exported, and each copy of the package has
 * its own. So this module lets the decorators of one copy decorate a private class, and notes to which maps they write.
 * That works for CommonJS and ES modules and in bundles, and needs no file of the package.
 */
import type { ClassType } from '../../schema';
import type { ClassTransformer } from '../validator-modules';

export interface DirectionOptions {
  readonly toClassOnly?: boolean;
  readonly toPlainOnly?: boolean;
}

export interface ExposeOptions extends DirectionOptions {
  readonly name?: string;
  readonly groups?: readonly string[];
}

export interface Discriminator {
  readonly property: string;
  readonly subTypes: readonly { readonly value: ClassType; readonly name: string }[];
}

export interface TransformMetadata {
  readonly options?: DirectionOptions & { readonly groups?: readonly string[] };
  readonly transformFn: (params: {
    readonly value: unknown;
    readonly key: string;
    readonly obj: object;
    readonly type: number;
    readonly options: object;
  }) => unknown;
}

export interface TypeMetadata {
  readonly typeFunction?: (options?: unknown) => unknown;
  readonly reflectedType?: unknown;
  readonly options?: {
    readonly discriminator?: Discriminator;
  };
}

/** Property to record; the key `undefined` stands for the class itself. */
type OfProperties<R> = ReadonlyMap<string | undefined, R>;
type Records<R> = ReadonlyMap<ClassType, OfProperties<R>>;

/**
 * The maps of class-transformer's `defaultMetadataStorage`, which have had these names since version 0.3. The option
 * `peers.classTransformerStorage` takes that object.
 */
export interface ClassTransformerStorage {
  readonly _typeMetadatas: Records<TypeMetadata>;
  readonly _transformMetadatas: Records<readonly TransformMetadata[]>;
  readonly _exposeMetadatas: Records<{ readonly options?: ExposeOptions }>;
  readonly _excludeMetadatas: Records<{ readonly options?: DirectionOptions }>;
}

const found = new WeakMap<ClassTransformer, { readonly storage: ClassTransformerStorage | undefined }>();

/** Returns undefined if the decorators of this copy do not write to maps. */
export function findStorage(copy: ClassTransformer): ClassTransformerStorage | undefined {
  const known = found.get(copy) ?? { storage: observe(copy) };
  found.set(copy, known);
  return known.storage;
}

function observe({ Type, Transform, Expose, Exclude }: ClassTransformer): ClassTransformerStorage | undefined {
  const probe = class {};
  const mapOf = <R>(decorator: PropertyDecorator): Records<R> | undefined =>
    writtenMap(probe, () => decorator(probe.prototype, 'member')) as Records<R> | undefined;
  const _typeMetadatas = mapOf<TypeMetadata>(Type(() => String));
  const _transformMetadatas = mapOf<readonly TransformMetadata[]>(Transform(({ value }) => value));
  const _exposeMetadatas = mapOf<{ options?: ExposeOptions }>(Expose());
  const _excludeMetadatas = mapOf<{ options?: DirectionOptions }>(Exclude());
  return _typeMetadatas && _transformMetadatas && _exposeMetadatas && _excludeMetadatas
    ? { _typeMetadatas, _transformMetadatas, _exposeMetadatas, _excludeMetadatas }
    : undefined;
}

/** The map that gets the class as a key while `act` runs, which is synchronous. The probe is removed from it. */
function writtenMap(cls: ClassType, act: () => void): Map<unknown, unknown> | undefined {
  const written: Map<unknown, unknown>[] = [];
  const original = Object.getOwnPropertyDescriptor(Map.prototype, 'set') as PropertyDescriptor;
  const set = original.value as typeof Map.prototype.set;
  Object.defineProperty(Map.prototype, 'set', {
    ...original,
    value(this: Map<unknown, unknown>, key: unknown, value: unknown) {
      if (key === cls) written.push(this);
      return set.call(this, key, value);
    },
  });
  try {
    act();
  } finally {
    Object.defineProperty(Map.prototype, 'set', original);
  }
  const map = written.at(-1);
  map?.delete(cls);
  return map;
}

/** The record of a property, of the class or of the nearest class that it extends. */
export const findRecord = <R>(records: Records<R>, cls: ClassType, property: string): R | undefined =>
  findRecords(records, cls, property)[0];

/** The records of a property, of the class and of the classes that it extends, the nearest first. */
export const findRecords = <R>(records: Records<R>, cls: ClassType, property: string): readonly R[] =>
  lineage(cls).flatMap((current) => {
    const record = records.get(current)?.get(property);
    return record === undefined ? [] : [record];
  });

/** All properties with a record, of the class and of the classes that it extends. */
export const recordedProperties = <R>(records: Records<R>, cls: ClassType): readonly string[] => [
  ...new Set(
    lineage(cls).flatMap((current) => [...(records.get(current)?.keys() ?? [])].filter((name) => name !== undefined)),
  ),
];

/** The class and those that it extends, the nearest first. */
function lineage(cls: ClassType): readonly ClassType[] {
  const classes: ClassType[] = [];
  for (let current: unknown = cls; typeof current === 'function'; current = Object.getPrototypeOf(current)) {
    if ('prototype' in current) classes.push(current as ClassType);
  }
  return classes;
}
