/**
 * Derives the JSON Schema of a plan's data: from the service inputs that use each field, and if those have no schema or
 * contradict each other, from the submitted value.
 */
import { withoutUndefined } from '@orra-ts/common';
import {
  ANY_MEMBER,
  type Spec,
  allowsAnyType,
  isJsonObject,
  specTypes,
  parseReference,
  TASK_ZERO,
  type InputPath,
} from '@orra-ts/protocol';
import { mapLeaves } from './walk-input';

export type JsonSchema = Readonly<Record<string, unknown>>;

export interface ConsumingTask {
  /** Input of the task, with references to the data. */
  readonly input: Readonly<Record<string, unknown>>;
  readonly inputSpec: Spec;
}

/** How the tasks use a field of the data, or a member inside it. */
interface Usage {
  /** Schemas of the inputs that use it. */
  readonly schemas: JsonSchema[];
  readonly members: Map<string, Usage>;
  isRequired: boolean;
}

const noUsage = (): Usage => ({ schemas: [], members: new Map(), isRequired: false });

/**
 * @param data submitted values by field
 * @param requiredFields fields that the plan requires regardless of its tasks
 */
export function inputSchema(
  data: Readonly<Record<string, unknown>>,
  tasks: readonly ConsumingTask[],
  requiredFields: readonly string[],
): JsonSchema {
  const usage = noUsage();
  for (const { input, inputSpec } of tasks) {
    mapLeaves(input, (value, path) => {
      const reference = parseReference(value);
      if (reference?.taskId === TASK_ZERO) recordUsage(usage, reference.path, inputSpec, path);
    });
  }
  const properties = Object.entries(data).map(([field, value]) => {
    const of = usage.members.get(field);
    return [field, of ? schemaOf(of, value) : schemaOfValue(value)] as const;
  });
  const required = Object.keys(data).filter(
    (field) => requiredFields.includes(field) || usage.members.get(field)?.isRequired,
  );
  return {
    type: 'object',
    properties: Object.fromEntries(properties),
    ...(required.length > 0 ? { required } : {}),
  };
}

function recordUsage(usage: Usage, dataPath: readonly string[], inputSpec: Spec, at: InputPath): void {
  let owner: Spec | undefined;
  let place: Spec | undefined = inputSpec;
  for (const step of at) {
    owner = place;
    place = place && memberSpec(place, step);
  }
  const name = at.at(-1);
  // A list item is always required. A member is required if its object says so.
  const isRequired = typeof name === 'number' || (owner?.required ?? []).includes(String(name));
  let value = usage;
  for (const step of dataPath) {
    let next = value.members.get(step);
    if (!next) value.members.set(step, (next = noUsage()));
    next.isRequired ||= isRequired;
    value = next;
  }
  if (place) value.schemas.push(jsonSchemaOf(place));
}

function memberSpec(spec: Spec, step: string | number): Spec | undefined {
  if (typeof step === 'number') return spec.items;
  const properties = spec.properties ?? {};
  if (Object.hasOwn(properties, step)) return properties[step];
  const others = properties[ANY_MEMBER] ?? spec['additionalProperties'];
  return isJsonObject(others) ? (others as unknown as Spec) : undefined;
}

/** Converts a spec of the engine to JSON Schema, where `additionalProperties` describes members of any name. */
export function jsonSchemaOf(spec: Spec): JsonSchema {
  const { type: _, 'x-types': types, nullable, properties, required, items, additionalProperties, ...rest } = spec;
  const { [ANY_MEMBER]: anyMember = additionalProperties, ...named } = properties ?? {};
  const names = specTypes(spec);
  const members = Object.entries(named).map(([name, member]) => [name, jsonSchemaOf(member)] as const);
  // Readers of JSON Schema look at which keywords are present.
  return withoutUndefined({
    ...(allowsAnyType(spec)
      ? {}
      : types
        ? { type: nullable ? [...names, 'null'] : names }
        : { type: spec.type, nullable }),
    ...rest,
    properties: members.length > 0 ? Object.fromEntries(members) : undefined,
    additionalProperties: isJsonObject(anyMember) ? jsonSchemaOf(anyMember as unknown as Spec) : anyMember,
    required,
    items: items && jsonSchemaOf(items),
  });
}

function schemaOf({ schemas, members }: Usage, value: unknown): JsonSchema {
  if (schemas.length > 0) return mergeSchemas(schemas, value);
  if (isJsonObject(value)) {
    const properties = Object.entries(value).map(([name, member]) => {
      const of = members.get(name);
      return [name, of ? schemaOf(of, member) : schemaOfValue(member)] as const;
    });
    const required = Object.keys(value).filter((name) => members.get(name)?.isRequired);
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

/** Merges the schemas and omits keywords that contradict each other. */
function mergeSchemas(schemas: readonly JsonSchema[], value: unknown): JsonSchema {
  const [first = {}] = schemas;
  if (schemas.every((schema) => isSameJson(schema, first))) return first;
  const names = new Set(schemas.flatMap((schema) => Object.keys(schema)));
  const merged: Record<string, unknown> = {};
  for (const name of names) {
    const candidates = schemas.flatMap((schema) => (Object.hasOwn(schema, name) ? [schema[name]] : []));
    const kept = mergeKeyword(name, candidates, value);
    if (kept !== undefined) merged[name] = kept;
  }
  return merged['type'] === undefined ? { ...merged, ...typeOfValue(value) } : merged;
}

function mergeKeyword(name: string, candidates: readonly unknown[], value: unknown): unknown {
  const [first] = candidates;
  if (candidates.every((one) => isSameJson(one, first))) return first;
  if (name === 'type' && candidates.every((type) => type === 'integer' || type === 'number')) return 'integer';
  if (name === 'required') return [...new Set(candidates.flat())];
  if (name === 'items' && candidates.every(isJsonObject)) {
    return mergeSchemas(candidates, Array.isArray(value) ? (value as unknown[])[0] : undefined);
  }
  if (name !== 'properties' || !candidates.every(isJsonObject)) return undefined;
  const members = [...new Set(candidates.flatMap((properties) => Object.keys(properties)))].map((member) => {
    const declared = candidates.flatMap((properties) =>
      Object.hasOwn(properties, member) ? [properties[member]] : [],
    );
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

/** Null and undefined have no type, because any type may be intended. */
function typeOfValue(value: unknown): JsonSchema {
  if (value === null || value === undefined) return {};
  if (Array.isArray(value)) return { type: 'array' };
  return { type: typeof value };
}

const commonSchema = (schemas: readonly JsonSchema[]): JsonSchema | undefined =>
  schemas.every((schema) => isSameJson(schema, schemas[0])) ? schemas[0] : undefined;

/** Compares including the order of members. Equivalent schemas that are written differently count as different. */
const isSameJson = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);
