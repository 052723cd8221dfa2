/** Data of an action in the wire format: `{ orderId: 'A-17' }` becomes `[{ field: 'orderId', value: 'A-17' }]`. */
import { describeThrown, encodeStrictJson } from '@orra-ts/common';
import type { DataField } from '@orra-ts/protocol';
import { OrraInvalidRequestError } from './errors';

/**
 * Copies the values, so that later changes to `values` have no effect. As in JSON, undefined members are omitted at every
 * depth, and a `Date` becomes its ISO string.
 *
 * @throws OrraInvalidRequestError when JSON cannot express a value: a function, symbol, bigint, NaN, infinity,
 *   Map, Set, Error, Promise, invalid date or cycle
 */
export function toDataFields(values: object): DataField[] {
  if (Array.isArray(values)) {
    throw new OrraInvalidRequestError(
      'with(): must be an object whose members are the fields of the action, not an array',
    );
  }
  const fields: DataField[] = [];
  for (const [field, value] of Object.entries(values)) {
    if (value === undefined) continue;
    fields.push({ field, value: snapshot(field, value) });
  }
  return fields;
}

function snapshot(field: string, value: unknown): unknown {
  try {
    return JSON.parse(encodeStrictJson(value) ?? 'null');
  } catch (cause) {
    throw new OrraInvalidRequestError(`with(): \`${field}\` cannot be sent as JSON: ${describeThrown(cause)}`, {
      cause,
      details: { field },
    });
  }
}
