/** Describes a schema for a model: every field with its type, its bounds and its description. */
import { allowsAnyType, isJsonObject, specTypes, type Spec } from '@orra-ts/protocol';
import { excerpt } from '../../domain/excerpt';

/** Deeper members are omitted. */
const MAX_DEPTH = 6;
const MAX_DESCRIPTION_LENGTH = 300;
/** Maximum number of members or items that are inspected to describe the type of a value. */
const MAX_LOOKED_AT = 100;

/** Returns lines such as `- quantity: integer, at least 1, required. How many to hold`; nested members are indented. */
export function describeFields(spec: Spec, side: 'input' | 'output', indent = ''): string[] {
  if (indent.length / 2 >= MAX_DEPTH) return [];
  return Object.entries(spec.properties ?? {}).flatMap(([name, property]) => {
    const need = side === 'input' && (spec.required ?? []).includes(name) ? ', required' : '';
    const optional = side === 'output' && spec.required && !spec.required.includes(name) ? ', may be missing' : '';
    const meaning = property.description ? `. ${oneLine(property.description)}` : '';
    return [
      `${indent}- ${plainName(name)}: ${typeText(property)}${need}${optional}${meaning}`,
      ...describeFields(memberSpecOf(property), side, `${indent}  `),
    ];
  });
}

/** For an array of objects, describes the members of its items. */
const memberSpecOf = (spec: Spec): Spec => (spec.type === 'array' && spec.items ? memberSpecOf(spec.items) : spec);

function typeText(spec: Spec): string {
  const type = specTypes(spec)
    .map((name) => (name === 'array' && spec.items ? `array of ${typeText(spec.items)}` : name))
    .join(' or ');
  const rules: string[] = [];
  const allowed = Array.isArray(spec['enum']) ? spec['enum'] : 'const' in spec ? [spec['const']] : undefined;
  if (allowed) rules.push(`one of ${excerpt(JSON.stringify(allowed), 400)}`);
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, format } = spec;
  if (typeof minimum === 'number') rules.push(`at least ${minimum}`);
  if (typeof maximum === 'number') rules.push(`at most ${maximum}`);
  if (typeof exclusiveMinimum === 'number') rules.push(`above ${exclusiveMinimum}`);
  if (typeof exclusiveMaximum === 'number') rules.push(`below ${exclusiveMaximum}`);
  if (format) rules.push(`format ${oneLine(format)}`);
  if (spec.nullable === true && type !== '' && !allowsAnyType(spec)) rules.push('or null');
  return [allowsAnyType(spec) ? 'any value' : type || 'null', ...rules].join(', ');
}

/** Describes the type of a value without the value. */
export function typeOfValue(value: unknown, depth = 0): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) {
    const items = [...new Set(value.slice(0, MAX_LOOKED_AT).map((item) => typeOfValue(item, depth + 1)))];
    return items.length === 0 ? 'array' : `array of ${items.slice(0, 3).join(' or ')}`;
  }
  if (isJsonObject(value)) {
    const names = Object.keys(value);
    // Many member names, or names that do not look like identifiers, are data rather than structure and may be secret.
    if (depth >= MAX_DEPTH || names.length > MAX_LOOKED_AT || !names.every(isName)) return 'object';
    const members = names.map((name) => `${name}: ${typeOfValue(value[name], depth + 1)}`);
    return `object {${members.sort().join(', ')}}`;
  }
  return typeof value === 'number' && Number.isInteger(value) ? 'integer' : typeof value;
}

const isName = (name: string): boolean => /^[\p{L}_][\p{L}\p{N}_-]{0,63}$/u.test(name);
/** Services name their fields freely, and a name must not look like a line of the prompt. */
const plainName = (name: string): string => (isName(name) ? name : JSON.stringify(name));

export const oneLine = (text: string): string => excerpt(text.replace(/\s+/g, ' ').trim(), MAX_DESCRIPTION_LENGTH);
