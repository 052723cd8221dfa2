/**
 * The event stream of our engine (server-sent events): `GET /orchestrations/{id}/events` for one orchestration, `GET /events`
 * for a project. The `id` of each is a position: a stream that is asked for with `Last-Event-ID` goes on behind it.
 */
import type { CompensationStatus, OrchestrationStatus, TaskStatus } from '../status';

export type StreamEvent =
  | {
      readonly type: `orchestration.${OrchestrationStatus}`;
      readonly orchestrationId: string;
      /** RFC 3339. */
      readonly timestamp: string;
      readonly action?: string;
      readonly results?: readonly unknown[];
      readonly error?: unknown;
      readonly abortReason?: unknown;
    }
  | {
      readonly type: `task.${TaskStatus}`;
      readonly orchestrationId: string;
      readonly timestamp: string;
      readonly taskId: string;
      readonly serviceName: string;
      readonly attempt?: number;
      readonly error?: string;
      /** When the next attempt begins; absent with an error: it was the last. */
      readonly retryAt?: string;
    }
  | {
      readonly type: 'task.update';
      readonly orchestrationId: string;
      readonly timestamp: string;
      readonly taskId: string;
      readonly serviceName: string;
      readonly data: unknown;
    }
  | {
      readonly type: `compensation.${CompensationStatus}`;
      readonly orchestrationId: string;
      readonly timestamp: string;
      readonly taskId: string;
      readonly serviceName: string;
      readonly attempt?: number;
      readonly error?: string;
    };

/** Answer of `POST /orchestrations/{id}/tokens`: lets a browser follow one orchestration without the project's key. */
export interface ReadToken {
  readonly token: string;
  readonly expiresAt: string;
}

/** How long a read token is good. */
export const READ_TOKEN_TTL_MS = 15 * 60_000;
