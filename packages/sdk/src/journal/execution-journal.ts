/**
 * Where outcomes are kept so that one idempotency key runs once (X1 to X4). Every method may answer at once or with a
 * promise: the memory journal never makes one, since a promise a task costs more than the look-up.
 */

/** What a run came to, in the form in which it is sent: encoded once, re-sent as often as needed. */
export interface Outcome {
  readonly type: 'task_result' | 'task_abort_result';
  /** False for a failure that may be tried again: the next attempt runs the handler. */
  readonly final: boolean;
  readonly taskId: string;
  /** The attempt that produced this outcome. */
  readonly executionId: string;
  /** The payload's members from `result` on, as JSON without the braces. */
  readonly body: string;
}

export interface JournalRecord {
  /** Attempts begun, of this and of earlier processes. */
  readonly attempts: number;
  /** Outcome of the last attempt; absent when that has begun and no outcome is known. */
  readonly outcome: Outcome | undefined;
  readonly acknowledged: boolean;
}

/** The part of a journal that belongs to one service. */
export interface ServiceJournal {
  find(key: string): JournalRecord | undefined | Promise<JournalRecord | undefined>;
  /** The handler is about to run. */
  begin(key: string, attempt: number): void | Promise<void>;
  /** The outcome is safe when this returns or resolves (X2). */
  settle(key: string, outcome: Outcome): void | Promise<void>;
  /** The engine has it: the outcome is kept for duplicates, but not sent again by itself. */
  acknowledge(key: string): void;
  /** Outcomes of earlier processes that no engine has acknowledged (X3, X4). */
  unacknowledged(): Iterable<readonly [key: string, outcome: Outcome]>;
}

export interface JournalHealth {
  readonly kind: string;
  readonly entries: number;
  /** Estimated size of the outcomes and their keys. */
  readonly bytes: number;
}

/**
 * Port of the journal. `OrraFactory` opens it before the first connection and closes it after the last; a journal given
 * by the application belongs to one app at a time.
 */
export interface ExecutionJournal {
  open(): Promise<void>;
  /** @param name the service's name; a second call returns the same journal */
  service(name: string): ServiceJournal;
  health(): JournalHealth;
  close(): Promise<void>;
}
