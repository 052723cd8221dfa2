/**
 * Removes or lists members of a value that its schema does not declare: of inputs of all kinds, and of outputs of
 * classes. It is prepared at boot from the JSON Schema, so that all three kinds of schema behave in the same way. If a schema is open (a union, `additionalProperties`, a
 * composition), no member is unknown.
 */
import { isJsonSchema, resolveReference, type JsonSchema } from '../schema/json-pointer';
import { joinPath } from './ajv';

export interface UnknownFieldsWalker {
  /** Returns the same value if it has no unknown members, otherwise a copy without them. */
  strip(value: unknown): unknown;
  /** Returns the paths of unknown members. */
  list(value: unknown): string[];
}

/** A node of the schema that can have unknown members. Built lazily, because schemas may be recursive. */
interface Node {
  readonly members?: ReadonlyMap<string, Node | undefined>;
  /** Decides about members that are not in `members`. */
  readonly others: 'unknown' | 'open';
  readonly otherMembers?: Node;
  readonly items?: Node;
  readonly choose?: (value: Record<string, unknown>) => Node | undefined;
}

export function unknownFieldsWalker(schema: JsonSchema): UnknownFieldsWalker {
  const root = new NodeBuilder(schema).node(schema);
  return {
    strip: (value) => (root ? strip(root, value) : value),
    list: (value) => {
      const paths: string[] = [];
      if (root) listUnknown(root, value, '', paths);
      return paths;
    },
  };
}

class NodeBuilder {
  private readonly nodes = new Map<JsonSchema, Node | undefined>();

  constructor(private readonly root: JsonSchema) {}

  node(schema: unknown): Node | undefined {
    if (!isJsonSchema(schema)) return undefined;
    if (this.nodes.has(schema)) return this.nodes.get(schema);
    if (typeof schema['$ref'] === 'string') {
      // Members beside a reference could add properties, so no member is unknown.
      if ('properties' in schema || 'allOf' in schema) return undefined;
      // Stored before its members are built; otherwise circular references would not end.
      this.nodes.set(schema, undefined);
      const target = this.node(resolveReference(this.root, schema['$ref']));
      const node = schema['x-lists'] === true ? withLists(target) : target;
      this.nodes.set(schema, node);
      return node;
    }
    const node = {} as { -readonly [K in keyof Node]: Node[K] };
    this.nodes.set(schema, node);
    Object.assign(node, this.describe(schema));
    return node;
  }

  private describe(schema: JsonSchema): Node {
    const union = schema['anyOf'] ?? schema['oneOf'];
    if (Array.isArray(union))
      return this.union(
        schema,
        union.filter((branch) => !isNull(branch)),
      );
    if (['allOf', 'if', 'then', 'else', 'dependentSchemas'].some((keyword) => keyword in schema))
      return { others: 'open' };
    const items = this.node(schema['items']);
    const properties = isJsonSchema(schema['properties']) ? schema['properties'] : undefined;
    const open =
      properties === undefined || 'patternProperties' in schema || schema['additionalProperties'] !== undefined;
    const otherMembers = this.node(schema['additionalProperties']);
    return {
      others: open ? 'open' : 'unknown',
      members: properties && new Map(Object.entries(properties).map(([name, member]) => [name, this.node(member)])),
      items,
      otherMembers,
    };
  }

  private union(schema: JsonSchema, branches: readonly unknown[]): Node {
    const discriminator = isJsonSchema(schema['discriminator']) ? schema['discriminator']['propertyName'] : undefined;
    if (typeof discriminator !== 'string') {
      if (branches.length !== 1) return { others: 'open' };
      const only = branches[0];
      return { others: 'open', choose: () => this.node(only) };
    }
    const byTag = new Map(branches.map((branch) => [tagOf(branch, discriminator), branch]));
    return {
      others: 'open',
      choose: (value) => {
        const branch = byTag.get(value[discriminator]);
        return branch === undefined ? undefined : this.node(mergeBranch(this.root, branch));
      },
    };
  }
}

