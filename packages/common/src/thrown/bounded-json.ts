/** Encodes values of foreign code as JSON: never throws, and stops as soon as the result is too large or too deep. */
import { isError, memberOf } from './members';
import { shortened } from './shortened';

const MAX_DEPTH = 20;
/** Maximum bytes of a message of an error inside the value, and of a reason why the value has no JSON form. */
const MAX_MESSAGE_BYTES = 1024;

export type BoundedJson =
  { readonly ok: true; readonly json: string } | { readonly ok: false; readonly problem: string };

/**
 * Bigints become strings. An error inside the value is reduced to its name, code and message, because its other members,
 * such as the request of an HTTP client, may contain credentials.
 */
export function boundedJson(value: unknown, maxBytes: number): BoundedJson {
  let size = 0;
  const depths = new WeakMap<object, number>();
  function replace(this: object, key: string, encoded: unknown): unknown {
    // The value before its `toJSON`.
    const original = memberOf(this, key);
    const item = isError(original) ? reduced(original) : typeof encoded === 'bigint' ? String(encoded) : encoded;
    size += key.length + (typeof item === 'string' ? item.length : 1);
    if (size > maxBytes) throw new RangeError(`more than ${maxBytes} bytes`);
    if (typeof item === 'object' && item !== null) {
      const depth = (depths.get(this) ?? 0) + 1;
      if (depth > MAX_DEPTH) throw new RangeError(`nested more than ${MAX_DEPTH} levels deep`);
      depths.set(item, depth);
    }
    return item;
  }
  try {
    const json = JSON.stringify(value, replace) as string | undefined;
    if (json === undefined) return { ok: false, problem: 'no JSON form' };
    return new TextEncoder().encode(json).length > maxBytes
      ? { ok: false, problem: `more than ${maxBytes} bytes` }
      : { ok: true, json };
  } catch (error) {
    return { ok: false, problem: primitiveText(memberOf(error, 'message'))?.split('\n')[0] ?? 'no JSON form' };
  }
}

const reduced = (error: unknown): object => ({
  name: primitiveText(memberOf(error, 'name')),
  code: primitiveText(memberOf(error, 'code')),
  message: primitiveText(memberOf(error, 'message')),
});

const primitiveText = (value: unknown): string | undefined =>
  typeof value === 'string' || typeof value === 'number' ? shortened(String(value), MAX_MESSAGE_BYTES) : undefined;
