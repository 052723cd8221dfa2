/** Reads the shape of a JSON Schema, and collects what a shape cannot express. */
import { SENSITIVE_KEYWORD, SPEC_TYPES, type SpecType } from '@orra-ts/protocol';
import { isJsonSchema, resolveReference, type JsonSchema } from './json-pointer';
import { acceptsAny, anyShape, intersected, joined, type Shape } from './shape';
import type { SchemaNotes } from './schema-notes';

/** Keywords that a shape represents in another way, or not at all. */
const STRUCTURAL = new Set(
  [
    '$schema $id $ref $defs $anchor $dynamicRef $dynamicAnchor definitions type nullable enum const properties required',
    'items prefixItems additionalItems unevaluatedItems contains minContains maxContains additionalProperties',
    'unevaluatedProperties patternProperties propertyNames dependentSchemas dependentRequired dependencies',
    'anyOf oneOf allOf not if then else discriminator x-lists',
  ].flatMap((line) => line.split(' ')),
);

/** Keywords that our engine keeps and the Go engine drops: rules, and hints for planners. */
const NOT_KEPT = [
  'enum', 'const', 'pattern', 'minLength', 'maxLength', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf',
  'minItems', 'maxItems', 'uniqueItems', 'minProperties', 'maxProperties', 'description', 'default',
] as const; // prettier-ignore

/** Rules that no engine checks. */
const UNCHECKED = [
  'pattern', 'x-pattern', 'format', 'multipleOf', 'uniqueItems', 'contains', 'minProperties', 'maxProperties',
  'propertyNames', 'patternProperties', 'not', 'if', 'dependentSchemas', 'dependentRequired',
] as const; // prettier-ignore

/** Maximum number of schemas in a spec; beyond it, members are left to the service, as in a recursion. */
const MAX_SCHEMAS = 5_000;

export class ShapeReader {
  private count = 0;
  private hasSensitive: boolean | undefined;

  constructor(
    private readonly root: JsonSchema,
    private readonly notes: SchemaNotes,
  ) {}

  /** Undefined if a recursion is cut. `within` has the root and the targets of the references that lead here. */
  read(schema: unknown, path: string, within: readonly JsonSchema[]): Shape | undefined {
    if (!isJsonSchema(schema)) return anyShape();
    // A recursive schema is expanded once and then cut.
    if (within.filter((outer) => outer === schema).length > 2) {
      this.notes.leave('contains itself; deeper levels are omitted', path);
      return undefined;
    }
    if (++this.count > MAX_SCHEMAS) {
      if (this.count === MAX_SCHEMAS + 1)
        this.notes.leave('is too large for a registration; the rest is omitted', path);
      return undefined;
    }
    let shape = this.own(schema, path, within);
    if (typeof schema['$ref'] === 'string') {
      const target = resolveReference(this.root, schema['$ref']);
      const referenced = target && this.read(target, path, [...within, target]);
      if (target && !referenced) return undefined;
      if (referenced && shape) shape = intersected(shape, referenced);
    }
    for (const part of listOf(schema['allOf'])) {
      const read = this.read(part, path, within);
      if (read && shape) shape = intersected(shape, read);
    }
    for (const union of [listOf(schema['anyOf']), listOf(schema['oneOf'])]) {
      if (union.length > 0 && shape) shape = intersected(shape, this.union(union, path, within));
    }
    // class-validator applies `each` to the items of inner lists too.
    return shape && schema['x-lists'] === true ? { ...shape, types: [...shape.types, 'array'] } : shape;
  }

  /** Stands for a part that is omitted. It may have sensitive members if the schema has any. */
  private omitted(): Shape {
    this.hasSensitive ??= JSON.stringify(this.root).includes(`"${SENSITIVE_KEYWORD}":true`);
    return anyShape([], this.hasSensitive ? { [SENSITIVE_KEYWORD]: true } : {});
  }

  private union(branches: readonly unknown[], path: string, within: readonly JsonSchema[]): Shape {
    const shapes = branches.map((branch) => this.read(branch, path, within) ?? this.omitted());
    const objects = shapes.filter(({ properties, types }) => types.includes('object') && properties.size > 0);
    const lists = shapes.filter(({ items, types }) => types.includes('array') && items);
    if (objects.length > 1 || lists.length > 1) {
      this.notes.leave('one of several shapes; registered with the properties of all of them', path);
    }
    return shapes.reduce(joined);
  }

