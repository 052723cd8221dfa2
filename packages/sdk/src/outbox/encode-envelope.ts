/**
 * Builds a message as a string around an encoded body. The journal stores the body, so that a message can be sent again
 * with another service id without encoding the body again. `wire-messages.spec.ts` parses every message that the SDK
 * builds.
 */
import { PONG_MESSAGE_ID } from '@orra-ts/protocol';

export interface OutboundMessage {
  readonly type: 'task_result' | 'task_abort_result' | 'task_interim_result' | 'task_status';
  readonly taskId: string;
  readonly executionId: string;
  readonly key: string;
  /** Further members of the payload, as JSON without the braces. */
  readonly body: string;
}

/** Ids created by engines need no escaping; other ids use the slow path. */
const NEEDS_NO_ESCAPE = /^[\w.:-]*$/;
export const quoteJson = (text: string): string => (NEEDS_NO_ESCAPE.test(text) ? `"${text}"` : JSON.stringify(text));

/** @param id unescaped id of the wrapper */
export function encodeEnvelope(id: string, message: OutboundMessage, quotedServiceId: string): string {
  const { type, taskId, executionId, key, body } = message;
  return `{"id":"${id}","payload":{"type":"${type}","taskId":${quoteJson(taskId)},"executionId":${quoteJson(executionId)},"serviceId":${quotedServiceId},"idempotencyKey":${quoteJson(key)},${body}}}`;
}

/** Reply to a ping. It has no task, so nothing acknowledges it. */
export const encodePong = (serviceId: string): string =>
  `{"id":"${PONG_MESSAGE_ID}","payload":{"type":"pong","serviceId":${quoteJson(serviceId)}}}`;

/** True if the string has more than `limit` bytes in UTF-8. Counts the bytes only if the length does not decide it. */
export function exceedsBytes(text: string, limit: number): boolean {
  if (text.length > limit) return true;
  return text.length * 3 > limit && Buffer.byteLength(text) > limit;
}
