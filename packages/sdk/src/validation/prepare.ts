/** Prepares schemas of all kinds at boot: converts them to the engine's spec and compiles them. */
import { describeThrown } from '@orra-ts/common';
import { ANY_MEMBER, schemaProblems } from '@orra-ts/protocol';
import type { UnknownFields, ValidationMode } from '../metadata/records';
import type { BootProblem } from '../boot-error';
import type { JsonSchema } from '../schema/json-pointer';
import { toSpec, type SpecResult } from '../schema/to-spec';
import { compileCheck, type Check, type CheckedFormats } from './ajv';
import type { ValidatorModules } from '../schema/validator-modules';

export type Side = 'input' | 'output';

export interface ValueSchemaOptions {
  readonly side: Side;
  readonly unknownFields: UnknownFields;
  readonly validation: ValidationMode;
  readonly validatorModules?: ValidatorModules;
  /** Allows a schema without properties, which is valid for the data of plans. @default false */
  readonly mayBeEmpty?: boolean;
  /** Reports a problem of the schema; `field` is the property within it. */
  readonly report: (problem: Omit<BootProblem, 'where'>) => void;
  /** Reports a likely mistake that does not prevent the start. @default ignored */
  readonly warn?: (problem: Omit<BootProblem, 'where'>) => void;
}

/**
 * Converts a JSON Schema to the engine's spec. Reports a problem and returns undefined if the engine would refuse it.
 */
export function buildSpec(
  schema: JsonSchema,
  { side, unknownFields, mayBeEmpty = false, report }: ValueSchemaOptions,
): SpecResult | undefined {
  const result = toSpec(schema, { side, isOpen: side === 'input' && unknownFields === 'keep' });
  const empty = Object.keys(result.spec.properties ?? {}).every((name) => name === ANY_MEMBER);
  if (result.spec.type === 'object' && empty && mayBeEmpty) {
    return { spec: { type: 'object', properties: {} }, unsupportedKeywords: [], leftToService: [] };
  }
  if (result.spec.type !== 'object' || empty) {
    report({
      field: side,
      message:
        result.spec.type === 'object'
          ? `${side} declares no property; engines require at least one`
          : `${side} is ${result.spec.type === 'array' ? 'an' : 'a'} ${result.spec.type} at the top level; engines require an object`,
      fix: `make ${side} an object with at least one declared property`,
    });
    return undefined;
  }
  const problem = schemaProblems({ input: result.spec, output: result.spec })[0];
  if (problem) {
    report({
      field: side,
      message: `engines reject it: ${problem.path} ${problem.message}`,
      fix: 'declare its type',
    });
    return undefined;
  }
  return result;
}

/** Compiles a schema. Reports a problem and returns undefined if that fails. */
export function compileSchema(
  schema: JsonSchema,
  formats: CheckedFormats,
  { side, report }: ValueSchemaOptions,
): Check | undefined {
  try {
    return compileCheck(schema, formats);
  } catch (thrown) {
    report({
      field: side,
      message: `its JSON Schema does not compile: ${describeThrown(thrown)}`,
      fix: 'correct the schema; references must stay within it (#/$defs/...)',
    });
    return undefined;
  }
}
