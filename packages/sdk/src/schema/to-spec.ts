/**
 * Converts a JSON Schema to the engine's spec: resolved references, one type per schema, integer bounds. It removes
 * everything that an engine may reject. It keeps what an engine only ignores, because ours shows it to the planner.
 */
import { ANY_MEMBER, SPEC_TYPES, type Spec, type SpecType } from '@orra-ts/protocol';
import { isJsonSchema, resolveReference, type JsonSchema } from './json-pointer';
import { UnsupportedKeywords } from './unsupported-keywords';

export interface SpecResult {
  readonly spec: Spec;
  readonly unsupportedKeywords: readonly string[];
}

/** Keywords that are rewritten below, or that a spec cannot contain. */
const STRUCTURAL = new Set(
  [
    '$schema $id $ref $defs $anchor $dynamicRef $dynamicAnchor definitions type properties required items prefixItems',
    'anyOf oneOf allOf not if then else dependentSchemas dependentRequired patternProperties propertyNames contains',
    'unevaluatedItems unevaluatedProperties additionalItems additionalProperties minimum maximum discriminator format',
  ].flatMap((line) => line.split(' ')),
);

/** Keywords that our engine keeps and the Go engine drops: rules, and hints for planners. */
const NOT_KEPT = [
  'enum', 'const', 'pattern', 'minLength', 'maxLength', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf',
  'minItems', 'maxItems', 'uniqueItems', 'minProperties', 'maxProperties', 'description', 'default',
] as const; // prettier-ignore

export function toSpec(schema: JsonSchema, side: 'input' | 'output'): SpecResult {
  const converter = new Converter(schema);
  const spec = converter.convert(schema, '', []) ?? converter.openObject(undefined, '');
  const optional = side === 'input' ? optionalProperties(spec) : [];
  if (optional.length > 0) {
    converter.unsupportedKeywords.add(
      `${optional.join(', ')}: optional here, but the Go engine requires plans to set every declared property of an input`,
    );
  }
  return { spec, unsupportedKeywords: converter.unsupportedKeywords.list().map((loss) => `${side}: ${loss}`) };
}

function optionalProperties(spec: Spec): string[] {
  const required = new Set(spec.required ?? []);
  return Object.keys(spec.properties ?? {}).filter((name) => !required.has(name));
}

class Converter {
  readonly unsupportedKeywords = new UnsupportedKeywords();
  private readonly flattening = new Set<JsonSchema>();

  constructor(private readonly root: JsonSchema) {}

  /** Undefined if a recursion is cut. */
  convert(schema: JsonSchema, path: string, within: readonly JsonSchema[]): Spec | undefined {
    const flat = this.flatten(schema, path);
    // A recursive schema is expanded once and then cut.
    if (within.filter((outer) => outer === flat.identity).length > 1) {
      this.unsupportedKeywords.note('contains itself; deeper levels are omitted', path);
      return undefined;
    }
    const nested = [...within, flat.identity];
    const type = this.typeOf(flat.schema, path);
    const spec: Record<string, unknown> = {
      type,
      ...(allowsNull(schema) && { nullable: true }),
      ...this.extras(flat.schema, path),
      ...this.bounds(flat.schema, path),
    };
    if (typeof flat.schema['format'] === 'string') spec['format'] = flat.schema['format'];
    if (type === 'array') spec['items'] = this.items(flat.schema, path, nested);
    if (type !== 'object')
      return spec['items'] === undefined && type === 'array' ? undefined : (spec as unknown as Spec);
    return this.object(spec, flat.schema, path, nested);
  }

  openObject(values: JsonSchema | undefined, path: string): Spec {
    const member = values && this.convert(values, `${path}.*`, []);
    if (!member) this.unsupportedKeywords.note('its members are not declared, so a planner cannot know them', path);
    return { type: 'object', properties: { [ANY_MEMBER]: member ?? { type: 'string' } } };
  }

  private object(
    spec: Record<string, unknown>,
    schema: JsonSchema,
    path: string,
    within: readonly JsonSchema[],
  ): Spec | undefined {
    const declared = isJsonSchema(schema['properties']) ? Object.entries(schema['properties']) : [];
    if (declared.length === 0) {
      const values = schema['additionalProperties'];
      return { ...spec, ...this.openObject(isJsonSchema(values) ? values : undefined, path) };
    }
    const properties: Record<string, Spec> = {};
    for (const [name, property] of declared) {
      const at = path === '' ? name : `${path}.${name}`;
      const converted = this.convert(isJsonSchema(property) ? property : {}, at, within);
      if (converted) properties[name] = converted;
    }
    if (Object.keys(properties).length === 0) return undefined;
    const required = Array.isArray(schema['required'])
      ? schema['required'].filter((name): name is string => typeof name === 'string' && name in properties)
      : [];
    return { ...spec, type: 'object', properties, ...(required.length > 0 && { required }) };
  }

  private items(schema: JsonSchema, path: string, within: readonly JsonSchema[]): Spec | undefined {
    const { items, prefixItems } = schema;
    const tuple = Array.isArray(prefixItems) ? prefixItems : Array.isArray(items) ? items : undefined;
    if (tuple) this.unsupportedKeywords.note('a tuple; only the type of its first element is kept', path);
    const element: unknown = tuple ? tuple[0] : items;
    if (!isJsonSchema(element) || Object.keys(element).length === 0) {
      this.unsupportedKeywords.note('the type of its elements is not declared; registered as strings', path);
      return { type: 'string' };
    }
    return this.convert(element, `${path}[]`, within);
  }

