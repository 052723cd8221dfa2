/** Creates the `ValueSchema` of a declared `input` or `output`, of any kind, and reports its problems. */
import type { ValueSchema } from './value-schema';
import { isClass, isStandardSchema, isTypedJsonSchema } from '../schema';
import { classValueSchema } from './class-value-schema';
import { jsonValueSchema } from './json-value-schema';
import type { ValueSchemaOptions } from './prepare';
import { standardValueSchema } from './standard-value-schema';

/** Returns undefined if it has reported a problem. */
export function createValueSchema(schema: unknown, options: ValueSchemaOptions): ValueSchema | undefined {
  if (isStandardSchema(schema)) return standardValueSchema(schema, options);
  if (isTypedJsonSchema(schema)) return jsonValueSchema(schema, options);
  if (isClass(schema)) return classValueSchema(schema, options);
  options.report({
    field: options.side,
    message: schema === undefined ? `${options.side} is missing` : `${options.side} is not a schema`,
    fix:
      `set ${options.side} to a class with class-validator rules, a Standard Schema such as z.object({...}), or jsonSchema<T>({...}); ` +
      'a circular import often makes a class undefined',
  });
  return undefined;
}
