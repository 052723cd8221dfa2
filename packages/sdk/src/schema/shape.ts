/**
 * What a JSON Schema accepts, as far as a spec can express it. A shape may accept more values than its schema, never
 * fewer: `joined` accepts what either of two shapes accepts, `intersected` at least what both accept.
 */
import { SENSITIVE_KEYWORD, type SpecType } from '@orra-ts/protocol';

export interface Shape {
  /** In order of preference; the first one is the type for the Go engine. */
  readonly types: readonly SpecType[];
  readonly nullable: boolean;
  /** The only accepted values. */
  readonly options?: readonly unknown[];
  readonly isConst?: boolean;
  /** Annotations and rules, without those that have a member here. */
  readonly keywords: Readonly<Record<string, unknown>>;
  /** Declared members; empty if none is declared. */
  readonly properties: ReadonlyMap<string, Shape>;
  readonly required: readonly string[];
  /** Shape of undeclared members, if the schema mentions them. */
  readonly others?: Shape;
  /** True if undeclared members are rejected. */
  readonly isClosed: boolean;
  /** Undefined: of any shape. */
  readonly items?: Shape;
}

const ALL: readonly SpecType[] = ['string', 'number', 'boolean', 'object', 'array'];

/** Accepts every value. */
export const anyShape = (
  preferred: readonly SpecType[] = [],
  keywords: Readonly<Record<string, unknown>> = {},
): Shape => ({
  types: [...new Set([...preferred.map((type) => (type === 'integer' ? 'number' : type)), ...ALL])],
  nullable: true,
  keywords,
  properties: new Map(),
  required: [],
  isClosed: false,
});

export const acceptsAny = (shape: Shape): boolean =>
  ALL.every((type) => shape.types.includes(type)) &&
  shape.nullable &&
  shape.options === undefined &&
  shape.properties.size === 0 &&
  shape.others === undefined &&
  !shape.isClosed &&
  (shape.items === undefined || acceptsAny(shape.items));

/** The keywords that apply to one type of value; all others apply to every value. */
const TYPE_OF_KEYWORD: ReadonlyMap<string, SpecType> = new Map(
  Object.entries({
    number: 'minimum maximum exclusiveMinimum exclusiveMaximum multipleOf',
    string: 'minLength maxLength pattern format x-pattern contentEncoding contentMediaType',
    array: 'minItems maxItems uniqueItems',
    object: 'minProperties maxProperties',
  }).flatMap(([type, names]) => names.split(' ').map((name) => [name, type as SpecType])),
);
const LOWER = new Set(['minimum', 'exclusiveMinimum', 'minLength', 'minItems', 'minProperties']);
const UPPER = new Set(['maximum', 'exclusiveMaximum', 'maxLength', 'maxItems', 'maxProperties']);

const accepts = (shape: Shape, type: SpecType): boolean =>
  shape.types.includes(type) || (type === 'number' && shape.types.includes('integer'));

/** The members of a shape that replaces another one are not known, so all of it is as sensitive as they were. */
const asSensitiveAs = (...replaced: readonly Shape[]): Readonly<Record<string, unknown>> =>
  replaced.some(hasSensitiveParts) ? { [SENSITIVE_KEYWORD]: true } : {};

export const hasSensitiveParts = ({ keywords, properties, others, items }: Shape): boolean =>
  keywords[SENSITIVE_KEYWORD] === true ||
  [...properties.values(), others, items].some((part) => part !== undefined && hasSensitiveParts(part));

/** Accepts what either shape accepts. */
export function joined(left: Shape, right: Shape): Shape {
  if (acceptsAny(left) || acceptsAny(right)) {
    // The type that one of them declares is still the likely one.
    const { types } = acceptsAny(left) ? right : left;
    return { ...anyShape(types), keywords: { ...joinedKeywords(left, right), ...asSensitiveAs(left, right) } };
  }
  const areOptions = left.options !== undefined && right.options !== undefined;
  return {
    types: [...new Set([...left.types, ...right.types])],
    nullable: left.nullable || right.nullable,
    options: areOptions ? [...new Set([...left.options, ...right.options])] : undefined,
    keywords: joinedKeywords(left, right),
    ...joinedMembers(left, right),
    items: joinedItems(left, right),
  };
}

