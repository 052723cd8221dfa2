/**
 * Parses values of an action according to the plan's input schema. An action can contain a string, a number, a
 * boolean or one of several options; lists, objects and null must be submitted as data.
 */
import { isJsonObject, type Spec } from '@orra-ts/protocol';
import { fitProblems } from '../domain/spec/spec-fit';
import { allowsNull, optionsOf, typesOf } from '../domain/spec/spec-parts';
import { excerpt } from '../domain/excerpt';
import { canonicalText } from '../domain/plan/canonical-text';

export type ParamReading =
  | { readonly ok: true; readonly value: unknown }
  /** `message` continues after the field's name. */
  | { readonly ok: false; readonly message: string };

const TYPES = new Set(['string', 'number', 'integer', 'boolean', 'array', 'object', 'null']);
/** Options beyond this count and length are compared exactly, not by their words (E8). */
const MAX_OPTIONS = 1_000;
const MAX_OPTION_LENGTH = 1_000;
const DECIMAL = /^[+-]?\d+(?:\.\d+)?$/;

/** @param schema JSON Schema of the field; without a type it accepts strings */
export function readParam(text: string, schema: unknown): ParamReading {
  const spec = isJsonObject(schema) ? (schema as unknown as Spec) : undefined;
  const options = spec && optionsOf(spec);
  if (options) return readOption(text, options);
  const types = spec ? typesOf(spec).filter((type) => TYPES.has(type)) : [];
  if (!spec || types.length === 0) return { ok: true, value: text };
  const found = valueFor(text, types);
  if (!found) {
    return {
      ok: false,
      message: `must be ${described(spec, types)}, found ${shown(text)} in the action${hint(types)}`,
    };
  }
  for (const { message } of fitProblems(found.value, spec)) return { ok: false, message: `${message} in the action` };
  return { ok: true, value: found.value };
}

/** Returns the identical option, or the only one that differs just in case and punctuation. */
function readOption(text: string, options: readonly unknown[]): ParamReading {
  const written = options.filter((option) => typeof option !== 'object');
  const exact = written.filter((option) => String(option) === text);
  const canonical = canonicalText(text).text;
  const isAlike = (option: string): boolean =>
    option.length <= MAX_OPTION_LENGTH && canonicalText(option).text === canonical;
  const alike = exact.length > 0 ? exact : written.slice(0, MAX_OPTIONS).filter((option) => isAlike(String(option)));
  if (alike.length === 1) return { ok: true, value: alike[0] };
  const choice = `must be one of ${excerpt(JSON.stringify(options.slice(0, MAX_OPTIONS)), 200)}, found ${shown(text)} in the action`;
  return {
    ok: false,
    message: alike.length === 0 ? choice : `${choice}, which may mean any of ${JSON.stringify(alike)}`,
  };
}

function valueFor(text: string, types: readonly string[]): { readonly value: unknown } | undefined {
  if (types.includes('string')) return { value: text };
  if ((types.includes('number') || types.includes('integer')) && DECIMAL.test(text)) {
    const value = Number(text);
    // JSON would silently change a number that it cannot represent.
    const isExact = !Number.isInteger(value) || Number.isSafeInteger(value);
    if (isExact && (types.includes('number') || Number.isInteger(value))) return { value };
  }
  const lower = text.toLowerCase();
  if (types.includes('boolean') && (lower === 'true' || lower === 'false')) return { value: lower === 'true' };
  return undefined;
}

const described = (spec: Spec, types: readonly string[]): string =>
  [...types.map((type) => (type === 'boolean' ? 'true or false' : type)), ...(allowsNull(spec) ? ['null'] : [])]
    .filter((type, index, all) => all.indexOf(type) === index)
    .join(' or ');

const hint = (types: readonly string[]): string =>
  types.some((type) => type === 'array' || type === 'object')
    ? ', which an action cannot contain: submit it as data'
    : '; submit it as data if it is another value';

const shown = (text: string): string => JSON.stringify(excerpt(text));
