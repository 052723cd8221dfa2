/** Status strings of the wire: `docs/protocol.md#transitions`. */

/** Status of an orchestration. */
export type OrchestrationStatus =
  /** Accepted; planning has not finished. */
  | 'pending'
  /** Its plan is valid and its tasks run. */
  | 'processing'
  /** Every task has an output. */
  | 'completed'
  /** A task failed finally, or planning failed. */
  | 'failed'
  /** A service aborted it, with a payload. */
  | 'aborted'
  /** The planner found that the registered services cannot do it. */
  | 'not_actionable'
  /** A client cancelled it. */
  | 'cancelled';

export const ORCHESTRATION_STATUSES: readonly OrchestrationStatus[] = [
  'pending',
  'processing',
  'completed',
  'failed',
  'aborted',
  'not_actionable',
  'cancelled',
];

/** Status of a task. */
export type TaskStatus =
  /** Not started: its inputs are not complete. */
  | 'registered'
  /** An attempt was sent to its service. */
  | 'processing'
  /** Its service is disconnected; the task waits for it. */
  | 'paused'
  | 'completed'
  /** An attempt failed; the newest event says whether it is the last one. */
  | 'failed'
  | 'aborted'
  /** The orchestration ended before this task did. */
  | 'cancelled';

export const TASK_STATUSES: readonly TaskStatus[] = [
  'registered',
  'processing',
  'paused',
  'completed',
  'failed',
  'aborted',
  'cancelled',
];

/** Status of the compensation of one task. */
export type CompensationStatus =
  /** No attempt has started yet. */
  | 'pending'
  /** An attempt runs, or the next one waits for its back-off. */
  | 'processing'
  | 'completed'
  /** The service reverted a part and named the rest. */
  | 'partial'
  /** Given up: an operator has to resolve it. */
  | 'failed'
  /** Its time to live passed before it was completed. */
  | 'expired';

export const COMPENSATION_STATUSES: readonly CompensationStatus[] = [
  'pending',
  'processing',
  'completed',
  'partial',
  'failed',
  'expired',
];

/** Whether the status is final: the orchestration never changes it again (E5). */
export const isTerminalStatus = (status: OrchestrationStatus): boolean =>
  status !== 'pending' && status !== 'processing';
