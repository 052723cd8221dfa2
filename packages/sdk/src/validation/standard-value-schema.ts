/**
 * Values of a Standard Schema: zod, valibot, arktype and others. The library validates; ajv only checks that the JSON
 * Schema is valid. Input: the schema's input type is registered, and the handler gets its output type. Output: the
 * handler returns the schema's input type, and the engine gets its output type.
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { StandardSchemaV1 } from '@standard-schema/spec';
import { adopt, callMaybeAsync, describeThrown, type MaybePromise } from '@orra-ts/common';
import type { Checked, ValueSchema, Violation } from './value-schema';
import { isJsonSchema, type JsonSchema } from '../schema/json-pointer';
import { joinPath } from './ajv';
import { knownFields } from './json-value-schema';
import { toPlainJson } from './plain-json';
import { compileSchema, buildSpec, type Side, type ValueSchemaOptions } from './prepare';

const TARGET = 'draft-2020-12';

type Convert = (schema: StandardSchemaV1, side: Side) => unknown;

export function standardValueSchema(schema: StandardSchemaV1, options: ValueSchemaOptions): ValueSchema | undefined {
  const jsonSchema = jsonSchemaOf(schema, options);
  const result = jsonSchema && compileSchema(jsonSchema, 'none', options) && buildSpec(jsonSchema, options);
  if (!result) return undefined;
  const known = knownFields(jsonSchema, options);
  return Object.freeze<ValueSchema>({
    jsonSchema,
    spec: result.spec,
    unsupportedKeywords: result.unsupportedKeywords,
    leftToService: result.leftToService,
    acceptsEmptyObject: fitsEmptyObject(schema),
    accept(value) {
      const trimmed = known(value);
      return trimmed.ok ? validate(schema, trimmed.value) : trimmed;
    },
    emit: (value) => callMaybeAsync(() => validate(schema, value), toPlain),
    revive: (value) => (options.side === 'input' ? revive(schema, value) : value),
  });
}

function validate(schema: StandardSchemaV1, value: unknown): MaybePromise<Checked> {
  try {
    const result = schema['~standard'].validate(value);
    return adopt(result)?.then(toChecked) ?? toChecked(result as StandardSchemaV1.Result<unknown>);
  } catch (thrown) {
    // The same value would throw again. A rejected promise may be temporary, so the caller decides about it.
    return { ok: false, violations: [{ path: '', message: `its schema threw: ${describeThrown(thrown)}`, thrown }] };
  }
}

/** Uses the library, whose defaults may fill members that the registered JSON Schema requires. */
function fitsEmptyObject(schema: StandardSchemaV1): boolean {
  const outcome = validate(schema, {});
  if (!(outcome instanceof Promise)) return outcome.ok;
  outcome.catch(() => undefined);
  return false;
}

const toChecked = (result: StandardSchemaV1.Result<unknown>): Checked =>
  result.issues ? { ok: false, violations: result.issues.map(toViolation) } : { ok: true, value: result.value };

function toPlain(outcome: Checked): Checked {
  if (!outcome.ok) return outcome;
  const result = toPlainJson(outcome.value);
  return 'violations' in result ? { ok: false, violations: result.violations } : { ok: true, value: result.value };
}

function toViolation({ message, path = [] }: StandardSchemaV1.Issue): Violation {
  const parts = path.map((part) => String(typeof part === 'object' ? part.key : part));
  return { path: parts.reduce(joinPath, ''), message };
}

/** Parses a stored value, which is in its wire form, with the schema. Returns it unchanged if it no longer fits. */
const revive = (schema: StandardSchemaV1, value: unknown): unknown =>
  callMaybeAsync(
    () => validate(schema, value),
    (outcome) => (outcome.ok ? outcome.value : value),
    () => value,
  );

function jsonSchemaOf(schema: StandardSchemaV1, { side, report }: ValueSchemaOptions): JsonSchema | undefined {
  const { vendor } = schema['~standard'];
  const convert = ownConverter(schema) ?? (vendor === 'zod' ? zodConverter() : undefined);
  if (!convert) {
    report({
      field: side,
      message: `this ${vendor} schema has no converter to JSON Schema`,
      fix:
        vendor === 'valibot'
          ? `wrap it: ${side}: toStandardJsonSchema(schema), from @valibot/to-json-schema`
          : vendor === 'zod'
            ? 'install zod 4.2 or newer, or build it with "zod" instead of "zod/mini"'
            : `use a version of ${vendor} that implements Standard JSON Schema, or jsonSchema<T>({...})`,
    });
    return undefined;
  }
  try {
    const converted = convert(schema, side);
    if (!isJsonSchema(converted)) throw new TypeError('its converter did not return a JSON Schema');
    const { $schema: _, ...jsonSchema } = converted;
    return jsonSchema;
  } catch (thrown) {
    report({
      field: side,
      message: `this ${vendor} schema cannot be converted to JSON Schema: ${describeThrown(thrown)}`,
      fix:
        side === 'input'
          ? 'accept a value that JSON can express and transform it, such as z.iso.datetime().transform((text) => new Date(text))'
          : 'end transforms with a typed schema, such as .transform(...).pipe(z.string())',
    });
    return undefined;
  }
}

function ownConverter(schema: StandardSchemaV1): Convert | undefined {
  const { jsonSchema } = schema['~standard'] as { jsonSchema?: Record<Side, (options: { target: string }) => unknown> };
  return jsonSchema && ((_, side) => jsonSchema[side]({ target: TARGET }));
}

/** zod mini has no converter, so this uses the converter of the application's copy of zod. */
function zodConverter(): Convert | undefined {
  const from = [join(process.cwd(), 'package.json'), __filename];
  for (const origin of from) {
    try {
      const { toJSONSchema } = createRequire(origin)('zod') as {
        toJSONSchema?: (schema: unknown, options: { io: Side; target: string }) => unknown;
      };
      if (toJSONSchema) return (schema, side) => toJSONSchema(schema, { io: side, target: TARGET });
    } catch {
      // zod is not resolvable from there.
    }
  }
  return undefined;
}