/** Applies to items of inner lists too. */
function withLists(target: Node | undefined): Node | undefined {
  if (!target) return undefined;
  const list: { -readonly [K in keyof Node]: Node[K] } = { others: 'open' };
  list.items = { others: 'open', choose: (value) => (Array.isArray(value) ? list : target) };
  return list.items;
}

const isNull = (schema: unknown): boolean => isJsonSchema(schema) && schema['type'] === 'null';

function tagOf(branch: unknown, discriminator: string): unknown {
  const properties = isJsonSchema(branch) && isJsonSchema(branch['properties']) ? branch['properties'] : {};
  const tag = properties[discriminator];
  return isJsonSchema(tag) ? tag['const'] : undefined;
}

const mergedBranches = new WeakMap<object, JsonSchema>();

/** Merges a branch such as `{ $ref, properties: { kind: { const } } }` into one object schema. */
function mergeBranch(root: JsonSchema, branch: unknown): JsonSchema | undefined {
  if (!isJsonSchema(branch) || typeof branch['$ref'] !== 'string') return isJsonSchema(branch) ? branch : undefined;
  const known = mergedBranches.get(branch);
  if (known) return known;
  const target = resolveReference(root, branch['$ref']);
  if (!target) return undefined;
  const properties = { ...(target['properties'] as object), ...(branch['properties'] as object) };
  const result = { ...target, properties };
  mergedBranches.set(branch, result);
  return result;
}

function nodeFor(node: Node, value: Record<string, unknown>): Node | undefined {
  return node.choose ? node.choose(value) : node;
}

function strip(declared: Node, value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const node = nodeFor(declared, value as Record<string, unknown>);
  if (!node) return value;
  if (node !== declared) return strip(node, value);
  if (Array.isArray(value)) return node.items ? stripItems(node.items, value) : value;
  return stripMembers(node, value as Record<string, unknown>);
}

function stripItems(items: Node, array: readonly unknown[]): unknown {
  let copy: unknown[] | undefined;
  for (let index = 0; index < array.length; index++) {
    const kept = strip(items, array[index]);
    if (copy) copy.push(kept);
    else if (kept !== array[index]) copy = [...array.slice(0, index), kept];
  }
  return copy ?? array;
}

function stripMembers(node: Node, object: Record<string, unknown>): unknown {
  let copy: Record<string, unknown> | undefined;
  for (const key in object) {
    if (!Object.hasOwn(object, key)) continue;
    const member = object[key];
    if (!node.members?.has(key) && node.others === 'unknown') {
      copy ??= { ...object };
      delete copy[key];
      continue;
    }
    const next = node.members?.get(key) ?? (node.members?.has(key) ? undefined : node.otherMembers);
    if (!next || typeof member !== 'object' || member === null) continue;
    const kept = strip(next, member);
    if (kept !== member) {
      copy ??= { ...object };
      copy[key] = kept;
    }
  }
  return copy ?? object;
}

function listUnknown(declared: Node, value: unknown, path: string, paths: string[]): void {
  if (typeof value !== 'object' || value === null) return;
  const node = nodeFor(declared, value as Record<string, unknown>);
  if (!node) return;
  if (node !== declared) return listUnknown(node, value, path, paths);
  if (Array.isArray(value)) {
    if (node.items)
      for (const [index, item] of value.entries()) listUnknown(node.items, item, `${path}[${index}]`, paths);
    return;
  }
  for (const [key, member] of Object.entries(value)) {
    const at = joinPath(path, key);
    if (node.members?.has(key)) {
      const next = node.members.get(key);
      if (next) listUnknown(next, member, at, paths);
    } else if (node.others === 'unknown') paths.push(at);
    else if (node.otherMembers) listUnknown(node.otherMembers, member, at, paths);
  }
}
