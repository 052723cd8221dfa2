/**
 * The only file that uses ajv, which is loaded when the first schema is compiled, and not by the import of the package.
 */
import type Ajv from 'ajv';
import type { ErrorObject, Options } from 'ajv';
import type { Violation } from './value-schema';
import { DATE_FORMAT } from '../schema/dto/date-format';
import { isMultipleOf } from './multiple-of';

/** Values of `format` that are checked: all known ones, only our own for dates, or none. */
export type CheckedFormats = 'all' | 'dates' | 'none';

/** Returns every violation of a value, or undefined when it is valid. */
export type Check = (value: unknown) => readonly Violation[] | undefined;

const cached = new Map<string, Ajv>();

/**
 * Compiles a JSON Schema.
 *
 * @throws Error of ajv if the schema is invalid
 */
export function compileCheck(schema: Readonly<Record<string, unknown>>, formats: CheckedFormats): Check {
  const validate = ajvFor(schema, formats).compile(schema);
  return (value) => (validate(value) ? undefined : toViolations(validate.errors ?? []));
}

function ajvFor(schema: Readonly<Record<string, unknown>>, formats: CheckedFormats): Ajv {
  const draft = /draft-0[67]/.test(String(schema['$schema'])) ? '07' : '2020';
  // Two schemas with the same `$id` need two instances. An instance takes milliseconds, so all others share one.
  if (typeof schema['$id'] === 'string') return create(draft, formats);
  const key = `${draft} ${formats}`;
  const known = cached.get(key);
  if (known) return known;
  const ajv = create(draft, formats);
  cached.set(key, ajv);
  return ajv;
}

function create(draft: '07' | '2020', formats: CheckedFormats): Ajv {
  const options: Options = {
    allErrors: true,
    // Annotations of other tools are allowed.
    strict: false,
    logger: false,
    validateFormats: formats !== 'none',
    // JSON Schema interprets patterns as Unicode; class-validator applies those of classes without flags.
    unicodeRegExp: formats === 'all',
    code: { regExp: formats === 'all' ? UNICODE_OR_PLAIN : undefined },
  };
  const module =
    draft === '07'
      ? (require('ajv') as typeof import('ajv'))
      : (require('ajv/dist/2020') as typeof import('ajv/dist/2020'));
  const ajv = new module.default(options);
  ajv.removeKeyword('multipleOf');
  ajv.addKeyword({
    keyword: 'multipleOf',
    type: 'number',
    schemaType: 'number',
    validate: isMultipleOf,
    error: { message: ({ schema }) => `must be a multiple of ${String(schema)}` },
  });
  ajv.addKeyword({
    keyword: 'x-pattern',
    type: 'string',
    compile: compilePattern,
    error: { message: ({ schema }) => `must match pattern ${String(schema)}` },
  });
  if (formats === 'all') (require('ajv-formats') as typeof import('ajv-formats')).default(ajv);
  if (formats === 'dates')
    ajv.addFormat(DATE_FORMAT, { type: 'string', validate: (text) => !Number.isNaN(Date.parse(text)) });
  return ajv;
}

/** A pattern that is not a Unicode pattern, such as `\_`, is applied without the flag. */
const UNICODE_OR_PLAIN = Object.assign(
  (pattern: string, flags: string): RegExp => {
    try {
      return new RegExp(pattern, flags);
    } catch {
      return new RegExp(pattern);
    }
  },
  // ajv writes this into standalone code, which is not used here.
  { code: 'new RegExp' },
);

/** Compiles `/source/flags`. The flags `g` and `y` would make the result depend on earlier calls. */
function compilePattern(pattern: string): (text: string) => boolean {
  const end = pattern.lastIndexOf('/');
  const expression = new RegExp(pattern.slice(1, end), pattern.slice(end + 1).replace(/[gy]/g, ''));
  return (text) => expression.test(text);
}

function toViolations(errors: readonly ErrorObject[]): Violation[] {
  // For an invalid nullable value, "must be null" and "must match anyOf" would hide the actual violation.
  const telling = errors.filter((error) => !isNoise(error));
  return (telling.length > 0 ? telling : errors).map(toViolation);
}

const isNoise = (error: ErrorObject): boolean =>
  error.keyword === 'anyOf' ||
  error.keyword === 'oneOf' ||
  error.keyword === 'if' ||
  (error.keyword === 'type' && (error.params as { type: unknown }).type === 'null');

function toViolation(error: ErrorObject): Violation {
  const path = pathOf(error.instancePath);
  const params = error.params as Record<string, unknown>;
  switch (error.keyword) {
    case 'required':
      return { path: joinPath(path, String(params['missingProperty'])), message: 'is required' };
    case 'additionalProperties':
      return { path: joinPath(path, String(params['additionalProperty'])), message: 'is not a known property' };
    case 'enum':
      return {
        path,
        message: `must be one of ${(params['allowedValues'] as unknown[]).map((value) => JSON.stringify(value)).join(', ')}`,
      };
    case 'const':
      return { path, message: `must be ${JSON.stringify(params['allowedValue'])}` };
    default:
      return { path, message: error.message ?? `breaks "${error.keyword}"` };
  }
}

/** Converts `/items/2/quantity` to `items[2].quantity`. */
function pathOf(pointer: string): string {
  let path = '';
  for (const part of pointer.split('/').slice(1))
    path = joinPath(path, part.replaceAll('~1', '/').replaceAll('~0', '~'));
  return path;
}

/** Appends a member's name or an array position to a path. */
export function joinPath(path: string, member: string): string {
  if (/^\d+$/.test(member)) return `${path}[${member}]`;
  return path === '' ? member : `${path}.${member}`;
}
