/** TypeScript types of JSON Schemas, and assignability between schemas. */
import { isJsonObject } from '@orra-ts/protocol';
import { fitsLine, indentation, propertyName, scalarCode } from './code-printer';
import type { JsonSchema } from './input-schema';

type Kind = 'string' | 'number' | 'boolean' | 'array' | 'object' | 'null';

/** The values that a schema accepts, as far as a type can express it. */
export interface Shape {
  /** Accepted kinds; undefined for any. */
  readonly kinds: ReadonlySet<Kind> | undefined;
  /** The only accepted values. */
  readonly values?: readonly unknown[];
  readonly items?: JsonSchema;
  /** Named members; undefined if members may have any name. */
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required: ReadonlySet<string>;
  /** Schema of members of any name. */
  readonly anyMember?: JsonSchema;
}

export function shapeOf(schema: JsonSchema): Shape {
  const types = [schema['type']].flat().filter((type): type is string => typeof type === 'string');
  const kinds = new Set(types.map((type) => (type === 'integer' ? 'number' : type) as Kind));
  if (kinds.size > 0 && schema['nullable'] === true) kinds.add('null');
  const { properties, required, items, additionalProperties: anyMember } = schema;
  const listed: unknown = Array.isArray(schema['enum']) ? schema['enum'] : 'const' in schema ? [schema['const']] : [];
  const values = (listed as unknown[]).filter((value) => typeof value !== 'object' || value === null);
  const isListed = values.length > 0 && values.length === (listed as unknown[]).length;
  return {
    kinds: kinds.size > 0 ? kinds : undefined,
    values: isListed ? [...values, ...(kinds.has('null') && !values.includes(null) ? [null] : [])] : undefined,
    items: isJsonObject(items) ? items : undefined,
    properties: isJsonObject(properties) ? (properties as Readonly<Record<string, JsonSchema>>) : undefined,
    required: new Set(Array.isArray(required) ? (required as string[]) : []),
    anyMember: isJsonObject(anyMember) ? anyMember : undefined,
  };
}

/** Prints the type. Its second and further lines are indented at `level`; the first starts at `column`. */
export function typeCode(schema: JsonSchema, level: number, column: number): string {
  const { kinds, values, ...shape } = shapeOf(schema);
  if (values) return unionCode(values.map(scalarCode), level, column);
  if (!kinds) return 'unknown';
  const types = [...kinds].map((kind) => {
    if (kind === 'array') return listType(shape.items, level, column);
    return kind === 'object' ? objectType(shape, level) : kind;
  });
  return unionCode(types, level, column);
}

function unionCode(types: readonly string[], level: number, column: number): string {
  const [first = 'never', ...others] = types;
  if (others.length === 0) return first;
  const line = types.join(' | ');
  if (line.includes('\n') || fitsLine(line, column)) return line;
  return types.map((type) => `\n${indentation(level + 1)}| ${type}`).join('');
}

function listType(items: JsonSchema | undefined, level: number, column: number): string {
  if (!items) return 'unknown[]';
  const inner = typeCode(items, level, column + 2);
  if (inner.startsWith('\n')) return `(${inner}\n${indentation(level)})[]`;
  const isUnion = (shapeOf(items).values ?? [...(shapeOf(items).kinds ?? [])]).length > 1;
  return isUnion ? `(${inner})[]` : `${inner}[]`;
}

function objectType({ properties = {}, required, anyMember }: Omit<Shape, 'kinds'>, level: number): string {
  const members = Object.entries(properties).map(([name, member]) => {
    const key = `${indentation(level + 1)}${propertyName(name)}${required.has(name) ? '' : '?'}:`;
    const type = typeCode(member, level + 1, key.length + 1);
    return `${key}${type.startsWith('\n') ? type : ` ${type}`};`;
  });
  if (members.length > 0) return `{\n${members.join('\n')}\n${indentation(level)}}`;
  const line = anyMember ? typeCode(anyMember, level, 0) : 'unknown';
  if (!anyMember || !line.includes('\n')) return `Record<string, ${line}>`;
  const indent = indentation(level + 1);
  return `Record<\n${indent}string,\n${indent}${typeCode(anyMember, level + 1, indent.length)}\n${indentation(level)}>`;
}

/** Whether the type of `given` is assignable to the type of `wanted`. May return false where the compiler accepts it. */
export function isAssignable(given: JsonSchema, wanted: JsonSchema): boolean {
  const [from, to] = [shapeOf(given), shapeOf(wanted)];
  if (!to.kinds && !to.values) return true;
  if (to.values) return from.values !== undefined && from.values.every((value) => to.values?.includes(value));
  if (from.values && !from.kinds) return from.values.every((value) => to.kinds?.has(kindOf(value)));
  if (!from.kinds || ![...from.kinds].every((kind) => to.kinds?.has(kind))) return false;
  if (from.kinds.has('array') && to.items && !(from.items && isAssignable(from.items, to.items))) return false;
  return !from.kinds.has('object') || areMembersAssignable(from, to);
}

function areMembersAssignable(from: Shape, to: Shape): boolean {
  if (!to.properties) {
    const { anyMember } = to;
    if (!anyMember) return true;
    const members = from.properties ? Object.values(from.properties) : from.anyMember ? [from.anyMember] : undefined;
    return members?.every((member) => isAssignable(member, anyMember)) ?? false;
  }
  const given = from.properties ?? {};
  return Object.entries(to.properties).every(([name, member]) => {
    const isGiven = Object.hasOwn(given, name);
    if (to.required.has(name) && !(isGiven && from.required.has(name))) return false;
    return !isGiven || isAssignable(given[name] ?? {}, member);
  });
}

/** Whether a scalar is assignable to the type. */
export function isScalarAssignable(value: unknown, wanted: JsonSchema): boolean {
  const { kinds, values } = shapeOf(wanted);
  if (values) return values.includes(value);
  return !kinds || kinds.has(kindOf(value));
}

const kindOf = (value: unknown): Kind => (value === null ? 'null' : (typeof value as Kind));
