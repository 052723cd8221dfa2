/** Finds misspelled keywords of a JSON Schema. Validators ignore unknown keywords, so a typo would disable a check. */
import { SCHEMA_MAX_DEPTH, isJsonObject, formatInputPath, type InputPath } from '@orra-ts/protocol';
import { distance, nearestNames } from '../nearest-names';
import { type ProblemList } from './plan-problems';
import { excerpt } from '../excerpt';

type Schema = Readonly<Record<string, unknown>>;

const TYPES = ['array', 'boolean', 'integer', 'null', 'number', 'object', 'string'];

/** Keywords whose values are schemas or lists of schemas. */
const OF_SCHEMAS = [
  'additionalItems',
  'additionalProperties',
  'allOf',
  'anyOf',
  'contains',
  'else',
  'if',
  'items',
  'not',
  'oneOf',
  'prefixItems',
  'propertyNames',
  'then',
  'unevaluatedItems',
  'unevaluatedProperties',
];
/** Keywords whose values map names to schemas. */
const OF_NAMED_SCHEMAS = ['$defs', 'definitions', 'dependentSchemas', 'patternProperties', 'properties'];
const OTHERS = [
  '$anchor',
  '$comment',
  '$dynamicAnchor',
  '$dynamicRef',
  '$id',
  '$ref',
  '$schema',
  '$vocabulary',
  'const',
  'contentEncoding',
  'contentMediaType',
  'contentSchema',
  'default',
  'dependencies',
  'dependentRequired',
  'deprecated',
  'description',
  'discriminator',
  'enum',
  'example',
  'examples',
  'exclusiveMaximum',
  'exclusiveMinimum',
  'format',
  'id',
  'maxContains',
  'maxItems',
  'maxLength',
  'maxProperties',
  'maximum',
  'minContains',
  'minItems',
  'minLength',
  'minProperties',
  'minimum',
  'multipleOf',
  'nullable',
  'pattern',
  'readOnly',
  'required',
  'title',
  'type',
  'uniqueItems',
  'writeOnly',
];
const KEYWORDS: ReadonlySet<string> = new Set([...OF_SCHEMAS, ...OF_NAMED_SCHEMAS, ...OTHERS]);
/** Keywords that are too short for a comparison: many other words differ from them in one letter. */
const SHORT: ReadonlySet<string> = new Set(['$id', '$ref', 'else', 'id', 'if', 'not', 'then']);
const LIKELY = [...KEYWORDS].filter((keyword) => !SHORT.has(keyword));
const LONGEST = Math.max(...LIKELY.map(({ length }) => length)) + 1;
/** Maximum number of unknown keywords of a schema that are compared (E8). */
const MAX_UNKNOWN = 1_000;

interface Place {
  readonly schema: unknown;
  readonly path: InputPath;
  /** Whether the schema applies to the whole value, not as one of several alternatives. */
  readonly isWhole: boolean;
}

/**
 * Checks types, names in `required`, and misspelled keywords at any depth; problems have a path that begins with
 * `input`.
 */
export function checkSchema(input: Schema, problems: ProblemList): void {
  let unknown = 0;
  let level: Place[] = [{ schema: input, path: [], isWhole: true }];
  for (let depth = 0; depth <= SCHEMA_MAX_DEPTH && level.length > 0; depth++) {
    const next: Place[] = [];
    for (const place of level) {
      if (problems.isFull) return;
      const { schema, path, isWhole } = place;
      if (!isJsonObject(schema)) continue;
      const add = (message: string, ...steps: InputPath): void =>
        problems.add(message, undefined, `input.${formatInputPath([...path, ...steps])}`);
      for (const keyword of Object.keys(schema)) {
        if (KEYWORDS.has(keyword) || ++unknown > MAX_UNKNOWN) continue;
        const meant = keywordMeantBy(keyword);
        if (meant !== undefined) add(`is not a keyword of JSON Schema; write ${meant}`, keyword);
      }
      checkType(schema['type'], add);
      checkRequired(schema, isWhole, add);
      for (const part of partsOf(place, schema)) next.push(part);
    }
    level = next;
  }
}

type Add = (message: string, ...steps: InputPath) => void;

function checkType(type: unknown, add: Add): void {
  if (type === undefined) return;
  const isList = Array.isArray(type);
  for (const [index, name] of (isList ? (type as unknown[]) : [type]).entries()) {
    if (typeof name === 'string' && TYPES.includes(name)) continue;
    const wrong = typeof name === 'string' ? `"${excerpt(name)}" is not a type` : 'must be the name of a type';
    const wanted = typeof name === 'string' ? name : '';
    add(`${wrong}; the types are ${nearestNames(TYPES, wanted)}`, 'type', ...(isList ? [index] : []));
  }
}

function checkRequired(schema: Schema, isWhole: boolean, add: Add): void {
  const { properties, required } = schema;
  if (required === undefined) return;
  if (!Array.isArray(required)) {
    add('must be a list of names of properties', 'required');
    return;
  }
  const names = isWhole ? declaredNames(schema) : undefined;
  const known = isJsonObject(properties) && names ? properties : undefined;
  for (const [index, name] of (required as unknown[]).entries()) {
    if (typeof name !== 'string') add('must be the name of a property', 'required', index);
    else if (known && names && !Object.hasOwn(known, name))
      add(`"${excerpt(name)}" is ${notOneOf(names, name)}`, 'required', index);
  }
}

function partsOf({ path, isWhole }: Place, schema: Schema): Place[] {
  return Object.entries(schema).flatMap(([keyword, value]): Place[] => {
    const at = [...path, keyword];
    if (OF_NAMED_SCHEMAS.includes(keyword) && isJsonObject(value)) {
      const areWhole = isWhole && keyword === 'properties';
      return Object.entries(value).map(([name, part]) => ({ schema: part, path: [...at, name], isWhole: areWhole }));
    }
    if (!OF_SCHEMAS.includes(keyword)) return [];
    if (!Array.isArray(value)) return [{ schema: value, path: at, isWhole: isWhole && keyword === 'items' }];
    return (value as unknown[]).map((part, index) => ({ schema: part, path: [...at, index], isWhole: false }));
  });
}

/** Returns undefined for words that may be custom keywords. */
function keywordMeantBy(word: string): string | undefined {
  if (word.length > LONGEST) return undefined;
  return LIKELY.find((keyword) => Math.abs(keyword.length - word.length) <= 1 && isNear(keyword, word));
}

/** Returns whether two words differ by one letter, by case, or by two swapped letters. */
function isNear(keyword: string, word: string): boolean {
  const edits = distance(keyword, word);
  return edits <= 1 || (edits === 2 && sorted(keyword) === sorted(word));
}

const sorted = (word: string): string => Array.from(word.toLowerCase()).sort().join('');

/** Keywords by which a schema has properties outside its `properties`. */
const FURTHER = [
  '$dynamicRef',
  '$ref',
  'additionalProperties',
  'allOf',
  'anyOf',
  'dependentSchemas',
  'if',
  'oneOf',
  'patternProperties',
  'unevaluatedProperties',
];

/** Returns the names of all properties; undefined if the schema allows others. */
export function declaredNames(schema: Schema): string[] | undefined {
  const { properties } = schema;
  if (!isJsonObject(properties)) return undefined;
  const isOpen = FURTHER.some((keyword) => schema[keyword] !== undefined && schema[keyword] !== false);
  return isOpen ? undefined : Object.keys(properties);
}

export const notOneOf = (names: readonly string[], wanted: string): string =>
  `not a property of the input; ${names.length === 0 ? 'it has none' : `its properties are ${nearestNames(names, wanted)}`}`;
