/**
 * Checks whether values fit the schemas of services. The service has the final say and checks again, so only values
 * that can never fit are problems; keywords outside the engine's subset are ignored.
 */
import { SENSITIVE_KEYWORD, isJsonObject, type Spec } from '@orra-ts/protocol';
import { sameJson } from '../same-json';
import {
  allowsNull,
  describeBound,
  describeSpec,
  isConditional,
  memberSpec,
  optionsOf,
  typesOf,
  type Bound,
} from './spec-parts';
import { excerpt } from '../excerpt';

export interface FitProblem {
  /** Such as `.lines[0].quantity`; empty for the value itself. */
  readonly path: string;
  /** The broken rule, such as `must be integer`, without the value. */
  readonly rule: string;
  /** The rule and the actual value. */
  readonly message: string;
}

const broken = (path: string, rule: string, found?: string): FitProblem => ({
  path,
  rule,
  message: found === undefined ? rule : `${rule}, found ${found}`,
});

type IsExempt = (value: unknown) => boolean;

/** Limits how much of a large value is checked. The rest counts as valid. */
export class FitBudget {
  constructor(private left = Infinity) {}

  isSpent(): boolean {
    return this.left <= 0;
  }

  spend(steps: number): void {
    this.left -= steps;
  }
}

/**
 * Yields the problems of a value lazily, because a large value may have more problems than a message can list. Members
 * that are not declared are not problems; services strip them.
 *
 * @param isExempt returns true for values that other checks cover, such as references
 * @param budget a value, an option it is compared with, or a required member takes one step. @default unlimited
 */
export function* fitProblems(
  value: unknown,
  spec: Spec,
  isExempt: IsExempt = () => false,
  budget = new FitBudget(),
  path = '',
): Generator<FitProblem> {
  if (budget.isSpent() || isExempt(value) || isConditional(spec)) return;
  // Messages do not repeat sensitive values.
  if (spec[SENSITIVE_KEYWORD] === true) {
    const shown: Spec = { ...spec, [SENSITIVE_KEYWORD]: false };
    for (const { path: at, rule } of fitProblems(value, shown, isExempt, budget, path)) yield broken(at, rule);
    return;
  }
  budget.spend(1);
  if (value === null && allowsNull(spec)) return;
  if (!typesOf(spec).some((type) => isOfType(value, type))) {
    yield broken(path, `must be ${describeSpec(spec)}`, describeValue(value));
    return;
  }
  yield* ruleProblems(value, spec, isExempt, budget, path);
  if (isJsonObject(value)) {
    const required = spec.required ?? [];
    const properties = spec.properties ?? {};
    budget.spend(required.length);
    for (const name of required) {
      if (Object.hasOwn(properties, name) && !Object.hasOwn(value, name)) {
        const wanted = describeSpec(memberSpec(spec, name) as Spec);
        yield broken(`${path}.${name}`, `is required and missing, it must be ${wanted}`);
      }
    }
    for (const [name, member] of Object.entries(value)) {
      if (budget.isSpent()) return;
      const property = memberSpec(spec, name);
      if (property) yield* fitProblems(member, property, isExempt, budget, `${path}.${name}`);
      else budget.spend(1);
    }
  }
  if (Array.isArray(value) && spec.items) {
    for (const [index, item] of value.entries()) {
      if (budget.isSpent()) return;
      yield* fitProblems(item, spec.items, isExempt, budget, `${path}[${index}]`);
    }
  }
}

export const fits = (value: unknown, spec: Spec): boolean => fitProblems(value, spec).next().done === true;

/** Returns the problems of all rules at once, so that fixing one does not reveal the next. */
function ruleProblems(value: unknown, spec: Spec, isExempt: IsExempt, budget: FitBudget, path: string): FitProblem[] {
  const problems: FitProblem[] = [];
  const options = optionsOf(spec);
  budget.spend(options?.length ?? 0);
  if (options && !options.some((option) => sameJson(option, value)) && !holdsExempt(value, isExempt)) {
    problems.push(broken(path, `must be ${describeSpec(spec)}`, describeValue(value)));
  }
  const check = (member: Bound, found: number, breaks: (bound: number) => boolean): void => {
    const bound = spec[member];
    if (typeof bound !== 'number' || !breaks(bound)) return;
    const verb = member.endsWith('imum') ? 'be' : 'have';
    problems.push(broken(path, `must ${verb} ${describeBound(member, bound)}`, String(found)));
  };
  if (typeof value === 'number') {
    check('minimum', value, (bound) => value < bound);
    check('maximum', value, (bound) => value > bound);
    check('exclusiveMinimum', value, (bound) => value <= bound);
    check('exclusiveMaximum', value, (bound) => value >= bound);
  }
  if (typeof value === 'string') {
    // Validators count UTF-16 units or characters; only values that break a bound by both counts are problems.
    check('minLength', value.length, (bound) => value.length < bound);
    check('maxLength', value.length, (bound) => value.length > bound && isLongerThan(value, bound));
  }
  if (Array.isArray(value)) {
    check('minItems', value.length, (bound) => value.length < bound);
    check('maxItems', value.length, (bound) => value.length > bound);
  }
  return problems;
}

/** Counts characters as class-validator does, without variation selectors, stopping at the bound. */
function isLongerThan(text: string, bound: number): boolean {
  let count = 0;
  for (const character of text) {
    if (character !== '\uFE0E' && character !== '\uFE0F' && ++count > bound) return true;
  }
  return false;
}

function holdsExempt(value: unknown, isExempt: IsExempt): boolean {
  if (isExempt(value)) return true;
  return (
    typeof value === 'object' && value !== null && Object.values(value).some((item) => holdsExempt(item, isExempt))
  );
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

/** Describes the actual value in a message. */
export function describeValue(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (Array.isArray(value)) return 'array';
  if (isJsonObject(value)) return 'object';
  return `${typeof value} ${typeof value === 'string' ? quoted(value) : JSON.stringify(value)}`;
}

/** Truncates before encoding, so that a long string is not encoded as a whole. */
const quoted = (text: string): string => excerpt(JSON.stringify(text.slice(0, 100)));
