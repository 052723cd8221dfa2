import type { Checked, ValueSchema, Violation } from './value-schema';
import type { TypedJsonSchema } from '../json-schema';
import type { JsonSchema } from '../schema/json-pointer';
import type { Check } from './ajv';
import { toPlainJson } from './plain-json';
import { unknownFieldsWalker } from './unknown-fields';
import { compileSchema, buildSpec, type ValueSchemaOptions } from './prepare';

/** Checks values with ajv, including formats, and returns them unchanged. */
export function jsonValueSchema(
  declared: TypedJsonSchema<unknown>,
  options: ValueSchemaOptions,
): ValueSchema | undefined {
  const { schema } = declared;
  const check = compileSchema(schema, 'all', options);
  const result = check && buildSpec(schema, options);
  if (!result) return undefined;
  const known = knownFields(schema, options);
  return Object.freeze<ValueSchema>({
    jsonSchema: schema,
    spec: result.spec,
    unsupportedKeywords: result.unsupportedKeywords,
    leftToService: result.leftToService,
    acceptsEmptyObject: check({}) === undefined,
    accept: (value) => {
      const violations = check(value);
      return violations ? { ok: false, violations } : known(value);
    },
    emit: (value) => emitPlain(value, check),
    revive: (value) => value,
  });
}

/** Applies `unknownFields` to a valid value. */
export function knownFields(schema: JsonSchema, { unknownFields }: ValueSchemaOptions): (value: unknown) => Checked {
  if (unknownFields === 'keep') return (value) => ({ ok: true, value });
  const walker = unknownFieldsWalker(schema);
  if (unknownFields === 'strip')
    return (value) => {
      const stripped = walker.strip(value);
      return stripped === value
        ? { ok: true, value }
        : { ok: true, value: stripped, removed: () => walker.list(value) };
    };
  return (value) => {
    const paths = walker.list(value);
    return paths.length > 0 ? { ok: false, violations: paths.map(unknownFieldViolation) } : { ok: true, value };
  };
}

const unknownFieldViolation = (path: string): Violation => ({ path, message: 'is not a known property' });

/** Converts the output of a handler to plain JSON and checks it. */
function emitPlain(value: unknown, check: Check): Checked {
  const plain = toPlainJson(value);
  if ('violations' in plain) return { ok: false, violations: plain.violations };
  const violations = check(plain.value);
  return violations ? { ok: false, violations } : { ok: true, value: plain.value };
}
