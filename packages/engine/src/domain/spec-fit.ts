/**
 * Whether values and outputs fit the schemas that services registered. The service is the authority and checks again, so
 * only what can never fit is a problem here; what the engine's subset cannot say is given the benefit of the doubt.
 */
import { isJsonObject, type Spec } from '@orra-ts/protocol';
import { excerpt } from './plan-problems';
import { sameJson } from './same-json';

export interface FitProblem {
  /** Such as `.lines[0].quantity`; empty for the value itself. */
  readonly path: string;
  readonly message: string;
}

/** What SDKs register for an object whose members have any name, because an object of the subset needs a property. */
const ANY_MEMBER = '<key>';

/** The schema of a member or item, undefined where there is none of that name. */
export function memberSpec(spec: Spec, key: string | number): Spec | undefined {
  if (typeof key === 'number') return spec.items;
  const properties = spec.properties ?? {};
  if (Object.hasOwn(properties, key)) return properties[key];
  return Object.hasOwn(properties, ANY_MEMBER) ? properties[ANY_MEMBER] : undefined;
}

/** Whether an object must have this member. Names that are required and nowhere declared cannot be given, so they do not count. */
export const isRequired = (spec: Spec, name: string): boolean =>
  (spec.required ?? []).includes(name) && Object.hasOwn(spec.properties ?? {}, name);

/**
 * What is wrong with a value, found while it is asked for: a large value may have more problems than anyone reads.
 * Members that are not declared are none, services strip them.
 *
 * @param isExempt values that other checks see to, such as references
 */
export function* fitProblems(
  value: unknown,
  spec: Spec,
  isExempt: (value: unknown) => boolean = () => false,
  path = '',
): Generator<FitProblem> {
  // A condition decides whether the rules hold at all, and only the service can ask it.
  if (isExempt(value) || spec['x-conditional'] === true) return;
  if (value === null && allowsNull(spec)) return;
  const types = typesOf(spec);
  if (!types.some((type) => isOfType(value, type))) {
    yield { path, message: `must be ${types.join(' or ')}, found ${describe(value)}` };
    return;
  }
  for (const message of ruleProblems(value, spec)) yield { path, message };
  if (isJsonObject(value)) {
    for (const name of spec.required ?? []) {
      if (isRequired(spec, name) && !Object.hasOwn(value, name)) {
        yield { path: `${path}.${name}`, message: 'is required and not given' };
      }
    }
    for (const [name, member] of Object.entries(value)) {
      const property = memberSpec(spec, name);
      if (property) yield* fitProblems(member, property, isExempt, `${path}.${name}`);
    }
  }
  if (Array.isArray(value) && spec.items) {
    for (const [index, item] of value.entries()) {
      yield* fitProblems(item, spec.items, isExempt, `${path}[${index}]`);
    }
  }
}

function ruleProblems(value: unknown, spec: Spec): string[] {
  const problems: string[] = [];
  const allowed = Array.isArray(spec['enum'])
    ? (spec['enum'] as unknown[])
    : 'const' in spec
      ? [spec['const']]
      : undefined;
  if (allowed && !allowed.some((option) => sameJson(option, value))) {
    problems.push(`must be one of ${excerpt(JSON.stringify(allowed), 200)}, found ${describe(value)}`);
  }
  if (typeof value !== 'number') return problems;
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum } = spec;
  if (typeof minimum === 'number' && value < minimum) problems.push(`must be at least ${minimum}, found ${value}`);
  if (typeof maximum === 'number' && value > maximum) problems.push(`must be at most ${maximum}, found ${value}`);
  if (typeof exclusiveMinimum === 'number' && value <= exclusiveMinimum) {
    problems.push(`must be above ${exclusiveMinimum}, found ${value}`);
  }
  if (typeof exclusiveMaximum === 'number' && value >= exclusiveMaximum) {
    problems.push(`must be below ${exclusiveMaximum}, found ${value}`);
  }
  return problems;
}

/** The subset has one type; a list of JSON Schema's is understood all the same. */
export function typesOf({ type }: Spec): readonly string[] {
  const types: unknown = type;
  return Array.isArray(types) ? (types as string[]) : [type];
}

/** The subset cannot say so: read from what JSON Schema and OpenAPI have for it. */
export const allowsNull = (spec: Spec): boolean =>
  spec['nullable'] === true ||
  typesOf(spec).includes('null') ||
  (Array.isArray(spec['enum']) && spec['enum'].includes(null));

function isOfType(value: unknown, type: string): boolean {
  switch (type) {
    case 'object':
      return isJsonObject(value);
    case 'array':
      return Array.isArray(value);
    case 'integer':
      return Number.isInteger(value);
    default:
      return typeof value === type;
  }
}

function describe(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (Array.isArray(value)) return 'array';
  if (isJsonObject(value)) return 'object';
  return `${typeof value} ${excerpt(JSON.stringify(value))}`;
}

/** The schema a reference's path leads to, as `lookUp` goes; `missing`: there is no such member. */
export function specAt(spec: Spec, path: readonly string[]): Spec | 'missing' {
  const whole = spec.properties ?? {};
  if (path.length > 1 && Object.hasOwn(whole, path.join('.'))) return whole[path.join('.')] ?? 'missing';
  let current: Spec = spec;
  for (const part of path) {
    const types = typesOf(current);
    const position = types.includes('array') && /^\d+$/.test(part) ? current.items : undefined;
    const next = position ?? (types.includes('object') ? memberSpec(current, part) : undefined);
    if (!next) return 'missing';
    current = next;
  }
  return current;
}

/**
 * Whether some value of one schema is of the other's type, compared as far as both declare members. A number may be
 * whole, so it fits an integer: TypeScript has one type for both.
 */
export function canFit(given: Spec, wanted: Spec): boolean {
  if (given['x-conditional'] === true || wanted['x-conditional'] === true) return true;
  const kinds = (spec: Spec): string[] => typesOf(spec).map((type) => (type === 'integer' ? 'number' : type));
  const accepted = kinds(wanted);
  if (!kinds(given).some((type) => accepted.includes(type))) return false;
  if (given.items && wanted.items && !canFit(given.items, wanted.items)) return false;
  const properties = wanted.properties ?? {};
  return Object.entries(given.properties ?? {}).every(([name, member]) => {
    const property = Object.hasOwn(properties, name) ? properties[name] : undefined;
    return !property || canFit(member, property);
  });
}
