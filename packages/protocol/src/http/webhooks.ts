/** What an engine posts to the webhooks of a project. Times are RFC 3339 on our engine. */
import { Type, type Static } from '@sinclair/typebox';
import { OptionalNullable } from '../typebox';
import type { CompensationFailureView } from './compensation-failures';

/** Body of `POST /webhooks` and `POST /compensation-failure-webhooks`. */
export const WebhookSchema = Type.Object({ url: OptionalNullable(Type.String()) }, { $id: 'Webhook' });
export type WebhookBody = Static<typeof WebhookSchema>;

/** Response of both. Only our engine has the secret, and it shows the secret only here. */
export const WebhookAddedSchema = Type.Object({ url: Type.String(), secret: Type.String() }, { $id: 'WebhookAdded' });

export type OrchestrationWebhookType =
  'orchestration.completed' | 'orchestration.failed' | 'orchestration.aborted' | 'orchestration.cancelled';

export interface OrchestrationWebhook {
  /** The same for every attempt: receivers deduplicate on it. */
  readonly event_id: string;
  readonly type: OrchestrationWebhookType;
  readonly project_id: string;
  readonly orchestration_id: string;
  readonly status: string;
  readonly timestamp: string;
  readonly results?: readonly unknown[];
  readonly error?: unknown;
  readonly abort_reason?: unknown;
}

export interface CompensationWebhook {
  readonly event_id: string;
  readonly type: 'compensation.failed';
  readonly compensation_id: string;
  readonly project_id: string;
  readonly orchestration_id: string;
  readonly task_id: string;
  readonly service_id: string;
  readonly service_name: string;
  readonly status: 'failed' | 'expired';
  readonly failure?: string;
  readonly compensation_data: CompensationFailureView['compensationData'];
  readonly timestamp: string;
}

/** Header with the event's type. */
export const WEBHOOK_EVENT_HEADER = 'X-Orra-Event';
export const WEBHOOK_USER_AGENT = 'orra/1.0';
