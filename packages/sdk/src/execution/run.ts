/** One request from its arrival until its outcome is on its way, and what its runner needs. */
import type { Clock, Logger } from '@orra-ts/common';
import type { CompensationRequest, TaskRequest } from '@orra-ts/protocol';
import type { ServiceDefinition } from '../definition/service-definition';
import type { Outcome, ServiceJournal } from '../journal/execution-journal';
import type { ResolvedCapabilities } from '../outbox/resolved-capabilities';
import type { Outbox } from '../outbox/outbox';
import type { UpdateTracker } from '../outbox/update-tracker';

export interface ExecutorContext {
  readonly definition: ServiceDefinition;
  /** The object behind the class, made before the first task; undefined for function services. */
  readonly instance: unknown;
  readonly journal: ServiceJournal;
  readonly outbox: Outbox;
  readonly clock: Clock;
  readonly logger: Logger;
  capabilities(): ResolvedCapabilities;
}

/** One request from its arrival until its outcome is on its way. */
export interface Run {
  readonly request: TaskRequest | CompensationRequest;
  attempt: number;
  /** An earlier process began this key and left no outcome (X3). */
  interrupted: boolean;
  /** What is at work, once it is: L3 cuts it off at the end of the grace. */
  task: { cut(reason: Error): void } | undefined;
  /** Updates that its outcome has to wait for. */
  updates: UpdateTracker | undefined;
}

/** What a runner gives back; undefined: cut off by the closing of the app, nothing to report. */
export type Settle = (run: Run, outcome: Outcome | undefined) => void;
