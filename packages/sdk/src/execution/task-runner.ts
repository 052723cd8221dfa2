/** Runs handlers: input check, handler, output check, outcome. Errors of user code do not leave this file (H1). */
import { adopt, describeThrown, stackOfThrown, encodeStrictJson } from '@orra-ts/common';
import { DEFAULT_TASK_TIMEOUT_MS, type TaskRequest } from '@orra-ts/protocol';
import type { ServiceDefinition } from '../definition/service-definition';
import { exceedsBytes } from '../outbox/encode-envelope';
import { MAX_OPEN_UPDATES, UpdateTracker } from '../outbox/update-tracker';
import type { Checked } from '../validation/value-schema';
import type { ProgressUpdate } from '../task';
import type { Outcome } from '../journal/execution-journal';
import { taskStorage } from './current-task';
import { escapedAborts } from './escaped-aborts';
import {
  describeViolations,
  failureFromThrown,
  failureOutcome,
  finalFailure,
  isTooLarge,
  outcomeOf,
  stackOfViolations,
  tooLargeMessage,
  withUnknownEffect,
  type Failure,
} from './outcome';
import { RunningTask, type TaskHost } from './running-task';
import { toJson } from '../to-json';
import type { ExecutorContext, Run, Runner, Settle } from './run';

/** Why a handler may have run already. */
const DOUBTS = {
  crashed: 'was interrupted by a crash of its process',
  failed: 'failed before, after its signal fired',
  elsewhere: 'may have run already: an earlier attempt was lost, or its effect is unknown',
};

/** Size of an update message without its content. */
const UPDATE_ENVELOPE_BYTES = 400;

const MAX_LISTED_MEMBERS = 20;

export class TaskRunner implements Runner, TaskHost {
  readonly clock;
  readonly logger;
  private warnedOfRemoved = false;

  constructor(
    private readonly context: ExecutorContext,
    private readonly settle: Settle,
  ) {
    this.clock = context.clock;
    this.logger = context.logger;
  }

  run(run: Run): void {
    const { definition } = this.context;
    const request = run.request as TaskRequest;
    const interrupted = run.doubt !== undefined || request.inDoubt === true;
    if (interrupted && definition.onCrash === 'fail') {
      const what = DOUBTS[run.doubt ?? 'elsewhere'];
      const text = `${definition.label} ${what}, and its onCrash is 'fail': whether it took effect is unknown`;
      const failure = withUnknownEffect(finalFailure('ORRA_INTERRUPTED', text));
      return this.settle(run, failureOutcome(request, failure, this.context.capabilities()));
    }
    const task = new RunningTask(request, run.attempt, interrupted, this);
    run.task = task;
    let checked: Checked | Promise<Checked>;
    try {
      // Encoded now: rules and the handler may change the input in place, and the revert receives what was ordered.
      if (definition.revert) task.encodedRequest = encodeForRevert(request);
      checked = definition.input.accept(request.input);
    } catch (thrown) {
      return this.threw(run, task, thrown, false);
    }
    const pending = adopt(checked);
    if (!pending) return this.accepted(run, task, checked as Checked);
    pending.then(
      (result) => this.accepted(run, task, result),
      (thrown: unknown) => this.threw(run, task, thrown, false),
    );
  }

  /** Without a known limit, that of an engine whose submitter sets none. */
  limitMs(request: Run['request']): number {
    return this.timeoutMs(request as TaskRequest) ?? DEFAULT_TASK_TIMEOUT_MS;
  }

  overdue(run: Run): void {
    const { task } = run;
    if (task instanceof RunningTask && task.aborted !== undefined) this.abort(run, task);
  }

  timeoutMs(request: TaskRequest): number | undefined {
    const own = this.context.definition.timeoutMs;
    const { timeoutMs } = request;
    return own === undefined || timeoutMs === undefined ? (own ?? timeoutMs) : Math.min(own, timeoutMs);
  }

  sendUpdate(task: RunningTask, update: ProgressUpdate): boolean {
    const { outbox } = this.context;
    let json: string | undefined;
    try {
      json = encodeStrictJson(update);
    } catch (error) {
      this.dropUpdate(task, `it has no JSON form: ${describeThrown(error)}`);
      return true;
    }
    const { maxMessageBytes } = this.context.capabilities();
    const body = `"result":{"task":${json ?? 'null'}}`;
    if (exceedsBytes(body, maxMessageBytes - UPDATE_ENVELOPE_BYTES)) {
      this.dropUpdate(task, `it is larger than the ${maxMessageBytes} bytes that the engine takes`);
      return true;
    }
    const updates = (task.updates ??= new UpdateTracker());
    updates.started();
    outbox.sendUpdate(
      {
        type: 'task_interim_result',
        taskId: task.id,
        executionId: task.executionId,
        key: task.idempotencyKey,
        body,
      },
      updates,
    );
    return !outbox.online || updates.count <= MAX_OPEN_UPDATES;
  }

