/** The waits and limits that decisions use. Times are in milliseconds; the defaults are those of the protocol. */
export interface DomainTimings {
  /** Timeout of one attempt of a task, unless its service or the submitter sets another one. @default 30000 */
  readonly taskTimeoutMs: number;
  /** Maximum counted attempts of one task. @default 5 */
  readonly taskMaxAttempts: number;
  /** Back-off before the second attempt, doubled for each further one. @default 2000 */
  readonly taskRetryBaseMs: number;
  /** @default 30000 */
  readonly taskRetryCapMs: number;
  /** How long a task waits for its service to connect before it fails. @default 1800000 (30 min) */
  readonly healthGraceMs: number;
  /** Maximum counted attempts of one compensation. @default 10 */
  readonly compensationMaxAttempts: number;
  /** Timeout of one attempt of a compensation. @default 30000 */
  readonly compensationTimeoutMs: number;
  /** @default 2000 */
  readonly compensationRetryBaseMs: number;
  /** @default 60000 */
  readonly compensationRetryCapMs: number;
  /** Share by which each back-off varies up and down, 0 to 1. @default 0.1 */
  readonly retryJitter: number;
  /** Maximum attempts to deliver one webhook message; with the defaults they span ten minutes. @default 5 */
  readonly webhookMaxAttempts: number;
  /** Back-off before the second attempt, doubled for each further one. @default 40000 */
  readonly webhookRetryBaseMs: number;
  /** @default 320000 */
  readonly webhookRetryCapMs: number;
  /** How long a late result of a finished orchestration is accepted, so that it can be compensated (E5). @default 86400000 (24 h) */
  readonly lateResultMs: number;
  /** After an orchestration ended badly: how long an open delivery is waited for beyond its limit (E10). @default 60000 */
  readonly doubtMs: number;
  /** Maximum time that a revert is held for another one that cannot proceed (E6). @default 300000 (5 min) */
  readonly compensationHoldMs: number;
  /** How long a running task waits to be claimed after a start of the engine (E12). @default 30000 */
  readonly claimWaitMs: number;
}
