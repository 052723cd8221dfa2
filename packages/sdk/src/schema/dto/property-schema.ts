/** Converts the rules of a property to two schemas. */
import type { JsonSchema } from '../json-pointer';
import { DATE_FORMAT } from './date-format';
import type { DtoProperty } from './property';
import type { DtoType, RuleMeaning } from './rules';

export interface SchemaPair {
  readonly described: JsonSchema;
  readonly check: JsonSchema;
}

type Validation = 'full' | 'schema';

export function propertySchemas(
  property: DtoProperty,
  nested: SchemaPair | undefined,
  nestedLists: SchemaPair | undefined,
  validation: Validation,
): SchemaPair {
  const { own, each, notEmpty, typeMetadata } = property;
  const container = containerOf(property);
  const element =
    nested ?? (each.length > 0 || notEmpty.each ? ruleSchemas(each, notEmpty.each, validation) : undefined);
  if (container === 'none') return nested ?? ruleSchemas(own, notEmpty.own, validation, hintedType(property));
  const rules = ruleSchemas(
    own.filter(({ type }) => type !== 'object'),
    false,
    validation,
  );
  // class-transformer creates a Set or Map; on the wire it is a list or an object.
  const type = container === 'map' ? 'object' : 'array';
  const keyword = container === 'map' ? 'additionalProperties' : 'items';
  const lists = nestedLists ?? element;
  const side = (flavour: keyof SchemaPair): JsonSchema => {
    const member = container === 'map' ? element?.[flavour] : lists?.[flavour];
    return { ...rules[flavour], type, ...(member && Object.keys(member).length > 0 && { [keyword]: member }) };
  };
  const isSet = typeMetadata?.reflectedType === Set;
  return { described: { ...side('described'), ...(isSet && { uniqueItems: true }) }, check: side('check') };
}

function containerOf({ own, each, notEmpty, nested, typeMetadata, designType }: DtoProperty): 'none' | 'array' | 'map' {
  if (typeMetadata?.reflectedType === Map) return 'map';
  if (typeMetadata?.reflectedType === Set) return 'array';
  if (nested === 'each' || each.length > 0 || notEmpty.each) return 'array';
  if (own.some(({ type }) => type === 'array')) return 'array';
  return nested === 'value' && designType === Array ? 'array' : 'none';
}

/** The type that TypeScript recorded, for planners only, if no rule determines the type; the service accepts others. */
function hintedType({ designType }: DtoProperty): DtoType | undefined {
  if (designType === String) return 'string';
  if (designType === Number) return 'number';
  return designType === Boolean ? 'boolean' : undefined;
}

function ruleSchemas(
  rules: readonly RuleMeaning[],
  notEmpty: boolean,
  validation: Validation,
  hint?: DtoType,
): SchemaPair {
  const type = rules.some((rule) => rule.type === 'integer') ? 'integer' : rules.find((rule) => rule.type)?.type;
  if (type === 'date') {
    return {
      described: { type: ['string', 'number'], format: 'date-time' },
      check: { type: ['string', 'number'], format: DATE_FORMAT },
    };
  }
  const filled: JsonSchema[] = notEmpty && type === 'string' ? [{ minLength: 1 }] : [];
  const asserted = combineRules([...rules.flatMap(({ asserted }) => (asserted ? [asserted] : [])), ...filled]);
  const described = combineRules([asserted, ...rules.flatMap((rule) => (rule.described ? [rule.described] : []))]);
  const shown = type ?? (asserted['enum'] === undefined && asserted['type'] === undefined ? hint : undefined);
  const full = {
    ...(shown && { type: shown }),
    ...(shown && shown !== type && { 'x-conditional': true }),
    ...described,
  };
  const sure: Record<string, unknown> = { ...(type && { type }), ...(validation === 'schema' ? described : asserted) };
  // Here, a pattern has no flags.
  if ('x-pattern' in sure && asserted['pattern'] === undefined) delete sure['pattern'];
  return { described: full, check: sure };
}

const HIGHEST = new Set(['minimum', 'exclusiveMinimum', 'minLength', 'minItems']);
const LOWEST = new Set(['maximum', 'exclusiveMaximum', 'maxLength', 'maxItems']);

/** Combines schemas. If two have the same keyword, the first is kept, which is looser and never stricter. */
function combineRules(parts: readonly JsonSchema[]): JsonSchema {
  const result: Record<string, unknown> = {};
  for (const [keyword, value] of parts.flatMap((part) => Object.entries(part))) {
    const present = result[keyword];
    if (present === undefined) result[keyword] = value;
    else if (HIGHEST.has(keyword)) result[keyword] = Math.max(present as number, value as number);
    else if (LOWEST.has(keyword)) result[keyword] = Math.min(present as number, value as number);
  }
  return result;
}

/** `@IsOptional` also accepts null. */
export function nullable(schema: JsonSchema): JsonSchema {
  if (Object.keys(schema).length === 0) return schema;
  if ('$ref' in schema || 'oneOf' in schema || 'const' in schema) return { anyOf: [schema, { type: 'null' }] };
  const types = [schema['type'] ?? []].flat();
  return {
    ...schema,
    ...(types.length > 0 && { type: [...types, 'null'] }),
    ...(Array.isArray(schema['enum']) && { enum: [...(schema['enum'] as unknown[]), null] }),
  };
}
