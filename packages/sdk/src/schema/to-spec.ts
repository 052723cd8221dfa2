/**
 * Converts a JSON Schema to the engine's spec: resolved references, one `type` per schema, integer bounds. The spec may
 * accept more values than the schema, never fewer. It removes everything that an engine may reject, and keeps what an
 * engine only ignores, because ours shows it to the planner.
 */
import { ANY_MEMBER, ANY_VALUE, type Spec } from '@orra-ts/protocol';
import type { JsonSchema } from './json-pointer';
import { ShapeReader } from './read-shape';
import { SchemaNotes } from './schema-notes';
import { acceptsAny, anyShape, hasSensitiveParts, type Shape } from './shape';

export interface SpecResult {
  readonly spec: Spec;
  /** Parts that the Go engine neither keeps nor checks, one sentence each. */
  readonly unsupportedKeywords: readonly string[];
  /** Parts that no engine checks, one sentence each. */
  readonly leftToService: readonly string[];
}

export interface SpecOptions {
  readonly side: 'input' | 'output';
  /** True if the service accepts members that the schema does not declare. @default false */
  readonly isOpen?: boolean;
}

export function toSpec(schema: JsonSchema, { side, isOpen = false }: SpecOptions): SpecResult {
  const notes = new SchemaNotes();
  const shape = asRoot(new ShapeReader(schema, notes).read(schema, '', [schema]) ?? anyShape());
  const spec = new SpecPrinter(notes).print(isOpen ? { ...shape, others: shape.others ?? anyShape() } : shape, '');
  const optional = side === 'input' ? optionalProperties(spec) : [];
  const labelled = (sentences: readonly string[]): string[] => sentences.map((sentence) => `${side}: ${sentence}`);
  const planRule = `${optional.join(', ')}: optional here, but the Go engine requires plans to set every declared property of an input`;
  return {
    spec,
    unsupportedKeywords: labelled([...(optional.length > 0 ? [planRule] : []), ...notes.unsupportedKeywords()]),
    leftToService: labelled(notes.leftToService()),
  };
}

/** Inputs and outputs are objects, so the other types of the top level do not matter. */
const asRoot = (shape: Shape): Shape =>
  shape.types.includes('object') ? { ...shape, types: ['object'], nullable: false } : shape;

function optionalProperties(spec: Spec): string[] {
  const required = new Set(spec.required ?? []);
  return Object.keys(spec.properties ?? {}).filter((name) => !required.has(name));
}

class SpecPrinter {
  constructor(private readonly notes: SchemaNotes) {}

  print(shape: Shape, path: string): Spec {
    const types = shape.types.filter((type) => type !== 'integer' || !shape.types.includes('number'));
    const [type = 'string'] = types;
    if (types.length > 1) this.notes.drop(`may be ${types.join(' or ')}; registered as ${type}`, path);
    const spec: Record<string, unknown> = {
      type,
      ...(types.length !== 1 && { 'x-types': types }),
      ...(shape.nullable && { nullable: true }),
      ...(shape.options && (shape.isConst ? { const: shape.options[0] } : { enum: shape.options })),
      ...this.keywords(shape, path),
    };
    if (types.includes('array') && (shape.items || type === 'array')) {
      spec['items'] = shape.items ? this.print(shape.items, `${path}[]`) : ANY_VALUE;
    }
    if (types.includes('object')) Object.assign(spec, this.members(shape, path, type === 'object'));
    return spec as unknown as Spec;
  }

  private members({ properties, required, others }: Shape, path: string, isNeeded: boolean): Partial<Spec> {
    const isKnown = others && (!acceptsAny(others) || hasSensitiveParts(others));
    const other = isKnown ? this.print(others, `${path}.*`) : undefined;
    if (properties.size === 0) {
      if (!isNeeded && !other) return {};
      if (!other) this.notes.drop('its members are not declared, so a planner cannot know them', path);
      return { properties: { [ANY_MEMBER]: other ?? ANY_VALUE } };
    }
    const at = (name: string): string => (path === '' ? name : `${path}.${name}`);
    return {
      properties: Object.fromEntries([...properties].map(([name, member]) => [name, this.print(member, at(name))])),
      ...(required.length > 0 && { required }),
      ...(others && { additionalProperties: other ?? true }),
    };
  }

  /** The Go engine decodes bounds as integers and rejects a registration with other numbers. */
  private keywords({ keywords }: Shape, path: string): Record<string, unknown> {
    const kept: Record<string, unknown> = {};
    for (const [name, value] of Object.entries(keywords)) {
      if (value === undefined || (name === 'format' && typeof value !== 'string')) continue;
      if ((name === 'minimum' || name === 'maximum') && !Number.isSafeInteger(value)) {
        this.notes.leave(`${name} ${JSON.stringify(value)} is not an integer and is not registered`, path);
      } else kept[name] = value;
    }
    return kept;
  }
}
