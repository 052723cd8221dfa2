/** Whether values and outputs fit the schemas that services registered: the engine's subset, and enums where they are kept. */
import { isJsonObject, parseReference, type Spec } from '@orra-ts/protocol';

export interface FitProblem {
  /** Such as `.lines[0].quantity`; empty for the value itself. */
  readonly path: string;
  readonly message: string;
}

/** What is wrong with a literal; references inside it are left to the checks of references. */
export function literalProblems(value: unknown, spec: Spec, path = ''): FitProblem[] {
  if (parseReference(value)) return [];
  // Services may allow null where the subset cannot say so.
  if (value === null && spec['nullable'] === true) return [];
  if (!isOfType(value, spec.type)) return [{ path, message: `must be ${spec.type}, found ${kindOf(value)}` }];
  const problems: FitProblem[] = [];
  const allowed = spec['enum'];
  if (
    Array.isArray(allowed) &&
    !allowed.some((option) => option === value) &&
    !isJsonObject(value) &&
    !Array.isArray(value)
  ) {
    problems.push({ path, message: `must be one of ${JSON.stringify(allowed)}, found ${JSON.stringify(value)}` });
  }
  if (typeof value === 'number') {
    if (spec.minimum !== undefined && value < spec.minimum)
      problems.push({ path, message: `must be at least ${spec.minimum}, found ${value}` });
    if (spec.maximum !== undefined && value > spec.maximum)
      problems.push({ path, message: `must be at most ${spec.maximum}, found ${value}` });
  }
  if (isJsonObject(value) && spec.properties) {
    for (const name of spec.required ?? []) {
      if (!Object.hasOwn(value, name)) problems.push({ path: `${path}.${name}`, message: 'is required and not given' });
    }
    for (const [name, member] of Object.entries(value)) {
      const property = Object.hasOwn(spec.properties, name) ? spec.properties[name] : undefined;
      if (property) problems.push(...literalProblems(member, property, `${path}.${name}`));
    }
  }
  if (Array.isArray(value) && spec.items) {
    const { items } = spec;
    value.forEach((item, index) => problems.push(...literalProblems(item, items, `${path}[${index}]`)));
  }
  return problems;
}

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

const kindOf = (value: unknown): string => {
  if (value === null) return 'null';
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'array';
  const text = JSON.stringify(value);
  return `${typeof value} ${text.length > 40 ? `${text.slice(0, 37)}...` : text}`;
};

/** The schema a path leads to. `unknown`: the schema does not say; `missing`: it says there is no such member. */
export function specAt(spec: Spec, path: readonly string[]): Spec | 'unknown' | 'missing' {
  let current: Spec = spec;
  for (const part of path) {
    let next: Spec | undefined;
    if (current.type === 'array') {
      if (!/^\d+$/.test(part)) return 'missing';
      next = current.items;
    } else if (current.type === 'object') {
      if (!current.properties || Object.keys(current.properties).length === 0) return 'unknown';
      next = Object.hasOwn(current.properties, part) ? current.properties[part] : undefined;
      if (!next) return isJsonObject(current['additionalProperties']) ? 'unknown' : 'missing';
    } else return 'missing';
    if (!next) return 'unknown';
    current = next;
  }
  return current;
}

/** Whether an output of one type can be an input of another; an integer is a number. */
export const typesFit = (given: Spec, wanted: Spec): boolean =>
  given.type === wanted.type || (given.type === 'integer' && wanted.type === 'number');
