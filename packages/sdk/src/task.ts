/**
 * The arguments of handlers and revert handlers. Abstract classes, not interfaces: `import { Task }` in a decorated
 * signature must compile with `isolatedModules` and `emitDecoratorMetadata` (TS1272), and with swc and ESM.
 */
import type { Logger } from '@orra-ts/common';

/** Any object. The command line displays these members. */
export interface ProgressUpdate {
  /** Percent, 0 to 100. */
  progress?: number;
  status?: string;
  message?: string;
  [member: string]: unknown;
}

/** One task of an orchestration, for its handler. */
export abstract class Task<I = unknown> {
  /** Id within the plan, such as `task2`. */
  declare readonly id: string;
  /** New for every attempt. */
  declare readonly executionId: string;
  /** Validated, and an instance of the declared class. */
  declare readonly input: I;
  /** The same for every attempt of this task. Pass it to operations that must not happen twice. */
  declare readonly idempotencyKey: string;
  /** Number of the attempt, starting at 1. On an engine that does not send it, the number of requests for this key. */
  declare readonly attempt: number;
  /** True if an earlier run of this key may have had an effect: a crash cut it off (X3), or its outcome is unknown (E12). */
  declare readonly interrupted: boolean;
  /**
   * Aborted on timeout, when the application closes before the handler ends, and with the reason `'cancelled'` when the
   * engine does not need the task any more. An error thrown after that states nothing about the effect of the task (E10).
   */
  abstract readonly signal: AbortSignal;
  /** Metadata of the submission (tenant, trace); empty on an engine that does not support it. */
  abstract readonly metadata: Readonly<Record<string, string>>;
  /** Logger that adds the ids of this task to every line. */
  abstract readonly logger: Logger;
  /**
   * Sends a progress update. Resolves when the update is queued; order is kept, and the outcome waits for the last one
   * (X5). An update over the engine's limit is dropped with a warning (X6).
   */
  abstract pushUpdate(update: ProgressUpdate): Promise<void>;
  /**
   * Aborts the orchestration. Tasks that completed before are compensated, this task is not. Always throws; the abort
   * is final at the call, and a later return, throw or catch has no effect. Write `return task.abort(...)`, so that the
   * compiler narrows types.
   */
  abstract abort(payload?: unknown): never;
}

/** Why a task is reverted. */
export interface CompensationContext<P = unknown> {
  readonly reason: 'failed' | 'aborted' | (string & {});
  readonly orchestrationId: string;
  readonly timestamp: Date;
  /** The payload of `abort`, or the failure. */
  readonly payload?: P;
}

/** The parts that a partial revert has reverted, and the parts that remain. */
export interface PartialRevert {
  readonly completed: readonly string[];
  readonly remaining: readonly string[];
}

/** The argument of a revert handler: the input and output of its handler. */
export abstract class RevertSource<I = unknown, O = unknown> {
  declare readonly input: I;
  /** Undefined where `outcome` is not `completed`, which only a revert handler with the option `also` receives. */
  declare readonly output: O;
  /**
   * `completed`: the handler returned `output`. `failed`: it failed, and may have done a part of its work. `unknown`:
   * no response arrived, or its output was rejected; look up by `taskKey` what it did.
   */
  declare readonly outcome: 'completed' | 'failed' | 'unknown';
  /**
   * `task.idempotencyKey` of the handler: under this key, the external system knows what it did. Empty if an SDK that
   * does not store the key completed the task.
   */
  declare readonly taskKey: string;
  /** What an earlier round of this revert returned as partial, when an operator retries it. */
  declare readonly previous: PartialRevert | undefined;
  declare readonly context: CompensationContext | undefined;
  /** The key of the compensation, the same for every attempt of it. */
  declare readonly idempotencyKey: string;
  declare readonly attempt: number;
  abstract readonly signal: AbortSignal;
}

/** The result of a revert. A revert that returns nothing is completed; one that throws is retried. */
export class CompensationResult {
  private constructor(
    readonly status: 'completed' | 'partial' | 'failed',
    readonly partialResult?: PartialRevert,
    readonly error?: unknown,
  ) {}

  static completed(): CompensationResult {
    return new CompensationResult('completed');
  }

  /** A part is reverted; `remaining` names the rest for an operator. */
  static partial(partial: PartialRevert): CompensationResult {
    return new CompensationResult('partial', partial);
  }

  /** The revert is impossible. It is not retried, and an operator has to resolve it (H3). */
  static failed(error: unknown): CompensationResult {
    return new CompensationResult('failed', undefined, error);
  }
}
