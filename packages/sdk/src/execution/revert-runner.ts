/**
 * Runs revert handlers. Validation never rejects a revert: the stored values are passed back, instantiated as far as they
 * fit (H3). A revert that throws is retried. One that returns `CompensationResult.failed`, or anything else that is not a
 * `CompensationResult`, is final.
 */
import { describeThrown, stackOfThrown } from '@orra-ts/common';
import {
  COMPENSATION_TIMEOUT_MS,
  isJsonObject,
  type CompensationRequest,
  type WireCompensationContext,
} from '@orra-ts/protocol';
import type { RevertDefinition } from '../definition/service-definition';
import type { Outcome } from '../journal/execution-journal';
import { RevertSource, type CompensationContext, type CompensationResult } from '../task';
import { toJson } from '../to-json';
import { failureFromThrown, failureOutcome, finalFailure, isTooLarge, outcomeOf, tooLargeMessage } from './outcome';
import type { ExecutorContext, Run, Runner, Settle } from './run';
import { readStored } from './stored-values';
import { taskKeyOf } from './task-fence';
import { unlimitedController } from './unlimited-controller';

export class RevertRunner implements Runner {
  constructor(
    private readonly context: ExecutorContext,
    private readonly settle: Settle,
  ) {}

  run(run: Run): void {
    const { definition, logger } = this.context;
    const { revert } = definition;
    const request = run.request as CompensationRequest;
    const { id: taskId, outcome } = request;
    const problem = !revert
      ? `${definition.label} has no revert handler: add @RevertHandler to its class, or register the service as not revertible and undo task ${taskId} manually`
      : outcome !== undefined && !revert.also.has(outcome)
        ? `${revert.label} does not revert tasks without an output: add \`also: ['${outcome}']\` to its options, or undo task ${taskId} manually`
        : undefined;
    if (!revert || problem !== undefined) {
      logger.error('compensation refused', { taskId, problem });
      return this.settle(run, this.failure(request, finalFailure('ORRA_MISSING_REVERT_HANDLER', problem ?? '')));
    }
    const source = this.sourceOf(request, run.attempt);
    run.task = source;
    void this.revert(revert, source, request).then((result) => this.settle(run, result));
  }

  limitMs({ timeoutMs = COMPENSATION_TIMEOUT_MS }: Run['request']): number {
    return timeoutMs;
  }

  private sourceOf(request: CompensationRequest, attempt: number): StoredRevertSource {
    const { outcome, previous, idempotencyKey } = request;
    return new StoredRevertSource({
      outcome: outcome ?? 'completed',
      taskKey: taskKeyOf(request) ?? '',
      previous,
      context: readContext(request.compensationContext),
      idempotencyKey,
      attempt,
    });
  }

  /** The input and output as the handler had them: transforms of their schemas are applied again. */
  private async readValues({
    input: data,
    outcome,
  }: CompensationRequest): Promise<Pick<RevertSource, 'input' | 'output'>> {
    const { input, output } = this.context.definition;
    const stored = readStored(data);
    return {
      input: await input.revive(stored.input),
      output: outcome === undefined ? await output.revive(stored.output) : undefined,
    };
  }

  /** Never rejects (H1). Resolves with undefined when the closing application has cut the revert off. */
  private async revert(
    revert: RevertDefinition,
    source: StoredRevertSource,
    request: CompensationRequest,
  ): Promise<Outcome | undefined> {
    const { instance, logger } = this.context;
    let value: unknown;
    try {
      Object.assign(source, await this.readValues(request));
      value = await revert.invoke(instance, source);
    } catch (thrown) {
      const { attempt } = source;
      const error = describeThrown(thrown);
      const stack = stackOfThrown(thrown);
      logger.warn('revert handler failed', { handler: revert.label, taskId: request.id, attempt, error, stack });
      return source.cutOff ? undefined : this.failure(request, failureFromThrown(thrown, 'ORRA_REVERT_FAILED'));
    }
    try {
      return this.outcomeOfResult(revert, request, value);
    } catch (thrown) {
      return this.invalidResult(revert, request, `a value that cannot be read (${describeThrown(thrown)})`);
    }
  }

  private outcomeOfResult(revert: RevertDefinition, request: CompensationRequest, value: unknown): Outcome {
    if (value === undefined || value === null) return completed(request);
    if (value instanceof Error) {
      return this.invalidResult(revert, request, `an error (${describeThrown(value)})`, stackOfThrown(value));
    }
    if (!isCompensationResult(value)) return this.invalidResult(revert, request, 'a value');
    switch (value.status) {
      case 'failed': {
        const { error, details } = failureFromThrown(value.error, 'ORRA_REVERT_FAILED');
        const stack = stackOfThrown(value.error);
        this.context.logger.warn('revert handler reported a failure', { taskId: request.id, error, stack });
        return this.failure(request, { error, details: { ...details, retryable: false, retryAfterMs: undefined } });
      }
      case 'partial': {
        const capabilities = this.context.capabilities();
        const { completed = [], remaining = [] } = value.partialResult ?? {};
        const partial = JSON.stringify({ completed: completed.map(nameOf), remaining: remaining.map(nameOf) });
        const body = `"result":{"status":"partial","partial":${partial}},"error":null`;
        const outcome = outcomeOf('task_result', true, request, body);
        if (!isTooLarge(outcome, request, capabilities)) return outcome;
        const what = `the partial result of ${revert.label}`;
        const text = tooLargeMessage(what, body, request, capabilities, 'name fewer parts');
        return this.failure(request, finalFailure('ORRA_OUTCOME_TOO_LARGE', text));
      }
      case 'completed':
        return completed(request);
    }
  }

  /** Final: the revert did run, and another run could undo the task twice. */
  private invalidResult(revert: RevertDefinition, request: CompensationRequest, what: string, stack?: string): Outcome {
    const error = `${revert.label} returned ${what} instead of a CompensationResult; return nothing or a CompensationResult, and throw errors`;
    this.context.logger.error('revert result refused', { taskId: request.id, problem: error, stack });
    return this.failure(request, finalFailure('ORRA_REVERT_FAILED', error));
  }

  private failure(request: CompensationRequest, failure: ReturnType<typeof failureFromThrown>): Outcome {
    const { secrets } = this.context;
    return failureOutcome(request, secrets.failure(request, failure), this.context.capabilities());
  }
}

const completed = (request: CompensationRequest): Outcome =>
  outcomeOf('task_result', true, request, '"result":{"status":"completed"},"error":null');

/** The protocol has strings. Callers without types pass other values, which JSON may not express. */
function nameOf(item: unknown): string {
  if (typeof item === 'string') return item;
  try {
    return toJson(item) ?? String(item);
  } catch {
    return String(item);
  }
}

type SourceFields = Pick<RevertSource, 'outcome' | 'taskKey' | 'previous' | 'context' | 'idempotencyKey' | 'attempt'>;

class StoredRevertSource extends RevertSource {
  /** @internal */
  cutOff = false;
  private controller: AbortController | undefined;
  private reason: Error | undefined;

  constructor(fields: SourceFields) {
    super();
    Object.assign(this, fields);
  }

  get signal(): AbortSignal {
    if (!this.controller) {
      this.controller = unlimitedController();
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
