/** What users may set on an engine, and what the code reads of it. Options are resolved once, here. */
import {
  COMPENSATION_MAX_ATTEMPTS,
  COMPENSATION_RETRY_BASE_MS,
  COMPENSATION_RETRY_CAP_MS,
  COMPENSATION_TIMEOUT_MS,
  DEFAULT_HEALTH_GRACE_MS,
  DEFAULT_TASK_TIMEOUT_MS,
  PING_INTERVAL_MS,
  PONG_WAIT_MS,
  RETRY_JITTER,
  TASK_MAX_ATTEMPTS,
  TASK_RETRY_BASE_MS,
  TASK_RETRY_CAP_MS,
} from '@orra-ts/protocol';

/** Every wait, bound and interval of the engine. Times in milliseconds. */
export interface EngineTimings {
  /** One attempt of a task, unless its service or the submitter says otherwise. @default 30000 */
  readonly taskTimeoutMs: number;
  /** Counted attempts of one task. @default 5 */
  readonly taskMaxAttempts: number;
  /** Wait before the second attempt, doubled for each further one. @default 2000 */
  readonly taskRetryBaseMs: number;
  /** @default 30000 */
  readonly taskRetryCapMs: number;
  /** How long a task waits for its service to be connected before it fails. @default 1800000 (30 min) */
  readonly healthGraceMs: number;
  /** @default 10 */
  readonly compensationMaxAttempts: number;
  /** One attempt of a compensation. @default 30000 */
  readonly compensationTimeoutMs: number;
  /** @default 2000 */
  readonly compensationRetryBaseMs: number;
  /** @default 60000 */
  readonly compensationRetryCapMs: number;
  /** Share by which retry waits are varied, 0 to 1. @default 0.1 */
  readonly retryJitter: number;
  /** Period of the JSON ping and the WebSocket ping. @default 54000 */
  readonly pingIntervalMs: number;
  /** A connection without a pong for this long is given up. @default 60000 */
  readonly pongWaitMs: number;
  /**
   * How long after its last connection was lost a service still counts as there: quick reconnects pause nothing, and the
   * work goes on with the connection that comes back. Also after the engine's own start. @default 2000
   */
  readonly disconnectGraceMs: number;
  /** How long a late result of a finished orchestration is still taken, so that it can be compensated (E5). @default 86400000 (24 h) */
  readonly lateResultMs: number;
}

/** The documented values. */
export const DEFAULT_TIMINGS: EngineTimings = {
  taskTimeoutMs: DEFAULT_TASK_TIMEOUT_MS,
  taskMaxAttempts: TASK_MAX_ATTEMPTS,
  taskRetryBaseMs: TASK_RETRY_BASE_MS,
  taskRetryCapMs: TASK_RETRY_CAP_MS,
  healthGraceMs: DEFAULT_HEALTH_GRACE_MS,
  compensationMaxAttempts: COMPENSATION_MAX_ATTEMPTS,
  compensationTimeoutMs: COMPENSATION_TIMEOUT_MS,
  compensationRetryBaseMs: COMPENSATION_RETRY_BASE_MS,
  compensationRetryCapMs: COMPENSATION_RETRY_CAP_MS,
  retryJitter: RETRY_JITTER,
  pingIntervalMs: PING_INTERVAL_MS,
  pongWaitMs: PONG_WAIT_MS,
  disconnectGraceMs: 2_000,
  lateResultMs: 24 * 60 * 60_000,
};
