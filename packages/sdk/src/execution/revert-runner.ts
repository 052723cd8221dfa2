/**
 * Runs revert handlers. A revert is never refused by validation: what was stored comes back, instantiated as far as it
 * fits (H3). One that throws is tried again; one that returns `CompensationResult.failed` is final.
 */
import { describeThrown } from '@orra-ts/common';
import { isJsonObject, type CompensationRequest, type WireCompensationContext } from '@orra-ts/protocol';
import { RevertSource, type CompensationContext, type CompensationResult } from '../task';
import type { Outcome } from '../journal/execution-journal';
import { failureFromThrown, failureOutcome, finalFailure, isTooLarge, outcomeOf, tooLargeMessage } from './outcome';
import type { ExecutorContext, Run, Settle } from './run';

export class RevertRunner {
  constructor(
    private readonly context: ExecutorContext,
    private readonly settle: Settle,
  ) {}

  run(run: Run): void {
    const { definition, logger } = this.context;
    const { revert } = definition;
    const request = run.request as CompensationRequest;
    if (!revert) {
      const error = `${definition.label} has no revert handler: add @RevertHandler to its class, or register the service as not revertible and undo task ${request.id} manually`;
      logger.error('compensation refused', { taskId: request.id, problem: error });
      return this.settle(run, this.failure(request, finalFailure('ORRA_MISSING_REVERT_HANDLER', error)));
    }
    const stored = readStored(request.input);
    const source = new StoredRevertSource(
      definition.input.revive(stored.input),
      definition.output.revive(stored.output),
      readContext(request.compensationContext),
      request.idempotencyKey,
      run.attempt,
    );
    run.task = source;
    this.invoke(source).then(
      (value) => this.settle(run, this.outcomeOfResult(request, value)),
      (thrown: unknown) => {
        const error = describeThrown(thrown);
        logger.warn('revert handler failed', {
          handler: revert.label,
          taskId: request.id,
          attempt: run.attempt,
          error,
        });
        this.settle(
          run,
          source.cutOff ? undefined : this.failure(request, failureFromThrown(thrown, 'ORRA_REVERT_FAILED')),
        );
      },
    );
  }

  /** An `async` function, so that a synchronous throw takes the same way as a rejection. */
  private async invoke(source: RevertSource): Promise<unknown> {
    const { definition, instance } = this.context;
    return definition.revert?.invoke(instance, source);
  }

  private outcomeOfResult(request: CompensationRequest, value: unknown): Outcome {
    const { revert } = this.context.definition;
    const result = isCompensationResult(value) ? value : undefined;
    switch (result?.status) {
      case 'failed': {
        const { error, details } = failureFromThrown(result.error, 'ORRA_REVERT_FAILED');
        return this.failure(request, { error, details: { code: details.code, retryable: false } });
      }
      case 'partial': {
        const capabilities = this.context.capabilities();
        const { completed = [], remaining = [] } = result.partialResult ?? {};
        const partial = JSON.stringify({ completed, remaining });
        const body = `"result":{"status":"partial","partial":${partial}},"error":null`;
        const outcome = outcomeOf('task_result', true, request, body);
        if (!isTooLarge(outcome, request, capabilities)) return outcome;
        const text = tooLargeMessage(
          `the partial result of ${revert?.label}`,
          body,
          request,
          capabilities,
          'name fewer parts',
        );
        return this.failure(request, finalFailure('ORRA_OUTCOME_TOO_LARGE', text));
      }
      case 'completed':
      case undefined:
        return outcomeOf('task_result', true, request, '"result":{"status":"completed"},"error":null');
    }
  }

  private failure(request: CompensationRequest, failure: ReturnType<typeof failureFromThrown>): Outcome {
    return failureOutcome(request, failure, this.context.capabilities());
  }
}

class StoredRevertSource extends RevertSource {
  /** @internal */
  cutOff = false;
  private controller: AbortController | undefined;
  private reason: Error | undefined;

  constructor(
    override readonly input: unknown,
    override readonly output: unknown,
    override readonly context: CompensationContext | undefined,
    override readonly idempotencyKey: string,
    override readonly attempt: number,
  ) {
    super();
  }

  get signal(): AbortSignal {
    if (!this.controller) {
      this.controller = new AbortController();
      if (this.reason) this.controller.abort(this.reason);
    }
    return this.controller.signal;
  }

  /** @internal */
  cut(reason: Error): void {
    this.cutOff = true;
    this.reason = reason;
    this.controller?.abort(reason);
  }
}

/** Works with a second copy of this package, unlike `instanceof`. */
const isCompensationResult = (value: unknown): value is CompensationResult =>
  isJsonObject(value) && ['completed', 'partial', 'failed'].includes(value['status'] as string);

/** Reads both stored forms: the JavaScript SDK stores the whole request, the Python SDK the input. */
function readStored(data: unknown): { input: unknown; output: unknown } {
  if (!isJsonObject(data)) return { input: undefined, output: undefined };
  const { originalTask, taskResult } = data;
  const isRequest =
    isJsonObject(originalTask) &&
    typeof originalTask['type'] === 'string' &&
    typeof originalTask['idempotencyKey'] === 'string';
  return { input: isRequest ? originalTask['input'] : originalTask, output: taskResult };
}

function readContext(context: WireCompensationContext | null | undefined): CompensationContext | undefined {
  if (!context) return undefined;
  const { reason, orchestrationId, timestamp, payload } = context;
  return {
    reason,
    orchestrationId,
    timestamp: new Date(timestamp),
    payload,
  };
}
