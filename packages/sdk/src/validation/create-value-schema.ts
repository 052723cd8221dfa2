/** Creates the `ValueSchema` of a declared `input` or `output`, of any kind, and reports its problems. */
import { describeThrown } from '@orra-ts/common';
import type { ValueSchema } from './value-schema';
import { isClass, isStandardSchema, isThunk, isTypedJsonSchema } from '../schema';
import { classValueSchema } from './class-value-schema';
import { jsonValueSchema } from './json-value-schema';
import type { ValueSchemaOptions } from './prepare';
import { standardValueSchema } from './standard-value-schema';

/**
 * Returns undefined if it has reported a problem.
 *
 * @param declared a schema, or a function without arguments that returns one, which is called once
 */
export function createValueSchema(declared: unknown, options: ValueSchemaOptions): ValueSchema | undefined {
  let schema = declared;
  if (isThunk(declared)) {
    try {
      schema = declared();
    } catch (thrown) {
      options.report({
        field: options.side,
        message: `its function threw instead of returning a schema: ${describeThrown(thrown)}`,
        fix: `use ${options.side}: Dto or ${options.side}: () => Dto, with the class itself and not a bound copy`,
      });
      return undefined;
    }
  }
  if (isStandardSchema(schema)) return standardValueSchema(schema, options);
  if (isTypedJsonSchema(schema)) return jsonValueSchema(schema, options);
  if (isClass(schema) && !isThunk(schema)) return classValueSchema(schema, options);
  options.report({
    field: options.side,
    message: isThunk(declared)
      ? `its function returned ${schema === undefined ? 'undefined' : 'neither a class nor a schema'}`
      : schema === undefined
        ? `${options.side} is missing`
        : `${options.side} is not a schema`,
    fix:
      `set ${options.side} to a class with class-validator rules, a Standard Schema such as z.object({...}), or jsonSchema<T>({...}); ` +
      'a circular import often makes a class undefined',
  });
  return undefined;
}
