/**
 * The JSON Schema of each class-validator rule. Every value that passes the rule passes `asserted`, so that this check
 * is never stricter than class-validator. `described` is precise enough for planners, and for checks without
 * class-validator, but differs in the noted edge cases.
 */
import type { JsonSchema } from '../json-pointer';

export type DtoType = 'string' | 'number' | 'integer' | 'boolean' | 'array' | 'object' | 'date';

export interface RuleMeaning {
  /** The only type of value that passes. */
  readonly type?: DtoType;
  readonly asserted?: JsonSchema;
  readonly described?: JsonSchema;
}

type Meaning = (constraints: readonly unknown[]) => RuleMeaning;

const always =
  (meaning: RuleMeaning): Meaning =>
  () =>
    meaning;
const stringRule = (described: JsonSchema = {}): Meaning => always({ type: 'string', described });

/** Rules that only strings pass, and that have no JSON Schema keyword. */
const STRING_RULES = [
  'isAlpha isAlphanumeric isAscii isBase32 isBase58 isBase64 isBIC isBooleanString isBtcAddress isByteLength IsFirebasePushId',
  'isCreditCard isCurrency isDataURI isDecimal isEAN isEthereumAddress isFullWidth isHSL isHalfWidth',
  'isHash isHexColor isHexadecimal isIBAN isIsin isISO31661Alpha2 isISO31661Alpha3 isISO31661Numeric isISO4217CurrencyCode',
  'isISO6391 isIdentityCard isIsbn isISRC isISSN isJson isJwt isLatLong isLocale isLowercase isMacAddress isMagnetURI',
  'isMilitaryTime isMimeType isMobilePhone isMongoId isMultibyte isNumberString isOctal isPassportNumber isPhoneNumber',
  'isPort isPostalCode isRgbColor isSemVer isStrongPassword isSurrogatePair isTaxId isTimeZone isUppercase',
  'isVariableWidth notContains',
].flatMap((line) => line.split(' ')); // prettier-ignore

export const RULES: ReadonlyMap<string, Meaning> = new Map<string, Meaning>([
  ...STRING_RULES.map((name): [string, Meaning] => [name, stringRule()]),
  ['isString', stringRule()],
  ['isInt', always({ type: 'integer' })],
  ['isNumber', always({ type: 'number' })],
  ['isBoolean', always({ type: 'boolean' })],
  ['isArray', always({ type: 'array' })],
  ['isObject', always({ type: 'object' })],
  // The instance may have members that the JSON lacks, the defaults of its constructor.
  ['isNotEmptyObject', always({ type: 'object', described: { minProperties: 1 } })],
  ['isDate', always({ type: 'date' })],
  ['minDate', always({ type: 'date' })],
  ['maxDate', always({ type: 'date' })],

  ['isEnum', ([enumeration]) => oneOf(enumValues(enumeration))],
  ['isIn', ([values]) => oneOf(values)],
  ['equals', ([value]) => (isJsonPrimitive(value) ? { asserted: { const: value } } : {})],

  ['min', ([minimum]) => bound('minimum', minimum)],
  ['max', ([maximum]) => bound('maximum', maximum)],
  ['isPositive', always({ type: 'number', asserted: { exclusiveMinimum: 0 } })],
  ['isNegative', always({ type: 'number', asserted: { exclusiveMaximum: 0 } })],
  // Differs for fractions.
  ['isDivisibleBy', ([by]) => ({ type: 'number', described: isPositiveInteger(by) ? { multipleOf: by } : undefined })],

  ['minLength', ([min]) => length(min, undefined)],
  ['maxLength', ([max]) => length(undefined, max)],
  ['isLength', ([min, max]) => length(min, max)],
  ['matches', ([pattern, flags]) => matches(pattern, flags)],
  [
    'contains',
    ([part]) => ({ type: 'string', asserted: typeof part === 'string' ? { pattern: escaped(part) } : undefined }),
  ],
  ['isEmail', stringRule({ format: 'email' })],
  ['isUrl', stringRule({ format: 'uri' })],
  ['isFqdn', stringRule({ format: 'hostname' })],
  ['isUuid', stringRule({ format: 'uuid' })],
  [
    'isIp',
    ([version]) => stringRule(['4', '6'].includes(String(version)) ? { format: `ipv${String(version)}` } : {})([]),
  ],
  ['isDateString', stringRule({ format: 'date-time' })],
  ['isIso8601', stringRule({ format: 'date-time' })],
  ['isRFC3339', stringRule({ format: 'date-time' })],
  ['isLatitude', always({ asserted: { type: ['number', 'string'] } })],
  ['isLongitude', always({ asserted: { type: ['number', 'string'] } })],

  ['arrayNotEmpty', always({ type: 'array', asserted: { minItems: 1 } })],
  ['arrayMinSize', ([min]) => ({ type: 'array', asserted: isCount(min) ? { minItems: min } : undefined })],
  ['arrayMaxSize', ([max]) => ({ type: 'array', asserted: isCount(max) ? { maxItems: max } : undefined })],
  // class-validator compares objects by identity.
  ['arrayUnique', always({ type: 'array', described: { uniqueItems: true } })],
  ['arrayContains', always({ type: 'array' })],
  ['arrayNotContains', always({ type: 'array' })],
]);

