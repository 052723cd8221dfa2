/**
 * Members that a service declares as sensitive (`x-sensitive` in its spec). Everything that people see has a mask instead
 * of their values. Services receive the values.
 */
import { isJsonObject } from './json';
import { ANY_MEMBER, type Spec } from './spec';

/** Member of a spec. Our engine keeps it; the Go engine drops it. */
export const SENSITIVE_KEYWORD = 'x-sensitive';
/** Shown instead of a sensitive value. */
export const SENSITIVE_MASK = '[sensitive]';

/** Shorter values are masked only in their own members: elsewhere they would match parts of other strings. */
const SHORTEST_FOUND_ELSEWHERE = 4;

const SENSITIVE: Spec = Object.freeze({ type: 'string', [SENSITIVE_KEYWORD]: true });

const isSensitive = (spec: Spec): boolean => spec[SENSITIVE_KEYWORD] === true;

const known = new WeakMap<Spec, boolean>();

/** Returns whether a spec, or any spec in it, is sensitive. */
export function hasSensitive(spec: Spec): boolean {
  let result = known.get(spec);
  if (result === undefined) {
    result = isSensitive(spec) || partsOf(spec).some(hasSensitive);
    known.set(spec, result);
  }
  return result;
}

/** Returns the paths of the sensitive members of a spec, such as `card.number` and `lines[].note`. */
export function sensitivePaths(spec: Spec, path = ''): string[] {
  if (!hasSensitive(spec)) return [];
  if (isSensitive(spec)) return [path];
  const inside = (name: string): string => (path === '' ? name : `${path}.${name}`);
  const others = othersOf(spec);
  return [
    ...Object.entries(spec.properties ?? {}).flatMap(([name, member]) => sensitivePaths(member, inside(name))),
    ...(others ? sensitivePaths(others, inside('*')) : []),
    ...(spec.items ? sensitivePaths(spec.items, `${path}[]`) : []),
  ];
}

const othersOf = ({ additionalProperties: others }: Spec): Spec | undefined =>
  isJsonObject(others) ? (others as unknown as Spec) : undefined;

const partsOf = (spec: Spec): readonly Spec[] =>
  [...Object.values(spec.properties ?? {}), othersOf(spec), spec.items].filter((part) => part !== undefined);

function memberOf(spec: Spec, name: string): Spec | undefined {
  const properties = spec.properties ?? {};
  return Object.hasOwn(properties, name) ? properties[name] : (properties[ANY_MEMBER] ?? othersOf(spec));
}

/** Returns the spec at a path if it has or is in something sensitive. */
export function sensitiveSpecAt(spec: Spec, path: readonly (string | number)[]): Spec | undefined {
  let current = spec;
  for (const step of path) {
    if (isSensitive(current)) return SENSITIVE;
    const isItem = current.items && /^\d+$/.test(String(step));
    const next = isItem ? current.items : memberOf(current, String(step));
    if (!next) return undefined;
    current = next;
  }
  return hasSensitive(current) ? current : undefined;
}

/**
 * Returns the value with a mask in place of each sensitive member.
 *
 * @param found receives what is masked
 * @param isShown returns true for values that are not masked, such as references
 */
export function maskSensitive(
  value: unknown,
  spec: Spec,
  found?: SensitiveValues,
  isShown: (value: unknown) => boolean = () => false,
): unknown {
  if (value === null || value === undefined || !hasSensitive(spec) || isShown(value)) return value;
  if (isSensitive(spec)) {
    if (value !== SENSITIVE_MASK) found?.add(value);
    return SENSITIVE_MASK;
  }
  if (Array.isArray(value)) {
    const { items } = spec;
    return items ? value.map((item) => maskSensitive(item, items, found, isShown)) : value;
  }
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => {
      const memberSpec = memberOf(spec, name);
      return [name, memberSpec ? maskSensitive(member, memberSpec, found, isShown) : member];
    }),
  );
}

/** Does the same with the part of a value at a path. */
export function maskSensitiveAt(
  value: unknown,
  path: readonly (string | number)[],
  spec: Spec,
  found?: SensitiveValues,
): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return maskSensitive(value, spec, found);
  if (Array.isArray(value)) {
    return value.map((item: unknown, index) =>
      index === Number(step) ? maskSensitiveAt(item, rest, spec, found) : item,
    );
  }
  if (!isJsonObject(value)) return value;
  // A member whose name is the whole path has priority, as in the resolution of references.
  const whole = path.join('.');
  const isWhole = Object.hasOwn(value, whole);
  const name = isWhole ? whole : String(step);
  if (!Object.hasOwn(value, name)) return value;
  return { ...value, [name]: maskSensitiveAt(value[name], isWhole ? [] : rest, spec, found) };
}

/** Sensitive values, to be found again in error messages and other data that no schema describes. */
export class SensitiveValues {
  private readonly found = new Set<string>();
  private pattern: RegExp | undefined;

  get isEmpty(): boolean {
    return this.found.size === 0;
  }

  /** Adds every string and number in a value, which may refer to itself. */
  add(value: unknown, within: readonly unknown[] = []): void {
    if (typeof value === 'string') {
      this.addText(value);
      // As it is quoted in messages.
      this.addText(JSON.stringify(value).slice(1, -1));
    } else if (typeof value === 'number' || typeof value === 'bigint') this.addText(String(value));
    else if (typeof value === 'object' && value !== null && !within.includes(value)) {
      for (const member of Object.values(value)) this.add(member, [...within, value]);
    }
  }

  maskText(text: string): string {
    if (this.isEmpty) return text;
    // The longest first: a value can be part of another.
    this.pattern ??= new RegExp(
      [...this.found]
        .sort((left, right) => right.length - left.length)
        .map((value) => value.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&'))
        .join('|'),
      'g',
    );
    return text.replace(this.pattern, SENSITIVE_MASK);
  }

  /** Masks the values in every string of a JSON value, and numbers that equal one. */
  mask(value: unknown): unknown {
    if (this.isEmpty) return value;
    if (typeof value === 'string') return this.maskText(value);
    if (typeof value === 'number') return this.found.has(String(value)) ? SENSITIVE_MASK : value;
    if (Array.isArray(value)) return value.map((item) => this.mask(item));
    if (!isJsonObject(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [this.maskText(name), this.mask(member)]));
  }

  private addText(text: string): void {
    if (text.length < SHORTEST_FOUND_ELSEWHERE) return;
    this.found.add(text);
    this.pattern = undefined;
  }
}
