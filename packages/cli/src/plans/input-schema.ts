/**
 * The JSON Schema of a plan's data, made of what is known: the inputs of services that each field flows to, and where
 * those say nothing, or different things, the value that was submitted.
 */
import { ANY_MEMBER, type Spec, isJsonObject, parseReference, TASK_ZERO, type InputPath } from '@orra-ts/protocol';
import { mapLeaves } from './walk-input';

export type JsonSchema = Readonly<Record<string, unknown>>;

export interface ConsumingTask {
  /** With references to the data. */
  readonly input: Readonly<Record<string, unknown>>;
  readonly inputSpec: Spec;
}

/** What is known of one value of the data: of a field, or of a member within it. */
interface Known {
  /** Schemas of the places that take it. */
  readonly schemas: JsonSchema[];
  readonly members: Map<string, Known>;
  isNeeded: boolean;
}

const emptyUsage = (): Known => ({ schemas: [], members: new Map(), isNeeded: false });

/**
 * @param data values by field, as submitted
 * @param needed fields that the plan cannot do without, whatever takes them
 */
export function inputSchema(
  data: Readonly<Record<string, unknown>>,
  tasks: readonly ConsumingTask[],
  needed: readonly string[],
): JsonSchema {
  const known = emptyUsage();
  for (const { input, inputSpec } of tasks) {
    mapLeaves(input, (value, path) => {
      const reference = parseReference(value);
      if (reference?.taskId === TASK_ZERO) learn(known, reference.path, inputSpec, path);
    });
  }
  const properties = Object.entries(data).map(([field, value]) => {
    const of = known.members.get(field);
    return [field, of ? schemaOf(of, value) : schemaOfValue(value)] as const;
  });
  const required = Object.keys(data).filter((field) => needed.includes(field) || known.members.get(field)?.isNeeded);
  return {
    type: 'object',
    properties: Object.fromEntries(properties),
    ...(required.length > 0 ? { required } : {}),
  };
}

function learn(known: Known, dataPath: readonly string[], inputSpec: Spec, at: InputPath): void {
  let owner: Spec | undefined;
  let place: Spec | undefined = inputSpec;
  for (const step of at) {
    owner = place;
    place = place && memberSpec(place, step);
  }
  const name = at.at(-1);
  // An item of a list cannot be left out; a member can where its object lets it.
  const isNeeded = typeof name === 'number' || (owner?.required ?? []).includes(String(name));
  let value = known;
  for (const step of dataPath) {
    let next = value.members.get(step);
    if (!next) value.members.set(step, (next = emptyUsage()));
    next.isNeeded ||= isNeeded;
    value = next;
  }
  if (place) value.schemas.push(jsonSchemaOf(place));
}

function memberSpec(spec: Spec, step: string | number): Spec | undefined {
  if (typeof step === 'number') return spec.items;
  const properties = spec.properties ?? {};
  return Object.hasOwn(properties, step) ? properties[step] : properties[ANY_MEMBER];
}

/** Engines want named members; JSON Schema can say what is meant. */
export function jsonSchemaOf({ properties, required, items, ...rest }: Spec): JsonSchema {
  const { [ANY_MEMBER]: anyMember, ...named } = properties ?? {};
  const members = Object.entries(named).map(([name, member]) => [name, jsonSchemaOf(member)] as const);
  return {
    ...rest,
    ...(members.length > 0 ? { properties: Object.fromEntries(members) } : {}),
    ...(anyMember ? { additionalProperties: jsonSchemaOf(anyMember) } : {}),
    ...(required ? { required } : {}),
    ...(items ? { items: jsonSchemaOf(items) } : {}),
  };
}

function schemaOf({ schemas, members }: Known, value: unknown): JsonSchema {
  if (schemas.length > 0) return mergeSchemas(schemas, value);
  if (isJsonObject(value)) {
    const properties = Object.entries(value).map(([name, member]) => {
      const of = members.get(name);
      return [name, of ? schemaOf(of, member) : schemaOfValue(member)] as const;
    });
    const required = Object.keys(value).filter((name) => members.get(name)?.isNeeded);
    return {
      type: 'object',
      properties: Object.fromEntries(properties),
      ...(required.length > 0 ? { required } : {}),
    };
  }
  if (Array.isArray(value)) {
    const items = value.map((item, i) => {
      const of = members.get(String(i));
      return of ? schemaOf(of, item) : schemaOfValue(item);
    });
    return { type: 'array', items: commonSchema(items) ?? {} };
  }
  return schemaOfValue(value);
}

/** What all of them let through, as far as they do not contradict each other. */
function mergeSchemas(schemas: readonly JsonSchema[], value: unknown): JsonSchema {
  const [first = {}] = schemas;
  if (schemas.every((schema) => same(schema, first))) return first;
  const names = new Set(schemas.flatMap((schema) => Object.keys(schema)));
  const merged: Record<string, unknown> = {};
  for (const name of names) {
    const stated = schemas.flatMap((schema) => (Object.hasOwn(schema, name) ? [schema[name]] : []));
    const kept = mergeKeyword(name, stated, value);
    if (kept !== undefined) merged[name] = kept;
  }
  return merged['type'] === undefined ? { ...merged, ...typeOfValue(value) } : merged;
}

function mergeKeyword(name: string, stated: readonly unknown[], value: unknown): unknown {
  const [first] = stated;
  if (stated.every((one) => same(one, first))) return first;
  if (name === 'type' && stated.every((type) => type === 'integer' || type === 'number')) return 'integer';
  if (name === 'required') return [...new Set(stated.flat())];
  if (name === 'items' && stated.every(isJsonObject)) {
    return mergeSchemas(stated, Array.isArray(value) ? (value as unknown[])[0] : undefined);
  }
  if (name !== 'properties' || !stated.every(isJsonObject)) return undefined;
  const members = [...new Set(stated.flatMap((properties) => Object.keys(properties)))].map((member) => {
    const declared = stated.flatMap((properties) => (Object.hasOwn(properties, member) ? [properties[member]] : []));
    const memberValue = isJsonObject(value) && Object.hasOwn(value, member) ? value[member] : undefined;
    return [member, mergeSchemas(declared.filter(isJsonObject), memberValue)] as const;
  });
  return Object.fromEntries(members);
}

function schemaOfValue(value: unknown): JsonSchema {
  if (Array.isArray(value)) return { type: 'array', items: commonSchema(value.map(schemaOfValue)) ?? {} };
  if (isJsonObject(value)) {
    const members = Object.entries(value).map(([name, member]) => [name, schemaOfValue(member)] as const);
    return { type: 'object', properties: Object.fromEntries(members) };
  }
  return typeOfValue(value);
}

/** Of null and of nothing there is none: anything may be meant. */
function typeOfValue(value: unknown): JsonSchema {
  if (value === null || value === undefined) return {};
  if (Array.isArray(value)) return { type: 'array' };
  return { type: typeof value };
}

const commonSchema = (schemas: readonly JsonSchema[]): JsonSchema | undefined =>
  schemas.every((schema) => same(schema, schemas[0])) ? schemas[0] : undefined;

/** Order of members included: of two ways to write one schema, one is not known to be the other. */
const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);
