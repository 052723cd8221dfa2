/** The three ways to declare the input and output of a service, and the types that they imply. */
import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { TypedJsonSchema } from './json-schema';

/** A class, abstract or not, with any constructor parameters. */
export type ClassType<T extends object = object> = abstract new (...args: never[]) => T;

/**
 * A class with class-validator rules, any Standard Schema (zod, valibot, arktype), or `jsonSchema<T>({...})`. The top
 * level must be an object with at least one property.
 */
export type Schema = ClassType | StandardSchemaV1 | TypedJsonSchema<unknown>;

/** A schema, or a function that returns it, for a class that is declared later in its file or in an import cycle. */
export type SchemaSource<S extends Schema> = S | (() => S);

/** The input of a handler: an instance of the class, or the value that the schema returns. */
export type InferOutput<S> =
  S extends StandardSchemaV1<unknown, infer O>
    ? O
    : S extends TypedJsonSchema<infer T>
      ? T
      : S extends ClassType<infer T>
        ? T
        : never;

/** Omits methods: a handler may return a plain object in place of an instance. */
export type PlainData<T> = T extends Date | readonly unknown[]
  ? T
  : T extends object
    ? { [P in keyof T as T[P] extends (...args: never[]) => unknown ? never : P]: T[P] }
    : T;

/** The output of a handler, or the data of a plan: for a Standard Schema, its input, before transforms. */
export type InferInput<S> =
  S extends StandardSchemaV1<infer I, unknown>
    ? I
    : S extends TypedJsonSchema<infer T>
      ? T
      : S extends ClassType<infer T>
        ? PlainData<T>
        : never;

export function isStandardSchema(schema: unknown): schema is StandardSchemaV1 {
  // arktype's schemas are functions.
  return (typeof schema === 'object' || typeof schema === 'function') && schema !== null && '~standard' in schema;
}

export const isTypedJsonSchema = (schema: unknown): schema is TypedJsonSchema<unknown> =>
  typeof schema === 'object' && schema !== null && typeof (schema as { schema?: unknown }).schema === 'object';

/** Classes have a `prototype`, arrow functions do not. */
export const isThunk = (schema: unknown): schema is () => unknown =>
  typeof schema === 'function' && !isStandardSchema(schema) && !Object.hasOwn(schema, 'prototype');

export const isClass = (schema: unknown): schema is ClassType =>
  typeof schema === 'function' && !isStandardSchema(schema);
