import { isJsonObject } from '@orra-ts/protocol';

/** Message of an orchestration's error, which is a string or an object that contains one. */
export function errorMessage(error: unknown): string {
  if (typeof error === 'string') return error;
  const inner = isJsonObject(error) ? (error['error'] ?? error['message']) : undefined;
  return typeof inner === 'string' && inner !== '' ? inner : JSON.stringify(error);
}
