/** Reads the schemas of services: the engine's subset, and the parts of JSON Schema that it understands. */
import { ANY_MEMBER, ANY_VALUE, allowsAnyType, isJsonObject, specTypes, type Spec } from '@orra-ts/protocol';
import { excerpt } from '../excerpt';

/** Returns the schema of a member or item, undefined if it is not declared. */
export function memberSpec(spec: Spec, key: string | number): Spec | undefined {
  if (typeof key === 'number') return spec.items;
  const properties = spec.properties ?? {};
  if (Object.hasOwn(properties, key)) return properties[key];
  if (Object.hasOwn(properties, ANY_MEMBER)) return properties[ANY_MEMBER];
  const { additionalProperties: others } = spec;
  if (isJsonObject(others)) return 'type' in others ? (others as unknown as Spec) : ANY_VALUE;
  // Without `properties`, an object is one of several types of a value, and its members are left to the service.
  return others === true || (spec.properties === undefined && isOneOf(spec, 'object')) ? ANY_VALUE : undefined;
}

const isOneOf = (spec: Spec, type: string): boolean => spec['x-types'] !== undefined && typesOf(spec).includes(type);

/**
 * Returns whether an object must have this member. Required names that are not declared cannot be set and do not
 * count.
 */
export const isRequired = (spec: Spec, name: string): boolean =>
  (spec.required ?? []).includes(name) && Object.hasOwn(spec.properties ?? {}, name);

/** Returns whether the rules of a schema depend on a condition, which only the service can evaluate. */
export const isConditional = (spec: Spec): boolean => spec['x-conditional'] === true;

/** The subset has one type; `x-types` and JSON Schema's list of types are read too. */
export const typesOf = (spec: Spec): readonly string[] => specTypes(spec);

/** The subset has no null type; this reads the forms of JSON Schema and OpenAPI. */
export const allowsNull = (spec: Spec): boolean =>
  spec['nullable'] === true ||
  typesOf(spec).includes('null') ||
  (Array.isArray(spec['enum']) && spec['enum'].includes(null));

/** Returns the only allowed values, if the schema has `enum` or `const`. */
export function optionsOf(spec: Spec): readonly unknown[] | undefined {
  if (Array.isArray(spec['enum'])) return spec['enum'] as unknown[];
  return 'const' in spec ? [spec['const']] : undefined;
}

/** Returns the maximum number of items of an array; undefined if unlimited. */
export function maxItemsOf(spec: Spec): number | undefined {
  return typeof spec['maxItems'] === 'number' ? spec['maxItems'] : undefined;
}

/** Describes what a schema accepts for a message: `integer, at least 1, at most 9`. */
export function describeSpec(spec: Spec): string {
  const options = optionsOf(spec);
  const onlyNull = typesOf(spec).length === 0;
  const nullable =
    allowsNull(spec) && !onlyNull && !typesOf(spec).includes('null') && !options?.includes(null) ? ' or null' : '';
  if (options) return `one of ${excerpt(JSON.stringify(options.slice(0, MAX_OPTIONS_SHOWN)), 200)}${nullable}`;
  if (allowsAnyType(spec)) return 'any value';
  const types = typesOf(spec).join(' or ') || 'null';
  const items = types === 'array' && spec.items ? ` of ${typesOf(spec.items).join(' or ')}` : '';
  const bounds = BOUNDS.map((member) => {
    const bound = spec[member];
    return typeof bound === 'number' ? `, ${describeBound(member, bound)}` : '';
  });
  return `${types}${items}${nullable}${bounds.join('')}`;
}
const MAX_OPTIONS_SHOWN = 100;

const BOUND_WORDS = {
  minimum: ['at least', ''],
  exclusiveMinimum: ['above', ''],
  maximum: ['at most', ''],
  exclusiveMaximum: ['below', ''],
  minLength: ['at least', ' characters'],
  maxLength: ['at most', ' characters'],
  minItems: ['at least', ' items'],
  maxItems: ['at most', ' items'],
} as const;

/** Keywords that bound a value. */
export type Bound = keyof typeof BOUND_WORDS;
const BOUNDS = Object.keys(BOUND_WORDS) as Bound[];

/** Returns a description such as `at most 9` or `at least 3 characters`. */
export const describeBound = (member: Bound, bound: number): string =>
  `${BOUND_WORDS[member][0]} ${bound}${BOUND_WORDS[member][1]}`;

export type SpecAt =
  | { readonly kind: 'found'; readonly spec: Spec }
  /** Index of the first part of the path that is not declared, and the schema that does not have it. */
  | { readonly kind: 'missing'; readonly part: number; readonly owner: Spec };

/** Returns the schema at a reference's path, by the same rules as `lookUp`. */
export function specAt(spec: Spec, path: readonly string[]): SpecAt {
  const whole = spec.properties ?? {};
  const literal = path.length > 1 ? path.join('.') : '';
  if (path.length > 1 && Object.hasOwn(whole, literal)) return { kind: 'found', spec: whole[literal] as Spec };
  let current: Spec = spec;
  for (const [part, step] of path.entries()) {
    const next = itemAt(current, step) ?? (typesOf(current).includes('object') ? memberSpec(current, step) : undefined);
    if (!next) return { kind: 'missing', part, owner: current };
    current = next;
  }
  return { kind: 'found', spec: current };
}

function itemAt(spec: Spec, step: string): Spec | undefined {
  const isThere =
    typesOf(spec).includes('array') && /^\d+$/.test(step) && Number(step) < (maxItemsOf(spec) ?? Infinity);
  return isThere ? (spec.items ?? (isOneOf(spec, 'array') ? ANY_VALUE : undefined)) : undefined;
}
