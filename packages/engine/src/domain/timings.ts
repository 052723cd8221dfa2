import type { ProjectId } from '@orra-ts/protocol';

/** The waits and bounds that decisions need; all can be set, the defaults are the protocol's. */
export interface DomainTimings {
  readonly taskTimeoutMs: number;
  readonly taskMaxAttempts: number;
  readonly taskRetryBaseMs: number;
  readonly taskRetryCapMs: number;
  readonly healthGraceMs: number;
  readonly compensationMaxAttempts: number;
  readonly compensationTimeoutMs: number;
  readonly compensationRetryBaseMs: number;
  readonly compensationRetryCapMs: number;
  /** Share by which waits between attempts vary up and down. */
  readonly retryJitter: number;
  /** Tries to deliver one webhook message. */
  readonly webhookMaxAttempts: number;
  readonly webhookRetryBaseMs: number;
  readonly webhookRetryCapMs: number;
  /** How long after an orchestration's end the result of a task that was under way is waited for. */
  readonly lateResultMs: number;
}

/** A service may ask for a later attempt; whoever asks for more than this is not waited for any longer (E8). */
export const MAX_RETRY_AFTER_MS = 24 * 60 * 60_000;

/**
 * Times that a service may go away during one attempt. Each time the attempt begins its time anew, so one that a task
 * makes crash, and that takes long to come back, would never use up its attempts (E8).
 */
export const MAX_PAUSES_PER_ATTEMPT = 20;

export const wentAwayTooOften = (pauses: number): string =>
  `its service went away ${pauses} times during this attempt; if it crashes, this task may be the cause`;

export type WebhookKind = 'orchestration' | 'compensation';

export interface WebhookTarget {
  /** Absent: it came with the project, and its messages are not signed. */
  readonly id?: string;
  readonly url: string;
}

/** Time, ids and randomness of one decision (E9). */
export interface DecisionContext {
  readonly now: number;
  /** When the engine started: attempts and pauses that were under way then begin their time anew, nobody could answer before. */
  readonly resumedAt: number;
  readonly timings: DomainTimings;
  /** Whether a service can be given work now. */
  readonly isAvailable: (serviceId: string) => boolean;
  /** A short random id for an event that an inspection shows. */
  readonly newId: () => string;
  /** Who is told of what. */
  readonly webhooksOf: (projectId: ProjectId, kind: WebhookKind) => readonly WebhookTarget[];
  readonly newExecutionId: () => string;
  readonly newCompensationExecutionId: () => string;
  /** `c_…`, of the record of a compensation that is given up. */
  readonly newFailureId: () => string;
  /** 0 to below 1. */
  readonly random: () => number;
}
