/**
 * Builds a message's text around a body that is encoded already: the journal keeps that body, and a re-send after the
 * service got another id must not encode it again. `parseServiceMessage` of the protocol reads what this writes.
 */
export interface OutboundMessage {
  readonly type: 'task_result' | 'task_abort_result' | 'task_interim_result' | 'task_status';
  readonly taskId: string;
  readonly executionId: string;
  readonly key: string;
  /** Further members of the payload, as JSON without the braces. */
  readonly body: string;
}

/** Ids as engines make them need no escape; anything else takes the slow way. */
const PLAIN = /^[\w.:-]*$/;
export const quote = (text: string): string => (PLAIN.test(text) ? `"${text}"` : JSON.stringify(text));

/** @param id the wrapper's id, plain */
export function encodeEnvelope(id: string, message: OutboundMessage, quotedServiceId: string): string {
  const { type, taskId, executionId, key, body } = message;
  return `{"id":"${id}","payload":{"type":"${type}","taskId":${quote(taskId)},"executionId":${quote(executionId)},"serviceId":${quotedServiceId},"idempotencyKey":${quote(key)},${body}}}`;
}

/** True when the text takes more than `limit` bytes in UTF-8; counts them only where the length leaves it open. */
export function exceedsBytes(text: string, limit: number): boolean {
  if (text.length > limit) return true;
  return text.length * 3 > limit && Buffer.byteLength(text) > limit;
}
