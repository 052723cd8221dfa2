import { isJsonObject } from '@orra-ts/protocol';

/** The error of an orchestration: a text, or an entry of the engine's log that holds one. */
export function errorMessage(error: unknown): string {
  if (typeof error === 'string') return error;
  const inner = isJsonObject(error) ? (error['error'] ?? error['message']) : undefined;
  return typeof inner === 'string' && inner !== '' ? inner : JSON.stringify(error);
}
