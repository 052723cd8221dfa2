/** The fluent side of a submission. Every call answers a new builder, so a prepared one can be kept and reused. */
import { type Duration, durationMs } from '@orra-ts/common';
import { type Plan, type PlanPreview, type Submission, formatWireDuration } from '@orra-ts/protocol';
import { toDataFields } from './data';
import { OrraInvalidRequestError } from './errors';
import type { OrchestrationHandle } from './handle';

export interface SubmitOptions {
  /**
   * Resolves as soon as the engine has stored the action, with `status` `pending` and no plan yet; an action that cannot
   * be planned is then no error but a result, `not_actionable` or `failed`. An engine that cannot answer early answers
   * when it has planned, as without it.
   *
   * @default false
   */
  readonly respondAsync?: boolean;
}

export interface PreviewOptions {
  /** Ends the call, and with it the planning; it rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** Who takes what was built. */
export interface ActionReceiver {
  submit(submission: Submission, options: SubmitOptions): Promise<OrchestrationHandle>;
  preview(submission: Submission, options: PreviewOptions): Promise<PlanPreview>;
}

export class ActionBuilder {
  /** @internal use `orra.action(…)` */
  constructor(
    private readonly submission: Submission,
    private readonly receiver: ActionReceiver,
  ) {}

  /**
   * Data of the action: each member becomes a field that the plan can refer to. A second call adds to the first, and
   * replaces fields of the same name. The values are copied now; members that are undefined are left out, as in JSON.
   *
   * @throws OrraInvalidRequestError when JSON cannot express a value
   */
  with(values: object): ActionBuilder {
    const added = toDataFields(values);
    const kept = (this.submission.data ?? []).filter(({ field }) => !added.some((other) => other.field === field));
    return this.but({ data: [...kept, ...added] });
  }

  /**
   * Facts for every task of the orchestration (`task.metadata`): tenant, user, trace. A second call adds to the first.
   * The Go engine does not carry them.
   */
  metadata(entries: Readonly<Record<string, string>>): ActionBuilder {
    for (const [name, value] of Object.entries(entries)) {
      if (typeof value !== 'string') throw new OrraInvalidRequestError(`metadata(): \`${name}\` must be a string`);
    }
    return this.but({ metadata: { ...this.submission.metadata, ...entries } });
  }

  /** How long one attempt of each task may take. @default 30 s on both engines, unless a handler announces its own */
  timeout(timeout: Duration): ActionBuilder {
    return this.but({ timeout: formatWireDuration(durationMs(timeout, 'timeout')) });
  }

  /** How long a task waits for a service that is away. @default 30 min on both engines */
  healthGrace(grace: Duration): ActionBuilder {
    return this.but({ healthCheckGracePeriod: formatWireDuration(durationMs(grace, 'healthGrace')) });
  }

  /**
   * Runs exactly this plan; nothing is planned. For engines that announce `plans`: the Go engine ignores it, and then
   * `submit()` rejects with `ORRA_NOT_SUPPORTED`.
   */
  plan(plan: Plan): ActionBuilder {
    return this.but({ plan: structuredClone(plan) });
  }

  /**
   * Hands the action to the engine, which plans it before it answers. Each call is a new orchestration.
   *
   * @throws OrraNotActionableError `ORRA_NOT_ACTIONABLE` when it cannot be planned: there is nothing to wait for then,
   * and the engine gives no id
   * @throws OrraError `ORRA_UNREACHABLE` when no answer came. The engine may have taken the action all the same, so look
   * at `orchestrations.list()` before submitting again what must not happen twice
   * @throws OrraClientError another subclass for every other refusal
   */
  submit(options: SubmitOptions = {}): Promise<OrchestrationHandle> {
    return this.receiver.submit(this.submission, options);
  }

  /**
   * Has the engine plan the action without running it: the plan and where it comes from, or why there is none, which is
   * an answer and no error. It may take as long as a submission, and a model that plans is paid for.
   *
   * @throws OrraNotSupportedError `ORRA_NOT_SUPPORTED` on engines that only plan what they run, such as the Go engine
   */
  preview(options: PreviewOptions = {}): Promise<PlanPreview> {
    return this.receiver.preview(this.submission, options);
  }

  private but(change: Partial<Submission>): ActionBuilder {
    return new ActionBuilder({ ...this.submission, ...change }, this.receiver);
  }
}
