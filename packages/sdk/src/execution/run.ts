/** A run: one request from its arrival until its outcome is sent, and the context of its runner. */
import type { Clock, Logger } from '@orra-ts/common';
import type { CompensationRequest, TaskRequest } from '@orra-ts/protocol';
import type { ServiceDefinition } from '../definition/service-definition';
import type { Outcome, ServiceJournal } from '../journal/execution-journal';
import type { ResolvedCapabilities } from '../outbox/resolved-capabilities';
import type { Outbox } from '../outbox/outbox';
import type { UpdateTracker } from '../outbox/update-tracker';
import type { RequestSecrets } from './request-secrets';

export interface ExecutorContext {
  readonly definition: ServiceDefinition;
  /** Instance of the service class, created before the first task; undefined for function services. */
  readonly instance: unknown;
  readonly journal: ServiceJournal;
  readonly outbox: Outbox;
  readonly clock: Clock;
  /** Masks sensitive values. */
  readonly logger: Logger;
  readonly secrets: RequestSecrets;
  /** Option `handlerGrace`. */
  readonly handlerGraceMs: number | undefined;
  capabilities(): ResolvedCapabilities;
}

/** One request from its arrival until its outcome is sent. */
export interface Run {
  readonly request: TaskRequest | CompensationRequest;
  /** That of the newest request: a duplicate joins the run, and the outcome belongs to it. */
  executionId: string;
  attempt: number;
  /**
   * Why an earlier run of this key may have had an effect: its process crashed and stored no outcome (X3), or it failed
   * and its effect is unknown (E10).
   */
  doubt: 'crashed' | 'failed' | undefined;
  /** The engine cancelled the task before its handler started: it does not start any more. */
  cancelled: boolean;
  /** What runs, once it runs. */
  task: Stoppable | undefined;
  /** Updates that must be acknowledged before the outcome is sent. */
  updates: UpdateTracker | undefined;
  /** Counts against `concurrency`. */
  holdsSlot: boolean;
  startedAt: number;
  /** When it is overdue; `Infinity` before it has a slot and after it has ended. */
  dueAt: number;
  /** It did not end in time, and its slot is free again. */
  overdue: boolean;
}

/** Runs the requests of one type. */
export interface Runner {
  run(run: Run): void;
  /** Maximum duration of a run in milliseconds. */
  limitMs(request: Run['request']): number;
  /** The run is overdue. A task that its handler has aborted ends now. */
  overdue?(run: Run): void;
}

export interface Stoppable {
  /** L3: the grace period is over, nothing is reported. */
  cut(reason: Error): void;
  /** E10, of a handler: the engine does not need the task any more. Its outcome is reported. */
  cancel?(): void;
}

/** The outcome of a runner; undefined if the close of the application stopped the run, which is not reported. */
export type Settle = (run: Run, outcome: Outcome | undefined) => void;