  private accepted(run: Run, task: RunningTask, checked: Checked): void {
    const { definition, instance } = this.context;
    if (!checked.ok) {
      const error = `input of ${definition.label} violates its schema: ${describeViolations(checked.violations)}`;
      const { id: taskId, attempt } = task;
      const stack = stackOfViolations(checked.violations);
      this.logger.warn('input refused', { taskId, attempt, problem: error, stack });
      return this.fail(run, task, finalFailure('ORRA_INVALID_INPUT', error));
    }
    task.input = checked.value;
    let returned: Returned;
    try {
      returned = taskStorage.run(task, invoke, definition, instance, task);
    } catch (thrown) {
      return this.threw(run, task, thrown);
    }
    if (!returned.pending) return this.returned(run, task, returned.value);
    returned.pending.then(
      (value) => this.returned(run, task, value),
      (thrown: unknown) => this.threw(run, task, thrown),
    );
  }

  private returned(run: Run, task: RunningTask, value: unknown): void {
    const { definition } = this.context;
    if (task.aborted !== undefined) return this.abort(run, task);
    if (value === undefined && !definition.output.acceptsEmptyObject) {
      return this.badOutput(
        run,
        task,
        `${definition.label} returned nothing although its output has required members; return them, or make them optional`,
      );
    }
    let checked: Checked | Promise<Checked>;
    try {
      checked = definition.output.emit(value === undefined ? {} : value);
    } catch (thrown) {
      return this.uncheckedOutput(run, task, thrown);
    }
    const pending = adopt(checked);
    if (!pending) return this.emitted(run, task, checked as Checked, value);
    pending.then(
      (result) => this.emitted(run, task, result, value),
      (thrown: unknown) => this.uncheckedOutput(run, task, thrown),
    );
  }

  private emitted(run: Run, task: RunningTask, checked: Checked, returned: unknown): void {
    if (task.aborted !== undefined) return this.abort(run, task);
    if (checked.ok) {
      if (checked.removed) this.warnOfRemoved(checked.removed);
      return this.complete(run, task, checked.value);
    }
    this.context.secrets.addOutput(run.request, returned);
    const { label } = this.context.definition;
    const problem = `output of ${label} violates its schema: ${describeViolations(checked.violations)}`;
    this.badOutput(run, task, problem, stackOfViolations(checked.violations));
  }

  /** Once, because every output of a handler has the same members. */
  private warnOfRemoved(removed: () => readonly string[]): void {
    if (this.warnedOfRemoved) return;
    this.warnedOfRemoved = true;
    this.logger.warn('members that the output does not declare are not sent', {
      handler: this.context.definition.label,
      members: [...new Set(removed().map((path) => path.replace(/\[\d+\]/g, '[]')))].slice(0, MAX_LISTED_MEMBERS),
      fix: "declare them in the class of the output, do not return them, or set unknownFields: 'keep'",
    });
  }

  private complete(run: Run, task: RunningTask, output: unknown): void {
    const { definition } = this.context;
    const request = run.request as TaskRequest;
    let body: string;
    try {
      const json = toJson(output) ?? 'null';
      body = `"result":{"task":${json},"compensation":${this.compensation(task, json)}},"error":null`;
    } catch (error) {
      const problem = `output of ${definition.label} has no JSON form: ${describeThrown(error)}`;
      return this.badOutput(run, task, problem, stackOfThrown(error));
    }
    const capabilities = this.context.capabilities();
    const outcome = outcomeOf('task_result', true, request, body);
    if (!isTooLarge(outcome, request, capabilities)) return this.end(run, task, outcome);
    const hint = definition.revert
      ? 'return less (such as an id); the result of a revertible service also carries its input and output for the revert'
      : 'return less, such as an id or a place to fetch it from';
    const error = tooLargeMessage(`the output of ${definition.label}`, body, request, capabilities, hint);
    this.fail(run, task, withUnknownEffect(finalFailure('ORRA_OUTCOME_TOO_LARGE', error)));
  }

