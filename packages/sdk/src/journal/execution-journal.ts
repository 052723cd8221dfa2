/**
 * Stores outcomes so that an idempotency key runs once (X1 to X4). Every method may return its result or a promise. The
 * memory journal never creates a promise, because a promise per task costs more than the look-up.
 */

/** The outcome of a run, as it is sent: encoded once, and sent again as often as needed. */
export interface Outcome {
  readonly type: 'task_result' | 'task_abort_result';
  /** False for a retryable failure; the next attempt runs the handler again. */
  readonly final: boolean;
  readonly taskId: string;
  /** The attempt that produced this outcome. */
  readonly executionId: string;
  /** The payload's members from `result` on, as JSON without the braces. */
  readonly body: string;
}

/** The state of a fenced key without an outcome. */
export type FenceStatus =
  /** Its handler has not started. */
  | 'not_started'
  /** A process that crashed had started its handler. */
  | 'interrupted';

export interface JournalRecord {
  /** Attempts begun in this and earlier processes. */
  readonly attempts: number;
  /** Outcome of the last attempt; absent while it runs or if it was interrupted. */
  readonly outcome: Outcome | undefined;
  readonly acknowledged: boolean;
  /** Set by `fence`: no request starts this key. */
  readonly fence: FenceStatus | undefined;
}

/** The journal of one service. */
export interface ServiceJournal {
  find(key: string): JournalRecord | undefined | Promise<JournalRecord | undefined>;
  /** The handler is about to run. */
  begin(key: string, attempt: number): void | Promise<void>;
  /** The outcome is durable when this returns or resolves (X2). */
  settle(key: string, outcome: Outcome): void | Promise<void>;
  /**
   * No later request starts this key (E10, X7), whether or not it has a record. Safe when this returns or resolves, and
   * kept as long as an outcome. A handler that runs already still settles.
   */
  fence(key: string, status: FenceStatus): void | Promise<void>;
  /** The engine has acknowledged the outcome. It is kept for duplicates, but not sent again otherwise. */
  acknowledge(key: string): void;
  /** Outcomes of earlier processes that no engine has acknowledged (X3, X4). */
  unacknowledged(): Iterable<readonly [key: string, outcome: Outcome]>;
}

export interface JournalHealth {
  readonly kind: string;
  readonly entries: number;
  /** Estimated size of the outcomes and their keys. */
  readonly bytes: number;
  /** Size of the files, of a journal that has files. */
  readonly diskBytes?: number;
  /** Parts of the files of earlier processes that could not be read. A line that a crash cut off does not count. */
  readonly damagedParts?: number;
  /** Set while the journal has trouble with its storage. The application is `degraded` meanwhile. */
  readonly failure?: JournalFailure | undefined;
}

export interface JournalFailure {
  /** Outcomes and fences that only memory has. They are lost if the process ends before they can be stored. */
  readonly unsaved: number;
  /** The last error. */
  readonly error: string;
  readonly since: Date;
}

/**
 * Port of the journal. The application opens it before the first connection and closes it after the last. A custom
 * journal belongs to one application at a time.
 */
export interface ExecutionJournal {
  open(): Promise<void>;
  /** @param name the service's name; a second call returns the same journal */
  service(name: string): ServiceJournal;
  health(): JournalHealth;
  close(): Promise<void>;
}
