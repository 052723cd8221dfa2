/** Builders that the schemas of this package share. */
import { Type, type SchemaOptions, type Static, type TOptional, type TSchema, type TUnsafe } from '@sinclair/typebox';

/** A member that may be absent or null; both mean the same. */
export const OptionalNullable = <T extends TSchema>(schema: T) => Type.Optional(Type.Union([schema, Type.Null()]));

/** A value that is always present and may be null. */
export const OrNull = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

/** An array whose static type is read-only: engines fill it from frozen state, and readers do not change it. */
export const List = <T extends TSchema>(items: T): TUnsafe<readonly Static<T>[]> => Type.Unsafe(Type.Array(items));

export const OptionalList = <T extends TSchema>(items: T): TOptional<TUnsafe<readonly Static<T>[]>> =>
  Type.Optional(List(items));

/** One of these strings. */
export const Literals = <const V extends string>(values: readonly V[], options: SchemaOptions = {}): TUnsafe<V> =>
  Type.Unsafe({
    ...Type.Union(values.map((value) => Type.Literal(value))),
    ...options,
  });

/** A JSON object with members of any name. */
export const AnyMembers = (options: SchemaOptions = {}) => Type.Record(Type.String(), Type.Unknown(), options);

/** RFC 3339, UTC. */
export const Timestamp = (options: SchemaOptions = {}) => Type.String({ description: 'RFC 3339', ...options });
