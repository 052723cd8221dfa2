/** The members of messages that the rules read. */
export interface WireMessage {
  readonly type: string;
  readonly id?: string;
  readonly idempotencyKey?: string;
  readonly executionId?: string;
  readonly serviceId?: string;
  readonly orchestrationId?: string;
  readonly compensationContext?: { readonly orchestrationId: string } | null;
  readonly inDoubt?: boolean;
  readonly input?: unknown;
  readonly status?: string;
  readonly result?: unknown;
  readonly error?: unknown;
  readonly failure?: { readonly retryable?: boolean; readonly effect?: string } | null;
}

export interface Envelope {
  readonly id: string;
  readonly payload: WireMessage;
}

export const isSuccess = ({ type, result, error }: WireMessage): boolean =>
  type === 'task_result' && result != null && error == null;