  private extras(schema: JsonSchema, path: string): Record<string, unknown> {
    for (const keyword of NOT_KEPT) {
      if (keyword in schema) this.unsupportedKeywords.note(`${keyword} is not kept by the Go engine`, path);
    }
    return Object.fromEntries(Object.entries(schema).filter(([keyword]) => !STRUCTURAL.has(keyword)));
  }

  /** The Go engine decodes bounds as integers and rejects a registration with other numbers. */
  private bounds(schema: JsonSchema, path: string): Record<string, unknown> {
    const kept: Record<string, unknown> = {};
    for (const keyword of ['minimum', 'maximum'] as const) {
      const bound = schema[keyword];
      if (bound === undefined) continue;
      if (Number.isSafeInteger(bound)) kept[keyword] = bound;
      else
        this.unsupportedKeywords.note(
          `${keyword} ${JSON.stringify(bound)} is not an integer and is not registered`,
          path,
        );
    }
    return kept;
  }

  private typeOf(schema: JsonSchema, path: string): SpecType {
    const declared = [schema['type']].flat().filter(isSpecType);
    if (declared.length > 1)
      this.unsupportedKeywords.note(`may be ${declared.join(' or ')}; registered as ${declared[0]}`, path);
    if (declared[0]) return declared[0];
    if ('properties' in schema) return 'object';
    if ('items' in schema) return 'array';
    const values = Array.isArray(schema['enum']) ? schema['enum'] : 'const' in schema ? [schema['const']] : [];
    const inferred = [...new Set(values.filter((value) => value !== null).map(typeOfValue))];
    if (inferred.length === 1) return inferred[0] as SpecType;
    this.unsupportedKeywords.note('may be of any type; registered as a string', path);
    return 'string';
  }

  /** Resolves references, and merges a union or intersection into one schema. `identity` detects recursion. */
  private flatten(schema: JsonSchema, path: string): { schema: JsonSchema; identity: JsonSchema } {
    let at = schema;
    let beside: JsonSchema = {};
    const followed: JsonSchema[] = [];
    try {
      while (typeof at['$ref'] === 'string') {
        const { $ref: reference, ...rest } = at as { $ref: string };
        beside = { ...(rest as JsonSchema), ...beside };
        at = resolveReference(this.root, reference) ?? {};
        // References and unions that only lead to each other never reach a schema.
        if (this.flattening.has(at)) return { schema: {}, identity: at };
        this.flattening.add(at);
        followed.push(at);
      }
      const merged = this.merge({ ...at, ...beside }, path);
      return { schema: merged.schema, identity: merged.identity ?? at };
    } finally {
      for (const target of followed) this.flattening.delete(target);
    }
  }

  private merge(schema: JsonSchema, path: string): { schema: JsonSchema; identity?: JsonSchema } {
    const all = Array.isArray(schema['allOf']) ? schema['allOf'].filter(isJsonSchema) : [];
    if (all.length > 0) {
      const { allOf: _, ...rest } = schema;
      const parts = [rest as JsonSchema, ...all.map((part) => this.flatten(part, path).schema)];
      return this.merge(
        parts.reduce((left, right) => joined(left, right, true)),
        path,
      );
    }
    const union = schema['anyOf'] ?? schema['oneOf'];
    if (!Array.isArray(union)) return { schema };
    const { anyOf: _a, oneOf: _o, ...rest } = schema;
    const branches = union.filter(isJsonSchema).filter((branch) => branch['type'] !== 'null');
    const flat = branches.map((branch) => this.flatten(branch, path));
    if (flat.length === 1 && flat[0]) return { schema: { ...flat[0].schema, ...rest }, identity: flat[0].identity };
    const schemas = flat.map((branch) => branch.schema);
    if (schemas.every((branch) => branch['type'] === 'object')) {
      this.unsupportedKeywords.note('one of several shapes; registered with the properties of all of them', path);
      return { schema: { ...schemas.reduce((left, right) => joined(left, right, false), {}), ...rest } };
    }
    const values = schemas.flatMap((branch) =>
      'const' in branch ? [branch['const']] : ((branch['enum'] as unknown[] | undefined) ?? [undefined]),
    );
    if (!values.includes(undefined)) return { schema: { enum: values, ...rest } };
    this.unsupportedKeywords.note('one of several types; registered as the first', path);
    return { schema: { ...schemas[0], ...rest } };
  }
}

/** Merges two schemas. An intersection requires the members of either, a union those of both. */
function joined(left: JsonSchema, right: JsonSchema, intersection: boolean): JsonSchema {
  const names = (schema: JsonSchema): unknown[] => (Array.isArray(schema['required']) ? schema['required'] : []);
  const first = !('properties' in left) && !intersection;
  const required = intersection
    ? [...new Set([...names(left), ...names(right)])]
    : first
      ? names(right)
      : names(left).filter((name) => names(right).includes(name));
  const properties = { ...(left['properties'] as object), ...(right['properties'] as object) };
  return {
    ...left,
    ...right,
    ...(Object.keys(properties).length > 0 && { properties }),
    ...(required.length > 0 ? { required } : { required: undefined }),
  };
}

/** The spec has no null type. Our engine reads this member beside the type; the Go engine drops it. */
function allowsNull(schema: JsonSchema): boolean {
  const union = schema['anyOf'] ?? schema['oneOf'];
  return (
    (Array.isArray(schema['type']) && schema['type'].includes('null')) ||
    (Array.isArray(schema['enum']) && schema['enum'].includes(null)) ||
    (Array.isArray(union) && union.filter(isJsonSchema).some((branch) => branch['type'] === 'null'))
  );
}

const isSpecType = (type: unknown): type is SpecType => SPEC_TYPES.includes(type as SpecType);

function typeOfValue(value: unknown): SpecType {
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value === 'boolean' ? 'boolean' : typeof value === 'string' ? 'string' : 'object';
}