  private own(schema: JsonSchema, path: string, within: readonly JsonSchema[]): Shape | undefined {
    for (const keyword of NOT_KEPT) {
      if (keyword in schema) this.notes.drop(`${keyword} is not kept by the Go engine`, path);
    }
    for (const keyword of UNCHECKED)
      if (keyword in schema) this.notes.leave(`${keyword} is checked by the service`, path);
    if (schema['x-conditional'] === true) this.notes.leave('depends on a condition or a conversion', path);
    const types = typesOf(schema);
    const members = this.members(schema, path, within);
    const items = this.items(schema, path, within);
    const isCut = (type: SpecType, isAbsent: boolean): boolean => isAbsent && types.length === 1 && types[0] === type;
    if (isCut('object', members === undefined) || isCut('array', items === 'cut')) return undefined;
    const options = optionsOf(schema);
    return {
      types,
      nullable: allowsNull(schema),
      options,
      isConst: options && 'const' in schema,
      keywords: Object.fromEntries(Object.entries(schema).filter(([keyword]) => !STRUCTURAL.has(keyword))),
      ...(members ?? { properties: new Map(), required: [], others: anyShape(), isClosed: false }),
      items: items === 'cut' ? undefined : items,
    };
  }

  /** Undefined if all members are cut. */
  private members(
    schema: JsonSchema,
    path: string,
    within: readonly JsonSchema[],
  ): Pick<Shape, 'properties' | 'required' | 'others' | 'isClosed'> | undefined {
    const declared = isJsonSchema(schema['properties']) ? Object.entries(schema['properties']) : [];
    const properties = new Map<string, Shape>();
    for (const [name, property] of declared) {
      const shape = this.read(property, path === '' ? name : `${path}.${name}`, within);
      if (shape) properties.set(name, shape);
    }
    if (declared.length > 0 && properties.size === 0) return undefined;
    const isCut = properties.size < declared.length;
    const required = listOf(schema['required']).filter(
      (name): name is string => typeof name === 'string' && properties.has(name),
    );
    const others = isCut ? this.omitted() : this.others(schema, path, within);
    return { properties, required, others, isClosed: others === undefined && isClosed(schema) };
  }

  /** Undefined if the schema does not mention undeclared members. */
  private others(schema: JsonSchema, path: string, within: readonly JsonSchema[]): Shape | undefined {
    // Parts of the schema may declare members that its `properties` do not have.
    if (['if', 'then', 'else', 'dependentSchemas', 'dependencies'].some((keyword) => keyword in schema)) {
      return anyShape();
    }
    const more = schema['additionalProperties'] ?? schema['unevaluatedProperties'];
    const patterns = isJsonSchema(schema['patternProperties']) ? Object.values(schema['patternProperties']) : [];
    if (patterns.length === 0 && (more === undefined || more === false)) return undefined;
    const shapes = [...patterns, ...(more === false ? [] : [more ?? true])].map(
      (part) => this.read(part, `${path}.*`, within) ?? this.omitted(),
    );
    return shapes.reduce(joined);
  }

  private items(schema: JsonSchema, path: string, within: readonly JsonSchema[]): Shape | 'cut' | undefined {
    const { items, prefixItems, additionalItems } = schema;
    const tuple = Array.isArray(prefixItems) ? prefixItems : Array.isArray(items) ? items : undefined;
    if (!tuple) {
      if (!isJsonSchema(items)) return undefined;
      const item = this.read(items, `${path}[]`, within);
      // An array that contains itself without anything else is cut as a whole.
      return item ?? 'cut';
    }
    this.notes.leave('a tuple; its positions are not checked separately', path);
    const rest = Array.isArray(prefixItems) ? items : additionalItems;
    const isComplete = rest === false || schema['maxItems'] === tuple.length;
    const rests: readonly unknown[] = isComplete ? [] : [rest ?? true];
    const shapes = [...(tuple as readonly unknown[]), ...rests].map(
      (part) => this.read(part, `${path}[]`, within) ?? this.omitted(),
    );
    const joint = shapes.length === 0 ? undefined : shapes.reduce(joined);
    return joint && acceptsAny(joint) ? undefined : joint;
  }
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

const isClosed = (schema: JsonSchema): boolean =>
  schema['additionalProperties'] === false || schema['unevaluatedProperties'] === false;

function optionsOf(schema: JsonSchema): readonly unknown[] | undefined {
  if ('const' in schema) return [schema['const']];
  return Array.isArray(schema['enum']) ? schema['enum'] : undefined;
}

function typesOf(schema: JsonSchema): readonly SpecType[] {
  if (schema['type'] !== undefined) return [schema['type']].flat().filter(isSpecType);
  const options = optionsOf(schema)?.filter((option) => option !== null);
  if (options) return [...new Set(options.map(typeOfValue))];
  // Without a type, these keywords apply only to objects and arrays, and all other values are accepted.
  if ('properties' in schema) return anyShape(['object']).types;
  return anyShape('items' in schema || 'prefixItems' in schema ? ['array'] : []).types;
}

function allowsNull(schema: JsonSchema): boolean {
  const options = optionsOf(schema);
  if (schema['type'] === undefined) return options === undefined || options.includes(null);
  const isTyped = [schema['type']].flat().includes('null') || schema['nullable'] === true;
  return isTyped || (options?.includes(null) ?? false);
}

const isSpecType = (type: unknown): type is SpecType => SPEC_TYPES.includes(type as SpecType);

function typeOfValue(value: unknown): SpecType {
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value === 'boolean' ? 'boolean' : typeof value === 'string' ? 'string' : 'object';
}
