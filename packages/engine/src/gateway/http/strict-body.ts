/** Bodies of our own routes, checked strictly: exact letter case, no null for absent members, nothing after the JSON. */
import type { Static, TSchema } from '@sinclair/typebox';
import { parseValue } from '@orra-ts/protocol';
import { JSON_MAX_DEPTH, isNestedTooDeep } from './json-depth';
import { WireFailure } from './wire-failure';

/** @throws WireFailure 400 that names the invalid member */
export function decodeStrictly<S extends TSchema>(schema: S, text: string): Static<S> {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch (error) {
    throw invalidMember('', `the body is not JSON: ${(error as Error).message}`);
  }
  if (isNestedTooDeep(text, body))
    throw invalidMember('', `the body is nested more than ${JSON_MAX_DEPTH} levels deep`);
  const parsed = parseValue(schema, body);
  if (parsed.ok) return parsed.value;
  const { path, message } = parsed.error;
  throw invalidMember(path, path === '' ? message : `${path}: ${message}`);
}

/** @param path JSON pointer; empty when the error concerns the whole body */
export const invalidMember = (path: string, message: string): WireFailure =>
  new WireFailure(400, { kind: 'input validation error', param: path.slice(1), message });
