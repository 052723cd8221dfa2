/**
 * Finds breaking changes of a schema for a plan that relies on it: an input that accepts less than before, or an
 * output that may have values it did not have. Additions (an optional input, another output, a wider bound, another
 * description) do not count.
 */
import { isJsonObject, type Spec } from '@orra-ts/protocol';
import { sameJson } from '../same-json';
import { allowsNull, isRequired, memberSpec, optionsOf, typesOf } from './spec-parts';
import { excerpt } from '../excerpt';

export interface SpecChange {
  /** Such as `.lines[].quantity`; empty for the schema itself. */
  readonly path: string;
  /** The old and the new value. */
  readonly message: string;
}

/** Decides which changes are breaking. */
export type SpecSide = 'input' | 'output';

/** Keywords that only describe, and `additionalProperties`, which does not affect declared members. */
const DESCRIPTIONS = new Set([
  'title',
  'description',
  'default',
  'examples',
  'example',
  'deprecated',
  'readOnly',
  'writeOnly',
  'additionalProperties',
  '$comment',
]);

const LOWER_BOUNDS = ['minimum', 'exclusiveMinimum', 'minLength', 'minItems', 'minProperties'];
const UPPER_BOUNDS = ['maximum', 'exclusiveMaximum', 'maxLength', 'maxItems', 'maxProperties'];
/** Keywords that are compared by meaning. Any other keyword must be equal, or absent where that accepts more. */
const UNDERSTOOD = new Set([
  ...LOWER_BOUNDS,
  ...UPPER_BOUNDS,
  'type',
  'x-types',
  'nullable',
  'enum',
  'const',
  'properties',
  'required',
  'items',
  'x-conditional',
]);

/** Yields the breaking changes of a schema and of everything in it. */
export function* changesOf(before: Spec, now: Spec, side: SpecSide, path = ''): Generator<SpecChange> {
  yield* changesHere(before, now, side, path);
  for (const [name, member] of Object.entries(before.properties ?? {})) {
    const current = memberSpec(now, name);
    if (current) yield* changesOf(member, current, side, `${path}.${name}`);
    else yield { path: `${path}.${name}`, message: goneMessage(member) };
  }
  for (const name of requirementsOf(before, now, side)) {
    yield { path: `${path}.${name}`, message: requirementMessage(before, now, side, name) };
  }
  if (before.items && now.items) yield* changesOf(before.items, now.items, side, `${path}[]`);
}

/** Yields the breaking changes of an input for a caller who passes this value; of objects only its members count. */
export function* changesForValue(value: unknown, before: Spec, now: Spec, path = ''): Generator<SpecChange> {
  if (isJsonObject(value)) {
    yield* changesHere(before, now, 'input', path);
    for (const [name, member] of Object.entries(value)) {
      const known = memberSpec(before, name);
      const current = memberSpec(now, name);
      if (known && current) yield* changesForValue(member, known, current, `${path}.${name}`);
      else if (known) yield { path: `${path}.${name}`, message: goneMessage(known) };
    }
    for (const name of requirementsOf(before, now, 'input')) {
      if (Object.hasOwn(value, name)) continue;
      yield { path: `${path}.${name}`, message: requirementMessage(before, now, 'input', name) };
    }
  } else if (Array.isArray(value)) {
    yield* changesHere(before, now, 'input', path);
    if (!before.items || !now.items) return;
    for (const [index, item] of value.entries()) {
      yield* changesForValue(item, before.items, now.items, `${path}[${index}]`);
    }
  } else yield* changesOf(before, now, 'input', path);
}

/** Yields the breaking changes of an output for a reference to this path. */
export function* changesAlong(path: readonly string[], before: Spec, now: Spec): Generator<SpecChange> {
  const literal = path.join('.');
  const steps = path.length > 1 && Object.hasOwn(before.properties ?? {}, literal) ? [literal] : path;
  let known = before;
  let current = now;
  let at = '';
  for (const step of steps) {
    const nextKnown = stepInto(known, step);
    // A reference cannot rely on an output that did not exist.
    if (!nextKnown) return;
    at += `.${step}`;
    const next = stepInto(current, step);
    if (!next) {
      yield { path: at, message: goneMessage(nextKnown) };
      return;
    }
    if (requirementsOf(known, current, 'output').includes(step)) {
      yield { path: at, message: requirementMessage(known, current, 'output', step) };
    }
    known = nextKnown;
    current = next;
  }
  yield* changesOf(known, current, 'output', at);
}

