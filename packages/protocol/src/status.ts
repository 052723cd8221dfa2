/** Status strings of the wire: protocol page, section 5.3. */

/** Where an orchestration stands. */
export type OrchestrationStatus =
  /** Accepted, its plan is being made. */
  | 'pending'
  /** Its tasks run. */
  | 'processing'
  /** Every task has an output. */
  | 'completed'
  /** A task gave up, or the plan could not be made. */
  | 'failed'
  /** A service ended it on purpose, with a payload. */
  | 'aborted'
  /** The planner found that the services at hand cannot do it. */
  | 'not_actionable'
  /** Ended from outside. */
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

/** Where a task of an orchestration stands. */
export type TaskStatus =
  /** Nothing has happened yet: its inputs are not complete. */
  | 'registered'
  /** Sent to its service. */
  | 'processing'
  /** Waits for its service to be connected again. */
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

/** Where the compensation of one task stands. */
export type CompensationStatus =
  /** To be done, no attempt made yet. */
  | 'pending'
  /** An attempt is under way, or the next one is waited for. */
  | 'processing'
  | 'completed'
  /** The service undid a part and named the rest. */
  | 'partial'
  /** Given up: a person has to look at it. */
  | 'failed'
  /** Its time to live was over before it could be done. */
  | 'expired';

export const COMPENSATION_STATUSES: readonly CompensationStatus[] = [
  'pending',
  'processing',
  'completed',
  'partial',
  'failed',
  'expired',
];

/** Statuses from which an orchestration never moves again (E5). */
export const isTerminalStatus = (status: OrchestrationStatus): boolean =>
  status !== 'pending' && status !== 'processing';
