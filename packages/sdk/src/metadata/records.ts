/**
 * Writes and reads the records of decorators. Records are own properties of the class (services) or of its prototype
 * (methods, fields), so that a subclass can add records without changing its base class. The keys are `Symbol.for`, so
 * that two installed copies of this package can read each other's records.
 */
import 'reflect-metadata';
import type { Duration } from '@orra-ts/common';
import type { ServiceKind } from '@orra-ts/protocol';
import type { ClassType, Schema, SchemaSource } from '../schema';

const SERVICE = Symbol.for('orra.service');
const HANDLERS = Symbol.for('orra.handlers');
const REVERTS = Symbol.for('orra.reverts');
const FIELDS = Symbol.for('orra.fields');

export interface ServiceRecord {
  readonly kind: ServiceKind;
  readonly name: string;
  readonly description: string;
}

/** Decides about members of an input, or of an output that is a class, that are not declared. */
export type UnknownFields = 'strip' | 'reject' | 'keep';
/** `schema` checks only the JSON Schema of the class, without class-validator, which is 60 to 80 times faster. */
export type ValidationMode = 'full' | 'schema';

/** Outcomes of a task that leave no output. */
export type OutcomeWithoutOutput = 'failed' | 'unknown';

export interface HandlerRecord {
  readonly method: string | symbol;
  readonly input: SchemaSource<Schema>;
  readonly output: SchemaSource<Schema>;
  /** `parameters`: each parameter has a decorator, which only an integration such as `@orra-ts/nestjs` understands. */
  readonly takes?: 'task' | 'input' | 'parameters';
  readonly name?: string;
  readonly description?: string;
  readonly timeout?: Duration;
  readonly concurrency?: number;
  readonly onCrash?: 'rerun' | 'fail';
  readonly unknownFields?: UnknownFields;
  readonly validation?: ValidationMode;
}

export interface RevertRecord {
  readonly method: string | symbol;
  /** Method of the handler; absent: the only handler of the class. */
  readonly of?: string;
  readonly revertibleFor?: Duration;
  readonly also?: readonly OutcomeWithoutOutput[];
}

export interface FieldRecord {
  readonly description?: string;
  readonly example?: unknown;
  readonly default?: unknown;
  readonly sensitive?: boolean;
  readonly deprecated?: boolean;
}

type RecordHolder = Record<symbol, unknown>;

function ownRecords<R>(target: object, key: symbol): R[] {
  if (!Object.hasOwn(target, key)) Object.defineProperty(target, key, { value: [] as R[] });
  return (target as RecordHolder)[key] as R[];
}

/** Records of the class and its base classes. The record of the nearest class is used. */
function inheritedRecords<R>(prototype: object, key: symbol, nameOf: (record: R) => string | symbol): R[] {
  const found = new Map<string | symbol, R>();
  for (let at: object | null = prototype; at !== null; at = Object.getPrototypeOf(at) as object | null) {
    if (!Object.hasOwn(at, key)) continue;
    for (const record of (at as RecordHolder)[key] as R[]) {
      if (!found.has(nameOf(record))) found.set(nameOf(record), record);
    }
  }
  return [...found.values()];
}

export const recordService = (cls: ClassType, record: ServiceRecord): void => {
  ownRecords<ServiceRecord>(cls, SERVICE).push(record);
};
export const recordHandler = (target: object, record: HandlerRecord): void => {
  ownRecords<HandlerRecord>(target, HANDLERS).push(record);
};
export const recordRevert = (target: object, record: RevertRecord): void => {
  ownRecords<RevertRecord>(target, REVERTS).push(record);
};
export const recordField = (target: object, field: string | symbol, record: FieldRecord): void => {
  ownRecords<{ field: string | symbol; record: FieldRecord }>(target, FIELDS).push({ field, record });
  const { constructor } = target as { constructor: ClassType };
  const classes = classesByField.get(field) ?? [];
  if (!classes.some((reference) => reference.deref() === constructor)) {
    classesByField.set(field, [...classes, new WeakRef(constructor)]);
  }
};

/** For mapped types, which copy the rules of a class but do not inherit from it. */
const classesByField = new Map<string | symbol, readonly WeakRef<ClassType>[]>();

/** Classes that describe a property with this name. */
export const classesWithField = (field: string): readonly ClassType[] =>
  (classesByField.get(field) ?? []).flatMap((reference) => reference.deref() ?? []);

/** Records of this class only. Inherited ones would give two services the same name. */
export const serviceRecords = (cls: ClassType): readonly ServiceRecord[] =>
  Object.hasOwn(cls, SERVICE) ? ((cls as unknown as RecordHolder)[SERVICE] as ServiceRecord[]) : [];

export const handlerRecords = (cls: ClassType): readonly HandlerRecord[] =>
  inheritedRecords<HandlerRecord>(cls.prototype as object, HANDLERS, (record) => record.method);

export const revertRecords = (cls: ClassType): readonly RevertRecord[] =>
  inheritedRecords<RevertRecord>(cls.prototype as object, REVERTS, (record) => record.method);

/** Annotated static methods, which would never be called. */
export const staticMethodRecords = (cls: ClassType): readonly (string | symbol)[] =>
  [HANDLERS, REVERTS].flatMap((key) =>
    Object.hasOwn(cls, key)
      ? ((cls as unknown as RecordHolder)[key] as { method: string | symbol }[]).map(({ method }) => method)
      : [],
  );

/** The class that owns the annotation of a method, and the class that owns its code, from `cls` upwards. */
export function methodOwners(cls: ClassType, method: string | symbol): { annotated?: object; implemented?: object } {
  const owners: { annotated?: object; implemented?: object } = {};
  for (let at: object | null = cls.prototype as object; at !== null; at = Object.getPrototypeOf(at) as object | null) {
    if (Object.hasOwn(at, method)) owners.implemented ??= at;
    for (const key of [HANDLERS, REVERTS]) {
      const records = Object.hasOwn(at, key) ? ((at as RecordHolder)[key] as { method: string | symbol }[]) : [];
      if (records.some((record) => record.method === method)) owners.annotated ??= at;
    }
  }
  return owners;
}

/** Options of `@Describe` and `@Field` of a property, the nearest class first. */
export function fieldRecord(cls: ClassType, field: string): FieldRecord {
  let merged: FieldRecord = {};
  for (let at: object | null = cls.prototype as object; at !== null; at = Object.getPrototypeOf(at) as object | null) {
    if (!Object.hasOwn(at, FIELDS)) continue;
    for (const entry of (at as RecordHolder)[FIELDS] as { field: string | symbol; record: FieldRecord }[]) {
      if (entry.field === field) merged = { ...entry.record, ...merged };
    }
  }
  return merged;
}

/** Properties with `@Describe` or `@Field`. */
export function describedFields(cls: ClassType): ReadonlySet<string> {
  const fields = new Set<string>();
  for (let at: object | null = cls.prototype as object; at !== null; at = Object.getPrototypeOf(at) as object | null) {
    if (!Object.hasOwn(at, FIELDS)) continue;
    for (const { field } of (at as RecordHolder)[FIELDS] as { field: string | symbol }[]) {
      if (typeof field === 'string') fields.add(field);
    }
  }
  return fields;
}