const stepInto = (spec: Spec, step: string): Spec | undefined =>
  typesOf(spec).includes('array') && /^\d+$/.test(step) ? spec.items : memberSpec(spec, step);

/** Members that have become required in an input, or optional in an output. */
function requirementsOf(before: Spec, now: Spec, side: SpecSide): string[] {
  if (side === 'input')
    return (now.required ?? []).filter((name) => isRequired(now, name) && !isRequired(before, name));
  return (before.required ?? []).filter(
    (name) => isRequired(before, name) && !isRequired(now, name) && memberSpec(now, name) !== undefined,
  );
}

function requirementMessage(before: Spec, now: Spec, side: SpecSide, name: string): string {
  if (side === 'output') return 'was always returned, is optional';
  const was = memberSpec(before, name) ? 'optional' : 'absent';
  return `was ${was}, is required (${shown(memberSpec(now, name))})`;
}

const goneMessage = (before: Spec): string => `was ${shown(before)}, is removed`;

/** Yields the changes of one schema's own keywords, without its members and items. */
function* changesHere(before: Spec, now: Spec, side: SpecSide, path: string): Generator<SpecChange> {
  // Every value that `wide` allows must be allowed by `narrow`.
  const [wide, narrow] = side === 'input' ? [before, now] : [now, before];
  if (narrow['x-conditional'] === true) return;
  const change = (keyword: string): SpecChange => ({
    path,
    message: `${keyword} was ${shown(before[keyword])}, is ${shown(now[keyword])}`,
  });
  const typeChange = (): SpecChange => ({
    path,
    message: `type was ${shown(typeOrTypes(before))}, is ${shown(typeOrTypes(now))}`,
  });
  if (wide['x-conditional'] === true) {
    yield change('x-conditional');
    return;
  }
  if (!typesOf(wide).every((type) => typesOf(narrow).some((other) => other === type || isWider(other, type)))) {
    yield typeChange();
    return;
  }
  if (allowsNull(wide) && !allowsNull(narrow)) {
    yield {
      path,
      message: side === 'input' ? 'null was allowed, is not' : 'null was not possible, is',
    };
  }
  if (!optionsFit(wide, narrow)) yield change('const' in before || 'const' in now ? 'const' : 'enum');
  for (const keyword of LOWER_BOUNDS)
    if (bound(wide, keyword, -Infinity) < bound(narrow, keyword, -Infinity)) yield change(keyword);
  for (const keyword of UPPER_BOUNDS)
    if (bound(wide, keyword, Infinity) > bound(narrow, keyword, Infinity)) yield change(keyword);
  for (const [keyword, rule] of Object.entries(narrow)) {
    if (UNDERSTOOD.has(keyword) || DESCRIPTIONS.has(keyword)) continue;
    if (!sameJson(withoutDescriptions(wide[keyword]), withoutDescriptions(rule))) yield change(keyword);
  }
  if (narrow.items && !wide.items) yield change('items');
}

const typeOrTypes = (spec: Spec): unknown => spec['x-types'] ?? spec.type;

const isWider = (type: string, than: string): boolean => type === 'number' && than === 'integer';

function optionsFit(wide: Spec, narrow: Spec): boolean {
  const room = optionsOf(narrow);
  if (!room) return true;
  return optionsOf(wide)?.every((option) => room.some((other) => sameJson(other, option))) ?? false;
}

function bound(spec: Spec, keyword: string, none: number): number {
  const value = spec[keyword];
  return typeof value === 'number' ? value : none;
}

function withoutDescriptions(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutDescriptions);
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([keyword]) => !DESCRIPTIONS.has(keyword))
      .map(([keyword, member]) => [keyword, withoutDescriptions(member)]),
  );
}

/** Formats a value for a message. */
const shown = (value: unknown): string =>
  value === undefined ? 'not set' : excerpt(JSON.stringify(withoutDescriptions(value)), 120);
