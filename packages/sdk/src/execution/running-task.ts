/** One run of a handler: the `Task` that the handler gets, with members for the executor. */
import { describeThrown, encodeStrictJson, type Clock, type Logger, type Timer } from '@orra-ts/common';
import type { TaskRequest } from '@orra-ts/protocol';
import { sdkError } from '../errors';
import { MAX_OPEN_UPDATES, type UpdateTracker } from '../outbox/update-tracker';
import { escapedAborts } from './escaped-aborts';
import { Task, type ProgressUpdate } from '../task';
import { unlimitedController } from './unlimited-controller';

/** Functions of the executor that a task uses. */
export interface TaskHost {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Maximum duration in milliseconds; undefined without a known limit. */
  timeoutMs(request: TaskRequest): number | undefined;
  /** False if the task should wait until some of its updates are acknowledged. */
  sendUpdate(task: RunningTask, update: ProgressUpdate): boolean;
}

const RESOLVED = Promise.resolve();
const NO_METADATA: Readonly<Record<string, string>> = Object.freeze({});

export class RunningTask extends Task {
  override readonly id: string;
  override readonly executionId: string;
  override readonly idempotencyKey: string;
  override readonly attempt: number;
  override readonly interrupted: boolean;
  override input: unknown = undefined;

  /** @internal The payload of `abort`, encoded at the call. The abort is final from then on. */
  aborted: string | undefined;
  /** @internal The request as JSON, for a later revert; set for revertible services. */
  encodedRequest: string | undefined;
  /** @internal Created with the first update. */
  updates: UpdateTracker | undefined;
  /** @internal The application closes and no longer waits for this handler. */
  cutOff = false;

  private stopped: unknown;
  private controller: AbortController | undefined;
  private timer: Timer | undefined;
  private ownLogger: Logger | undefined;
  private readonly startedAt: number;
  private over = false;
  private warnedOfAbort = false;

  constructor(
    readonly request: TaskRequest,
    attempt: number,
    interrupted: boolean,
    private readonly host: TaskHost,
  ) {
    super();
    this.id = request.id;
    this.executionId = request.executionId;
    this.idempotencyKey = request.idempotencyKey;
    this.attempt = attempt;
    this.interrupted = interrupted;
    this.startedAt = host.clock.now();
  }

  get metadata(): Readonly<Record<string, string>> {
    return this.request.metadata ?? NO_METADATA;
  }

  /** Created on first access, with its timer, because most handlers never use it. */
  get signal(): AbortSignal {
    if (!this.controller) {
      this.controller = unlimitedController();
      if (this.stopped !== undefined) this.controller.abort(this.stopped);
      else if (!this.over) this.armTimeout();
    }
    return this.controller.signal;
  }

  get logger(): Logger {
    return (this.ownLogger ??= this.host.logger.child({
      taskId: this.id,
      executionId: this.executionId,
      idempotencyKey: this.idempotencyKey,
    }));
  }

  override pushUpdate(update: ProgressUpdate): Promise<void> {
    if (this.over || this.aborted !== undefined) return RESOLVED;
    if (this.host.sendUpdate(this, update)) return RESOLVED;
    return this.updates?.whenAtMost(MAX_OPEN_UPDATES / 2) ?? RESOLVED;
  }

  override abort(payload?: unknown): never {
    if (!this.over) this.aborted ??= encodePayload(payload);
    const { over } = this;
    // Not called: only names the function at which the stack of the error begins.
    // eslint-disable-next-line @typescript-eslint/unbound-method
    throw escapedAborts.expect(this.host.clock, this.abort, (error, at) => {
      this.stop(error);
      if (this.warnedOfAbort) return;
      this.warnedOfAbort = true;
      const effect = over ? 'it has no effect, because the handler had ended' : 'the task ends as aborted';
      this.host.logger.warn(`task.abort() was called in code that the handler does not await: ${effect}`, {
        taskId: this.id,
        idempotencyKey: this.idempotencyKey,
        at,
        fix: 'await the work in which it is called: `for (const item of items) await ...` in place of `forEach(async ...)`, a promise in place of a timer callback',
      });
    });
  }

  /** @internal L3: the grace period is over. */
  cut(reason: Error): void {
    this.cutOff = true;
    this.stop(reason);
  }

  /** @internal E10: the engine does not need this task any more. */
  cancel(): void {
    this.stop('cancelled');
  }

  /** @internal */
  get hasEnded(): boolean {
    return this.over;
  }

  /** @internal The signal has fired. False if the handler never asked for it: its errors then have other causes. */
  get hasSignalFired(): boolean {
    return this.controller?.signal.aborted === true;
  }

  /** @internal The handler has ended. Later calls have no effect. */
  end(): void {
    this.over = true;
    this.timer?.clear();
  }

  private stop(reason: unknown): void {
    if (this.stopped !== undefined || this.over) return;
    this.stopped = reason;
    this.controller?.abort(reason);
  }

  private armTimeout(): void {
    const timeoutMs = this.host.timeoutMs(this.request);
    if (timeoutMs === undefined) return;
    const leftMs = this.startedAt + timeoutMs - this.host.clock.now();
    this.timer = this.host.clock.setTimer(
      Math.max(0, leftMs),
      () => this.stop(sdkError('ORRA_TASK_TIMEOUT', `the task ran for longer than ${timeoutMs} ms`)),
      { unref: true },
    );
  }
}

function encodePayload(payload: unknown): string {
  if (payload === undefined) return '{}';
  try {
    return encodeStrictJson(payload instanceof Error ? errorPayload(payload) : payload) ?? '{}';
  } catch (error) {
    return JSON.stringify({ orra: `the abort payload has no JSON form: ${describeThrown(error)}` });
  }
}

/** JSON would write an error as `{}`. */
const errorPayload = (error: Error): object => ({
  name: error.name,
  message: error.message,
  code: (error as { code?: unknown }).code,
});
