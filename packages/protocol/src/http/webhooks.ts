/** Bodies that an engine posts to the webhooks of a project. Times are RFC 3339 on our engine. */
import { Type, type Static } from '@sinclair/typebox';
import { OptionalNullable } from '../typebox';
import type { FailureDetailsView } from './failure-details';
import type { CompensationFailureKind, CompensationFailureView } from './compensation-failures';

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

interface CompensationWebhookFields {
  readonly event_id: string;
  readonly compensation_id: string;
  readonly project_id: string;
  readonly orchestration_id: string;
  readonly task_id: string;
  readonly service_id: string;
  readonly service_name: string;
  /** Kind of the record. */
  readonly status: CompensationFailureKind;
  readonly timestamp: string;
}

/** A record was added to the list for an operator. */
export interface CompensationFailedWebhook extends CompensationWebhookFields {
  readonly type: 'compensation.failed';
  readonly failure?: string;
  /** Our engine, if the service reported an error. */
  readonly failure_details?: FailureDetailsView;
  readonly compensation_data: CompensationFailureView['compensationData'];
  /** With status `partial`. */
  readonly completed?: readonly string[];
  readonly remaining?: readonly string[];
}

/** A late result resolved a record. Sent only to webhooks that were added through the API of our engine. */
export interface CompensationResolvedWebhook extends CompensationWebhookFields {
  readonly type: 'compensation.resolved';
  /** Such as `reverted late`. */
  readonly resolution: string;
}

export type CompensationWebhook = CompensationFailedWebhook | CompensationResolvedWebhook;

/** Header with the event's type. */
export const WEBHOOK_EVENT_HEADER = 'X-Orra-Event';
export const WEBHOOK_USER_AGENT = 'orra/1.0';
