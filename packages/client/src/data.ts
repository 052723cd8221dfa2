/** Data of an action in the wire format: `{ orderId: 'A-17' }` becomes `[{ field: 'orderId', value: 'A-17' }]`. */
import { describeThrown } from '@orra-ts/common';
import type { DataField } from '@orra-ts/protocol';
import { OrraInvalidRequestError } from './errors';

/**
 * Copies the values, so that later changes to `values` have no effect. As in JSON, undefined members are omitted at every
 * depth, and a `Date` becomes its ISO string.
 *
 * @throws OrraInvalidRequestError when JSON cannot express a value: a function, symbol, bigint, NaN, infinity or cycle
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
    return JSON.parse(JSON.stringify(value, rejectNonJson));
  } catch (cause) {
    throw new OrraInvalidRequestError(`with(): \`${field}\` cannot be sent as JSON: ${describeThrown(cause)}`, {
      cause,
      details: { field },
    });
  }
}

/** `JSON.stringify` would silently omit functions and symbols, and write null for NaN and infinities. */
function rejectNonJson(member: string, value: unknown): unknown {
  const where = member === '' ? '' : ` (at \`${member}\`)`;
  if (typeof value === 'function' || typeof value === 'symbol')
    throw new TypeError(`it contains a ${typeof value}${where}`);
  if (typeof value === 'number' && !Number.isFinite(value)) throw new TypeError(`it contains ${value}${where}`);
  return value;
}
