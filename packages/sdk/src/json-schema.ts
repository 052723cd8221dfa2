/** Adds a TypeScript type to a JSON Schema. */
export interface TypedJsonSchema<T> {
  readonly schema: Readonly<Record<string, unknown>>;
  /** For the compiler only; never set. */
  readonly '~type'?: T;
}

/**
 * Declares an input or output with a JSON Schema (draft 2020-12, or draft-07 if its `$schema` says so). You must keep
 * the type consistent with the schema. Values are checked against the schema and not changed.
 *
 * @example
 * const input = jsonSchema<{ sku: string }>({
 *   type: 'object',
 *   properties: { sku: { type: 'string' } },
 *   required: ['sku'],
 * });
 */
export function jsonSchema<T>(schema: object): TypedJsonSchema<T> {
  return Object.freeze({ schema: schema as Record<string, unknown> });
}