function oneOf(values: unknown): RuleMeaning {
  // Not only arrays, because `@IsIn` accepts any argument, and then accepts every value.
  return Array.isArray(values) ? { asserted: { enum: values.filter(isJsonPrimitive) } } : {};
}

/** Excludes the reverse names of numeric enums, which class-validator accepts: `Colour[0]` is not a colour. */
function enumValues(enumeration: unknown): unknown {
  if (typeof enumeration !== 'object' || enumeration === null) return undefined;
  const members = enumeration as Record<string, unknown>;
  const isReverseName = (key: string): boolean =>
    String(Number(key)) === key && members[String(members[key])] === Number(key);
  return [
    ...new Set(
      Object.keys(members)
        .filter((key) => !isReverseName(key))
        .map((key) => members[key]),
    ),
  ];
}

function bound(keyword: 'minimum' | 'maximum', value: unknown): RuleMeaning {
  return { type: 'number', asserted: Number.isFinite(value) ? { [keyword]: value } : undefined };
}

/**
 * Only a minimum is certain, because class-validator counts a character with a variation selector once, JSON Schema
 * twice.
 */
function length(min: unknown, max: unknown): RuleMeaning {
  return {
    type: 'string',
    asserted: isCount(min) ? { minLength: min } : undefined,
    described: isCount(max) ? { maxLength: max } : undefined,
  };
}

/**
 * A `pattern` of JSON Schema is a Unicode pattern, and has no other flags. The check of a class interprets it without
 * flags, as class-validator does; `x-pattern` has the flags of the source.
 */
function matches(pattern: unknown, flags: unknown): RuleMeaning {
  const regexp = pattern instanceof RegExp ? pattern : undefined;
  const source = regexp?.source ?? (typeof pattern === 'string' ? pattern : undefined);
  const modifiers = regexp?.flags ?? (typeof flags === 'string' ? flags : '');
  if (source === undefined) return { type: 'string' };
  if (modifiers === '') return { type: 'string', asserted: { pattern: source } };
  const described = { 'x-pattern': `/${source}/${modifiers}` };
  return { type: 'string', described: modifiers === 'u' ? { ...described, pattern: source } : described };
}

const escaped = (part: string): string => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
const isCount = (value: unknown): value is number => Number.isInteger(value) && (value as number) >= 0;
const isPositiveInteger = (value: unknown): boolean => Number.isInteger(value) && (value as number) > 0;
const isJsonPrimitive = (value: unknown): boolean =>
  value === null || ['string', 'boolean'].includes(typeof value) || Number.isFinite(value);
