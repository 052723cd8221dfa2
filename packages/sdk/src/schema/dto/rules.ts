/**
 * What each class-validator rule means for a JSON Schema. `asserted` holds for every value that passes the rule, so a
 * check by it is never stricter than class-validator; `described` is near enough to tell a planner, or to be the only
 * check where class-validator is left out, but has edges (noted) where the two disagree.
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

/** Rules that only texts pass and that JSON Schema has no word for. */
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
  // The instance may have members that the JSON lacks: its constructor's defaults.
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
  // Not only arrays: `@IsIn` takes anything, and then lets everything pass.
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

/** class-validator counts a character with its variation selector once, JSON Schema twice: so only a minimum is sure. */
function length(min: unknown, max: unknown): RuleMeaning {
  return {
    type: 'string',
    asserted: isCount(min) ? { minLength: min } : undefined,
    described: isCount(max) ? { maxLength: max } : undefined,
  };
}

/** JSON Schema has no flags: a pattern that needs them is told in words. */
function matches(pattern: unknown, flags: unknown): RuleMeaning {
  const regexp = pattern instanceof RegExp ? pattern : undefined;
  const source = regexp?.source ?? (typeof pattern === 'string' ? pattern : undefined);
  const modifiers = regexp?.flags ?? (typeof flags === 'string' ? flags : '');
  if (source === undefined) return { type: 'string' };
  return modifiers === ''
    ? { type: 'string', asserted: { pattern: source } }
    : { type: 'string', described: { 'x-pattern': `/${source}/${modifiers}` } };
}

const escaped = (part: string): string => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
const isCount = (value: unknown): value is number => Number.isInteger(value) && (value as number) >= 0;
const isPositiveInteger = (value: unknown): boolean => Number.isInteger(value) && (value as number) > 0;
const isJsonPrimitive = (value: unknown): boolean =>
  value === null || ['string', 'boolean'].includes(typeof value) || Number.isFinite(value);
