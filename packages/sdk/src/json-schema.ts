/** Plain JSON Schema carries no type; this gives it one. */
export interface TypedJsonSchema<T> {
  readonly schema: Readonly<Record<string, unknown>>;
  /** For the compiler only; never set. */
  readonly '~type'?: T;
}

/**
 * Declares input or output by a JSON Schema (draft 2020-12, or draft-07 if its `$schema` says so). The type is yours to
 * keep in step with the schema; values are checked against the schema, and handlers get them as they came.
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
