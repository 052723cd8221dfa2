/** The fluent builder of a submission. Every call returns a new builder, so a prepared builder can be reused. */
import { type Duration, durationMs } from '@orra-ts/common';
import { type Plan, type PlanPreview, type Submission, formatWireDuration } from '@orra-ts/protocol';
import { toDataFields } from './data';
import { OrraInvalidRequestError } from './errors';
import type { OrchestrationHandle } from './handle';

export interface SubmitOptions {
  /**
   * Resolves as soon as the engine has stored the action, with the status `pending` and without a plan. An action that
   * cannot be planned is then a result, `not_actionable` or `failed`, instead of an error. Engines that do not support
   * this respond after they have planned.
   *
   * @default false
   */
  readonly respondAsync?: boolean;
}

export interface PreviewOptions {
  /** Aborts the call and the planning. The call rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** Accepts the submissions that a builder creates. */
export interface ActionSubmitter {
  submit(submission: Submission, options: SubmitOptions): Promise<OrchestrationHandle>;
  preview(submission: Submission, options: PreviewOptions): Promise<PlanPreview>;
}

export class ActionBuilder {
  /** @internal use `orra.action(…)` */
  constructor(
    private readonly submission: Submission,
    private readonly submitter: ActionSubmitter,
  ) {}

  /**
   * Sets data of the action: each member becomes a field that the plan can refer to. Further calls add fields and
   * replace fields of the same name. The values are copied; undefined members are omitted, as in JSON.
   *
   * @throws OrraInvalidRequestError when JSON cannot express a value
   */
  with(values: object): ActionBuilder {
    const added = toDataFields(values);
    const kept = (this.submission.data ?? []).filter(({ field }) => !added.some((other) => other.field === field));
    return this.withChange({ data: [...kept, ...added] });
  }

  /**
   * Sets metadata that every task of the orchestration receives (`task.metadata`), such as tenant, user or trace id.
   * Further calls add entries. The Go engine ignores metadata.
   */
  metadata(entries: Readonly<Record<string, string>>): ActionBuilder {
    for (const [name, value] of Object.entries(entries)) {
      if (typeof value !== 'string') throw new OrraInvalidRequestError(`metadata(): \`${name}\` must be a string`);
    }
    return this.withChange({ metadata: { ...this.submission.metadata, ...entries } });
  }

  /** Timeout of one attempt of each task. @default 30 s on both engines, unless the handler declares its own */
  timeout(timeout: Duration): ActionBuilder {
    return this.withChange({ timeout: formatWireDuration(durationMs(timeout, 'timeout')) });
  }

  /** How long a task waits for a disconnected service before it fails. @default 30 min on both engines */
  healthGrace(grace: Duration): ActionBuilder {
    return this.withChange({ healthCheckGracePeriod: formatWireDuration(durationMs(grace, 'healthGrace')) });
  }

  /**
   * Runs exactly this plan, without planning. Requires an engine that announces `plans`. The Go engine ignores the plan,
   * and `submit()` then rejects with `ORRA_NOT_SUPPORTED`.
   */
  plan(plan: Plan): ActionBuilder {
    return this.withChange({ plan: structuredClone(plan) });
  }

  /**
   * Submits the action. The engine plans it before it responds. Each call creates a new orchestration.
   *
   * @throws OrraNotActionableError `ORRA_NOT_ACTIONABLE` when the action cannot be planned; the engine then returns no id
   * @throws OrraError `ORRA_UNREACHABLE` when no response arrived. The engine may still have accepted the action: check
   * `orchestrations.list()` before you retry an action that must not run twice
   * @throws OrraClientError another subclass for every other error response
   */
  submit(options: SubmitOptions = {}): Promise<OrchestrationHandle> {
    return this.submitter.submit(this.submission, options);
  }

  /**
   * Plans the action without running it. Resolves with the plan and its source, or with the reason why there is no plan.
   * May take as long as a submission, and may call a paid model.
   *
   * @throws OrraNotSupportedError `ORRA_NOT_SUPPORTED` on engines that cannot preview plans, such as the Go engine
   */
  preview(options: PreviewOptions = {}): Promise<PlanPreview> {
    return this.submitter.preview(this.submission, options);
  }

  private withChange(change: Partial<Submission>): ActionBuilder {
    return new ActionBuilder({ ...this.submission, ...change }, this.submitter);
  }
}
