/** Words of a JSON Schema that are none: validators pass over what they do not know, and a slip of the pen checks nothing. */
import { SCHEMA_MAX_DEPTH, isJsonObject, formatInputPath, type InputPath } from '@orra-ts/protocol';
import { distance, nearestNames } from '../nearest-names';
import { type ProblemList } from './plan-problems';
import { excerpt } from '../excerpt';

type Schema = Readonly<Record<string, unknown>>;

const TYPES = ['array', 'boolean', 'integer', 'null', 'number', 'object', 'string'];

/** Their values are schemas, or lists of schemas. */
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
/** Their values have schemas by names. */
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
/** Other words are too soon one letter away from these. */
const SHORT: ReadonlySet<string> = new Set(['$id', '$ref', 'else', 'id', 'if', 'not', 'then']);
const LIKELY = [...KEYWORDS].filter((keyword) => !SHORT.has(keyword));
const LONGEST = Math.max(...LIKELY.map(({ length }) => length)) + 1;
/** Of a schema, compared with those there are (E8). */
const MAX_UNKNOWN = 1_000;

interface Place {
  readonly schema: unknown;
  readonly path: InputPath;
  /** It is the whole of a value, not one of several schemas for it. */
  readonly isWhole: boolean;
}

/** Types, names in `required`, and keywords that are nearly some, at any depth; each with its place from `input` on. */
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
        if (meant !== undefined) add(`is no keyword of JSON Schema; write ${meant}`, keyword);
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
    const wrong = typeof name === 'string' ? `"${excerpt(name)}" is no type` : 'must be the name of a type';
    const wanted = typeof name === 'string' ? name : '';
    add(`${wrong}; there are ${nearestNames(TYPES, wanted)}`, 'type', ...(isList ? [index] : []));
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

/** Undefined: perhaps one of somebody's own. */
function keywordMeantBy(word: string): string | undefined {
  if (word.length > LONGEST) return undefined;
  return LIKELY.find((keyword) => Math.abs(keyword.length - word.length) <= 1 && isNear(keyword, word));
}

/** One letter more, less or another, letters in other case, or two that have changed places. */
function isNear(keyword: string, word: string): boolean {
  const edits = distance(keyword, word);
  return edits <= 1 || (edits === 2 && sorted(keyword) === sorted(word));
}

const sorted = (word: string): string => Array.from(word.toLowerCase()).sort().join('');

/** By these a schema has properties that do not stand in its `properties`. */
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

/** Names of all properties; undefined when there may be more than it says. */
export function declaredNames(schema: Schema): string[] | undefined {
  const { properties } = schema;
  if (!isJsonObject(properties)) return undefined;
  const isOpen = FURTHER.some((keyword) => schema[keyword] !== undefined && schema[keyword] !== false);
  return isOpen ? undefined : Object.keys(properties);
}

export const notOneOf = (names: readonly string[], wanted: string): string =>
  `no property of the input; ${names.length === 0 ? 'it has none' : `there are ${nearestNames(names, wanted)}`}`;
