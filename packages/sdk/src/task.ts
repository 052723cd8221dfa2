/**
 * What handlers and revert handlers are called with. Abstract classes, not interfaces: `import { Task }` in a decorated
 * signature must survive `isolatedModules` with `emitDecoratorMetadata` (TS1272), and swc with ESM.
 */
import type { Logger } from '@orra-ts/common';

/** Any object; these members are what the command line and the dashboard know how to draw. */
export interface ProgressUpdate {
  /** Percent, 0 to 100. */
  progress?: number;
  status?: string;
  message?: string;
  [member: string]: unknown;
}

/** One task of an orchestration, as its handler sees it. */
export abstract class Task<I = unknown> {
  /** Id within the plan, such as `task2`. */
  declare readonly id: string;
  /** New for every attempt. */
  declare readonly executionId: string;
  /** Validated, and an instance of the declared class. */
  declare readonly input: I;
  /** The same for every attempt of this task. Pass it to operations that must not happen twice. */
  declare readonly idempotencyKey: string;
  /** Counts from 1. On an engine that does not send it: how often this process has seen the key. */
  declare readonly attempt: number;
  /** True when an earlier run of this key was cut off by a crash (X3). */
  declare readonly interrupted: boolean;
  /** Aborted on timeout and when the application closes before the handler is done. */
  abstract readonly signal: AbortSignal;
  /** What the submitter attached (tenant, trace); empty on an engine that does not carry it. */
  abstract readonly metadata: Readonly<Record<string, string>>;
  /** Adds the ids of this task to every line. */
  abstract readonly logger: Logger;
  /**
   * Sends progress. Resolves when it is on its way, in order; the outcome waits for the last one (X5). An update over
   * the engine's limit is dropped with a warning (X6).
   */
  abstract pushUpdate(update: ProgressUpdate): Promise<void>;
  /**
   * Ends the orchestration on purpose; tasks completed before are compensated, this one is not. Throws, and is decided
   * at the call: a later return, throw or broad catch changes nothing. Write `return task.abort(...)`, which narrows.
   */
  abstract abort(payload?: unknown): never;
}

/** Why a task is reverted. */
export interface CompensationContext<P = unknown> {
  readonly reason: 'failed' | 'aborted' | (string & {});
  readonly orchestrationId: string;
  readonly timestamp: Date;
  /** What `abort` was called with, or the failure. */
  readonly payload?: P;
}

/** What a revert handler gets: what its handler was given and what it returned. */
export abstract class RevertSource<I = unknown, O = unknown> {
  declare readonly input: I;
  declare readonly output: O;
  declare readonly context: CompensationContext | undefined;
  /** The key of the compensation, the same for every attempt of it. */
  declare readonly idempotencyKey: string;
  declare readonly attempt: number;
  abstract readonly signal: AbortSignal;
}

/** What a revert came to. Returning nothing means completed; throwing means: try again. */
export class CompensationResult {
  private constructor(
    readonly status: 'completed' | 'partial' | 'failed',
    readonly partialResult?: { readonly completed: readonly string[]; readonly remaining: readonly string[] },
    readonly error?: unknown,
  ) {}

  static completed(): CompensationResult {
    return new CompensationResult('completed');
  }

  /** A part is undone; `remaining` names the rest for an operator. */
  static partial(partial: { completed: readonly string[]; remaining: readonly string[] }): CompensationResult {
    return new CompensationResult('partial', partial);
  }

  /** It cannot be undone: no further attempt, a person has to look at it (H3). */
  static failed(error: unknown): CompensationResult {
    return new CompensationResult('failed', undefined, error);
  }
}