function joinedKeywords(left: Shape, right: Shape): Record<string, unknown> {
  const keywords: Record<string, unknown> = {};
  for (const name of new Set([...Object.keys(left.keywords), ...Object.keys(right.keywords)])) {
    const type = TYPE_OF_KEYWORD.get(name);
    const [a, b] = [left.keywords[name], right.keywords[name]];
    if (type && !accepts(right, type)) keywords[name] = a;
    else if (type && !accepts(left, type)) keywords[name] = b;
    else if (LOWER.has(name) && a !== undefined && b !== undefined) keywords[name] = Math.min(a as number, b as number);
    else if (UPPER.has(name) && a !== undefined && b !== undefined) keywords[name] = Math.max(a as number, b as number);
    // The condition of one branch leaves the whole value to the service, and one sensitive branch makes it sensitive.
    else if (name === 'x-conditional' || name === SENSITIVE_KEYWORD || JSON.stringify(a) === JSON.stringify(b))
      keywords[name] = a ?? b;
  }
  return keywords;
}

type Members = Pick<Shape, 'properties' | 'required' | 'others' | 'isClosed'>;

function joinedMembers(left: Shape, right: Shape): Members {
  if (!accepts(right, 'object')) return membersOf(left);
  if (!accepts(left, 'object')) return membersOf(right);
  const properties = new Map<string, Shape>();
  for (const name of new Set([...left.properties.keys(), ...right.properties.keys()])) {
    properties.set(name, joinedMember(memberOf(left, name), memberOf(right, name)));
  }
  return {
    properties,
    required: left.required.filter((name) => right.required.includes(name)),
    others: joinedOthers(left, right),
    isClosed: left.isClosed && right.isClosed,
  };
}

const membersOf = ({ properties, required, others, isClosed }: Shape): Members => ({
  properties,
  required,
  others,
  isClosed,
});

/** Undefined if the shape rejects the member. An open object accepts any value in a member that it does not declare. */
function memberOf(shape: Shape, name: string): Shape | undefined {
  return shape.properties.get(name) ?? shape.others ?? (shape.isClosed ? undefined : anyShape());
}

function joinedMember(left: Shape | undefined, right: Shape | undefined): Shape {
  if (!left || !right) return left ?? right ?? anyShape();
  return joined(left, right);
}

function joinedOthers(left: Shape, right: Shape): Shape | undefined {
  const [a, b] = [othersOf(left), othersOf(right)];
  if (a && b) return joined(a, b);
  if (!a && !b) return undefined;
  const others = (a ?? b) as Shape;
  return (a ? right : left).isClosed ? others : anyShape([], asSensitiveAs(others));
}

/** An object that declares nothing accepts any member. */
const othersOf = ({ others, properties, isClosed }: Shape): Shape | undefined =>
  others ?? (properties.size === 0 && !isClosed ? anyShape() : undefined);

function joinedItems(left: Shape, right: Shape): Shape | undefined {
  if (!accepts(right, 'array')) return left.items;
  if (!accepts(left, 'array')) return right.items;
  if (left.items && right.items) return joined(left.items, right.items);
  return [left.items, right.items].some((items) => items && hasSensitiveParts(items))
    ? anyShape([], { [SENSITIVE_KEYWORD]: true })
    : undefined;
}

/** Accepts at least what both shapes accept. */
export function intersected(left: Shape, right: Shape): Shape {
  const properties = new Map(left.properties);
  for (const [name, shape] of right.properties) {
    const own = left.properties.get(name);
    properties.set(name, own ? intersected(own, shape) : shape);
  }
  return {
    types: commonTypes(left.types, right.types),
    nullable: left.nullable && right.nullable,
    options: left.options ?? right.options,
    isConst: left.options ? left.isConst : right.isConst,
    keywords: intersectedKeywords(left.keywords, right.keywords),
    properties,
    required: [...new Set([...left.required, ...right.required])],
    others: left.others ?? right.others,
    isClosed: left.isClosed || right.isClosed,
    items: left.items && right.items ? intersected(left.items, right.items) : (left.items ?? right.items),
  };
}

/** In the order of the shape that has fewer types, since that one names the type. */
function commonTypes(left: readonly SpecType[], right: readonly SpecType[]): SpecType[] {
  const [few, many] = left.length <= right.length ? [left, right] : [right, left];
  return few.flatMap((type): SpecType[] => {
    if (many.includes(type)) return [type];
    if (type === 'integer' && many.includes('number')) return ['integer'];
    return type === 'number' && many.includes('integer') ? ['integer'] : [];
  });
}

function intersectedKeywords(
  left: Readonly<Record<string, unknown>>,
  right: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const keywords: Record<string, unknown> = { ...right, ...left };
  for (const name of Object.keys(keywords)) {
    const [a, b] = [left[name], right[name]];
    if (typeof a !== 'number' || typeof b !== 'number') continue;
    if (LOWER.has(name)) keywords[name] = Math.max(a, b);
    if (UPPER.has(name)) keywords[name] = Math.min(a, b);
  }
  return keywords;
}
