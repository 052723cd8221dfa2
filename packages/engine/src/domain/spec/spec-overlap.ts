/**
 * Checks whether an output can be used as an input, that is, whether some value satisfies both schemas. A plan is
 * rejected only if no value can; otherwise the service finds out when it checks its input.
 *
 * Two cases are rejected although an empty value would fit: arrays whose items never fit, and objects with a member
 * that never fits. A reference that works only as long as it is empty is a mistake.
 *
 * An optional output may be used for a required input: most schemas do not declare which outputs are always present,
 * and the Go engine does not check it. If the output is missing at run time, the input is omitted and its service
 * rejects it.
 */
import { ANY_MEMBER, type Spec } from '@orra-ts/protocol';
import { fits } from './spec-fit';
import {
  allowsNull,
  describeSpec,
  isConditional,
  isRequired,
  maxItemsOf,
  memberSpec,
  optionsOf,
  typesOf,
} from './spec-parts';

export interface Misfit {
  /** Such as `.lines[].quantity`; empty for the value itself. */
  readonly path: string;
  /** Descriptions of the output and of the input at this path. */
  readonly given: string;
  readonly wanted: string;
}

/** Enums are compared option by option up to this length; longer ones count as fitting (E8). */
const MAX_OPTIONS = 1_000;

/** Returns why no value of `given` fits `wanted`; undefined if one may. */
export function misfitOf(given: Spec, wanted: Spec, path = ''): Misfit | undefined {
  if (isConditional(given) || isConditional(wanted) || (allowsNull(given) && allowsNull(wanted))) return undefined;
  const shared = kindsOf(given).filter((kind) => kindsOf(wanted).includes(kind));
  if (shared.length === 0 || !optionsMeet(given, wanted) || (isOnly(shared, 'number') && !rangesMeet(given, wanted))) {
    return { path, given: describeSpec(given), wanted: describeSpec(wanted) };
  }
  if (isOnly(shared, 'array')) return misfitOfArrays(given, wanted, path);
  return isOnly(shared, 'object') ? misfitOfObjects(given, wanted, path) : undefined;
}

/** A number may be an integer: TypeScript has one type for both. */
const kindsOf = (spec: Spec): string[] => typesOf(spec).map((type) => (type === 'integer' ? 'number' : type));
const isOnly = (kinds: readonly string[], kind: string): boolean => kinds.every((other) => other === kind);

function optionsMeet(given: Spec, wanted: Spec): boolean {
  const haveOneFor = (from: Spec, to: Spec): boolean => {
    const options = optionsOf(from);
    return !options || options.length > MAX_OPTIONS || options.some((option) => fits(option, to));
  };
  return haveOneFor(given, wanted) && haveOneFor(wanted, given);
}

function rangesMeet(given: Spec, wanted: Spec): boolean {
  const bounds = (name: string): number[] =>
    [given[name], wanted[name]].filter((bound): bound is number => typeof bound === 'number');
  const above = bounds('exclusiveMinimum');
  const below = bounds('exclusiveMaximum');
  let low = Math.max(-Infinity, ...bounds('minimum'), ...above);
  let high = Math.min(Infinity, ...bounds('maximum'), ...below);
  const isWhole = [given, wanted].some((spec) => !typesOf(spec).includes('number'));
  if (isWhole) {
    low = above.includes(low) ? Math.floor(low) + 1 : Math.ceil(low);
    high = below.includes(high) ? Math.ceil(high) - 1 : Math.floor(high);
    return low <= high;
  }
  return low < high || (low === high && !above.includes(low) && !below.includes(high));
}

function misfitOfArrays(given: Spec, wanted: Spec, path: string): Misfit | undefined {
  const least = ({ minItems }: Spec): number => (typeof minItems === 'number' ? minItems : 0);
  const most = (spec: Spec): number => maxItemsOf(spec) ?? Infinity;
  if (least(given) > most(wanted) || least(wanted) > most(given)) {
    return { path, given: describeSpec(given), wanted: describeSpec(wanted) };
  }
  return given.items && wanted.items ? misfitOf(given.items, wanted.items, `${path}[]`) : undefined;
}

function misfitOfObjects(given: Spec, wanted: Spec, path: string): Misfit | undefined {
  for (const [name, member] of Object.entries(given.properties ?? {})) {
    const property = name === ANY_MEMBER ? undefined : memberSpec(wanted, name);
    const misfit = property && misfitOf(member, property, `${path}.${name}`);
    if (misfit) return misfit;
  }
  for (const name of wanted.required ?? []) {
    if (!isRequired(wanted, name) || Object.hasOwn(given.properties ?? {}, name)) continue;
    const property = memberSpec(wanted, name) as Spec;
    const member = memberSpec(given, name);
    const misfit = member && misfitOf(member, property, `${path}.${name}`);
    if (misfit) return misfit;
    // Undeclared members do not exist, as in references, unless the schema allows additional properties.
    if (member) continue;
    return { path: `${path}.${name}`, given: 'not declared', wanted: describeSpec(property) };
  }
  return undefined;
}
