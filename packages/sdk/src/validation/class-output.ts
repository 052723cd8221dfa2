/**
 * Converts the output of a handler as its class declares. class-transformer itself would call functions, ignore `toJSON`,
 * change the instances of the handler and break the result of a `@Transform` into its fields.
 * Members that `@Exclude` hides are never read.
 */
import { describeThrown } from '@orra-ts/common';
import type { ClassType } from '../schema';
import type { TransformerMetadata } from '../schema/dto/transformer-metadata';
import type { Discriminator } from '../schema/dto/transformer-records';
import type { ClassTransformer } from '../schema/validator-modules';
import { joinPath } from './ajv';
import { toPlainJson, type PlainJsonResult } from './plain-json';

const LEAVES: readonly unknown[] = [Object, Date, Map, Set, String, Number, Boolean, Promise, Error, RegExp];

/** Applies `@Expose`, `@Exclude` and `@Transform` once and returns plain JSON. A failure is a violation with its path. */
export function classOutput(
  value: unknown,
  cls: ClassType,
  modules: { readonly transformer: TransformerMetadata; readonly classTransformer: ClassTransformer },
): PlainJsonResult {
  const conversion = new Conversion(modules.transformer);
  try {
    const converted = conversion.visit(value, { classOf: () => cls }, '');
    if (modules.transformer.isReadable || !isRecord(converted)) return toPlainJson(converted);
    // Without the records of class-transformer, only class-transformer can apply them.
    conversion.path = '';
    return toPlainJson(modules.classTransformer.instanceToPlain(converted));
  } catch (thrown) {
    if (thrown instanceof Cycle) return { violations: [{ path: conversion.path, message: thrown.message }] };
    const message = `cannot be transformed: ${describeThrown(thrown)}`;
    return { violations: [{ path: conversion.path, message, thrown }] };
  }
}

const isRecord = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The declared class of a value. */
interface Declared {
  /** Depends on the value under a discriminator. */
  readonly classOf: (value: object) => ClassType | undefined;
  readonly union?: Discriminator;
}

class Cycle extends Error {}

class Conversion {
  /** The member that was read last. */
  path = '';
  private readonly ancestors: object[] = [];

  constructor(private readonly transformer: TransformerMetadata) {}

  visit(value: unknown, declared: Declared | undefined, path: string): unknown {
    this.path = path;
    if (typeof value === 'function') return undefined;
    if (typeof value !== 'object' || value === null || value instanceof Date) return value;
    if (this.ancestors.includes(value)) throw new Cycle('refers back to an object that contains it');
    this.ancestors.push(value);
    const converted = this.object(value, declared, path);
    this.ancestors.pop();
    return converted;
  }

  private object(value: object, declared: Declared | undefined, path: string): unknown {
    const { toJSON } = value as { toJSON?: unknown };
    if (typeof toJSON === 'function') {
      const json: unknown = toJSON.call(value, path);
      return json === value ? this.members(value, declared, path) : this.visit(json, declared, path);
    }
    if (Array.isArray(value)) {
      return value.map((item: unknown, index) => this.visit(item, declared, joinPath(path, String(index))));
    }
    if (value instanceof Set) return [...value].map((item) => this.visit(item, declared, path));
    if (value instanceof Map) {
      return new Map([...value].map(([key, item]) => [key, this.visit(item, declared, joinPath(path, String(key)))]));
    }
    if (ArrayBuffer.isView(value)) return value;
    return this.members(value, declared, path);
  }

  /** Returns a new object, so that nothing of the handler is changed. */
  private members(value: object, declared: Declared | undefined, path: string): unknown {
    const own = (value as { constructor?: unknown }).constructor;
    const isInstance = typeof own === 'function' && !LEAVES.includes(own);
    if (own !== undefined && own !== Object && !isInstance) return value;
    const expected = declared?.classOf(value);
    const cls = isInstance && (!expected || value instanceof expected) ? (own as ClassType) : expected;
    const source = cls && !isInstance ? asInstance(value, cls) : value;
    const isLeftToTransformer = cls && !this.transformer.isReadable;
    const converted = Object.create(isLeftToTransformer ? (cls.prototype as object) : Object.prototype) as object;
    const keys = new Set([...Object.keys(source), ...(cls ? this.transformer.exposedProperties(cls) : [])]);
    for (const key of keys) this.member(source as Record<string, unknown>, key, cls, converted, joinPath(path, key));
    const subType = declared?.union?.subTypes.find((candidate) => candidate.value === cls);
    if (declared?.union && subType) setMember(converted, declared.union.property, subType.name);
    return converted;
  }

  private member(
    source: Record<string, unknown>,
    key: string,
    cls: ClassType | undefined,
    converted: object,
    path: string,
  ): void {
    const name = cls ? this.transformer.sentName(cls, key) : key;
    if (name === undefined) return;
    this.path = path;
    // A member that is exposed and transformed may be computed from others.
    const value = cls ? this.transformer.transformToPlain(cls, key, source) : source[key];
    if (value === undefined || typeof value === 'function') return;
    setMember(converted, name, this.visit(value, cls && this.declaredMember(cls, key), path));
  }

  private declaredMember(cls: ClassType, key: string): Declared | undefined {
    const type = this.transformer.typeOf(cls, key);
    const union = type?.options?.discriminator;
    if (union) {
      const named = (value: object): ClassType | undefined =>
        union.subTypes.find(({ name }) => name === (value as Record<string, unknown>)[union.property])?.value;
      return { classOf: named, union };
    }
    const found = type?.typeFunction?.({ object: {}, property: key, newObject: {} });
    if (typeof found !== 'function' || LEAVES.includes(found) || found === Array) return undefined;
    return { classOf: () => found as ClassType };
  }
}

function setMember(object: object, key: string, value: unknown): void {
  Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
}

/** Transformations of a class may use its methods. Members of a literal that are missing get the initial values of the class. */
const asInstance = (literal: object, cls: ClassType): object =>
  Object.defineProperties(create(cls), Object.getOwnPropertyDescriptors(literal));

function create(cls: ClassType): object {
  try {
    return new (cls as new () => object)();
  } catch {
    return Object.create(cls.prototype as object) as object;
  }
}
