/**
 * The subset of JSON Schema that a Plan Engine checks in the input and output of a service. Our engine keeps all other
 * members (descriptions, enums, patterns) without checking them; the Go engine drops them.
 */
import { Type, type Static } from '@sinclair/typebox';
import { isJsonObject } from './json';
import { SCHEMA_MAX_DEPTH } from './limits';
import { Literals, OptionalList } from './typebox';

export const SPEC_TYPES = ['object', 'string', 'number', 'integer', 'boolean', 'array'] as const;
export type SpecType = (typeof SPEC_TYPES)[number];

/** Stands for members with any name: an engine requires at least one property in every object. */
export const ANY_MEMBER = '<key>';

/** All types of a value except null, which a spec allows with `nullable`. */
const ANY_TYPES = ['string', 'number', 'boolean', 'object', 'array'] as const satisfies readonly SpecType[];

/**
 * The schema of any value. `x-types` lists the types of a schema that has several; `type` is then the first of them,
 * for the Go engine, which drops the list. An empty list allows only null.
 */
export const ANY_VALUE: Spec = Object.freeze({ type: 'string', 'x-types': ANY_TYPES, nullable: true });

/** Returns the types of a schema, from `x-types`, or from `type`, which JSON Schema also allows to be a list. */
export function specTypes(spec: Readonly<Record<string, unknown>>): readonly string[] {
  const types = Array.isArray(spec['x-types']) ? spec['x-types'] : [spec['type']].flat();
  return types.filter((type): type is string => typeof type === 'string');
}

/** Returns whether a schema allows all types. */
export const allowsAnyType = (spec: Readonly<Record<string, unknown>>): boolean => {
  const types = specTypes(spec);
  return ANY_TYPES.every((type) => types.includes(type));
};

/** Members that the Go engine keeps; it silently drops all others. */
export const GO_ENGINE_SPEC_MEMBERS = [
  'type',
  'properties',
  'required',
  'format',
  'minimum',
  'maximum',
  'items',
] as const;

export interface Spec {
  readonly type: SpecType;
  readonly properties?: { readonly [name: string]: Spec };
  readonly required?: readonly string[];
  readonly items?: Spec;
  readonly format?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly description?: string;
  readonly nullable?: boolean;
  readonly 'x-types'?: readonly SpecType[];
  readonly [member: string]: unknown;
}

/** The members that engines check; all others are kept unchanged. */
export const SpecSchema = Type.Unsafe<Spec>(
  Type.Recursive(
    (Nested) =>
      Type.Object({
        type: Literals(SPEC_TYPES),
        properties: Type.Optional(Type.Record(Type.String(), Nested)),
        required: OptionalList(Type.String()),
        items: Type.Optional(Nested),
        format: Type.Optional(Type.String()),
        minimum: Type.Optional(Type.Number()),
        maximum: Type.Optional(Type.Number()),
      }),
    { $id: 'Spec' },
  ),
);

/** Schemas of a service's input and output. */
export const ServiceSchemaSchema = Type.Object({ input: SpecSchema, output: SpecSchema });
export type ServiceSchema = Static<typeof ServiceSchemaSchema>;

export interface SpecProblem {
  /** Such as `schema.input.properties[quantity].type`. */
  readonly path: string;
  readonly message: string;
}

/** Checks the schema of a service by the rules of the Go engine. Returns every problem; none means that it is valid. */
export function schemaProblems(schema: unknown): SpecProblem[] {
  const problems: SpecProblem[] = [];
  const sides = isJsonObject(schema) ? schema : {};
  for (const side of ['input', 'output'] as const) {
    const path = `schema.${side}`;
    const spec = sides[side];
    if (
      isJsonObject(spec) &&
      typeof spec['type'] === 'string' &&
      spec['type'] !== 'object' &&
      isSpecType(spec['type'])
    ) {
      problems.push({ path: `${path}.type`, message: 'type must be object at the top level' });
      continue;
    }
    collect(spec, path, problems, 1);
  }
  return problems;
}

function collect(spec: unknown, path: string, problems: SpecProblem[], depth: number): void {
  if (depth > SCHEMA_MAX_DEPTH) {
    problems.push({ path, message: `a schema may be nested ${SCHEMA_MAX_DEPTH} levels deep` });
    return;
  }
  const type = isJsonObject(spec) ? spec['type'] : undefined;
  if (!isJsonObject(spec) || type === undefined || type === '' || type === null) {
    problems.push({ path: `${path}.type`, message: 'type is required' });
    return;
  }
  if (!isSpecType(type)) {
    problems.push({ path: `${path}.type`, message: `type must be one of ${SPEC_TYPES.join(', ')}` });
    return;
  }
  collectFacets(spec, path, problems);
  if (type === 'object') {
    const properties = isJsonObject(spec['properties']) ? Object.entries(spec['properties']) : [];
    if (properties.length === 0) {
      problems.push({ path: `${path}.properties`, message: 'an object needs at least one property' });
    }
    for (const [name, property] of properties) collect(property, `${path}.properties[${name}]`, problems, depth + 1);
  }
  if (type === 'array') {
    if (isJsonObject(spec['items'])) collect(spec['items'], `${path}.items`, problems, depth + 1);
    else problems.push({ path: `${path}.items`, message: 'items is required for arrays' });
  }
}

/** The Go engine cannot decode these members when they have another JSON type; null counts as absent. */
function collectFacets(spec: Record<string, unknown>, path: string, problems: SpecProblem[]): void {
  const { required, format } = spec;
  if (required != null && !(Array.isArray(required) && required.every((name) => typeof name === 'string'))) {
    problems.push({ path: `${path}.required`, message: 'required must be a list of strings' });
  }
  if (format != null && typeof format !== 'string') {
    problems.push({ path: `${path}.format`, message: 'format must be a string' });
  }
  for (const bound of ['minimum', 'maximum']) {
    const value = spec[bound];
    if (value != null && typeof value !== 'number') {
      problems.push({ path: `${path}.${bound}`, message: `${bound} must be a number` });
    }
  }
}

const isSpecType = (type: unknown): type is SpecType => SPEC_TYPES.includes(type as SpecType);