  private compensation({ encodedRequest }: RunningTask, json: string): string {
    const { revert } = this.context.definition;
    if (!revert || encodedRequest === undefined) return 'null';
    return `{"data":{"originalTask":${encodedRequest},"taskResult":${json}},"ttl":${revert.ttlMs}}`;
  }

  /** X6: the abort remains; a payload that is too large is replaced by its size. */
  private abort(run: Run, task: RunningTask): void {
    const capabilities = this.context.capabilities();
    const { request } = run;
    const bodyOf = (payload: string): string => `"result":{"task":${payload}}`;
    let outcome = outcomeOf('task_abort_result', true, request, bodyOf(task.aborted ?? '{}'));
    if (isTooLarge(outcome, request, capabilities)) {
      const { label } = this.context.definition;
      const text = tooLargeMessage(
        `the abort payload of ${label}`,
        outcome.body,
        request,
        capabilities,
        'it was left out',
      );
      this.logger.error('abort payload left out', { taskId: task.id, problem: text });
      outcome = outcomeOf('task_abort_result', true, request, bodyOf(JSON.stringify({ orra: text })));
    }
    this.end(run, task, outcome);
  }

  /** @param ranHandler false: the input could not be checked, so there is no effect */
  private threw(run: Run, task: RunningTask, thrown: unknown, ranHandler = true): void {
    if (task.aborted !== undefined) {
      escapedAborts.forget(thrown);
      return this.abort(run, task);
    }
    const error = describeThrown(thrown);
    if (task.cutOff) {
      // L3: stopped by the close. A failure would use up an attempt; without one the engine sends the task again.
      this.logger.warn('handler was cut off by the closing of the app', { taskId: task.id, error });
      return this.end(run, task, undefined);
    }
    if (this.logger.isEnabled('warn')) {
      const { label: handler } = this.context.definition;
      const { id: taskId, attempt } = task;
      this.logger.warn('handler failed', { handler, taskId, attempt, error, stack: stackOfThrown(thrown) });
    }
    const failure = failureFromThrown(thrown, 'ORRA_HANDLER_FAILED');
    // E10: an error that the fired signal caused states nothing. Only NonRetryableError makes a failure final.
    const isStatement = !ranHandler || !task.hasSignalFired || !failure.details.retryable;
    this.fail(run, task, isStatement ? failure : withUnknownEffect(failure));
  }

  private uncheckedOutput(run: Run, task: RunningTask, thrown: unknown): void {
    const problem = `output of ${this.context.definition.label} cannot be checked: ${describeThrown(thrown)}`;
    this.badOutput(run, task, problem, stackOfThrown(thrown));
  }

  /** @param stack of what user code threw */
  private badOutput(run: Run, task: RunningTask, error: string, stack?: string): void {
    this.logger.error('output refused', { taskId: task.id, problem: error, stack });
    this.fail(run, task, withUnknownEffect(finalFailure('ORRA_INVALID_OUTPUT', error)));
  }

  private fail(run: Run, task: RunningTask, failure: Failure): void {
    const { secrets } = this.context;
    const shown = secrets.failure(run.request, failure);
    this.end(run, task, failureOutcome(run.request, shown, this.context.capabilities()));
  }

  private end(run: Run, task: RunningTask, outcome: Outcome | undefined): void {
    // An aborted task that was overdue has ended already.
    if (task.hasEnded) return;
    task.end();
    run.updates = task.updates;
    this.settle(run, outcome);
  }

  private dropUpdate(task: RunningTask, problem: string): void {
    this.logger.warn('update dropped', { taskId: task.id, problem });
  }
}

interface Returned {
  readonly value: unknown;
  /** Set for a promise and any other thenable. */
  readonly pending: Promise<unknown> | undefined;
}

/** Within the task's storage, because a lazy thenable such as a query begins its work only when it is adopted. */
function invoke({ invoke, takes }: ServiceDefinition, instance: unknown, task: RunningTask): Returned {
  const value = invoke(instance, takes === 'input' ? task.input : task);
  return { value, pending: adopt(value) };
}

/** Creates the compensation data in the form of the JavaScript SDK, with only the members that it reads. */
const encodeForRevert = ({ type, id, input, executionId, idempotencyKey, serviceId }: TaskRequest): string =>
  JSON.stringify({ type, id, input, executionId, idempotencyKey, serviceId });
