/** Registers the plans of the application with engines that accept plans, after their services are registered. */
import type { OrraClient } from '@orra-ts/client';
import {
  OrraError,
  deferred,
  describeThrown,
  fullJitterMs,
  sleep,
  type Clock,
  type Logger,
  type RandomNumber,
} from '@orra-ts/common';
import type { DefinedPlan, EngineCapabilities, PlanProblemView } from '@orra-ts/protocol';
import { sdkError } from '../errors';

export interface PlanRegistrationContext {
  readonly clock: Clock;
  readonly random: RandomNumber;
  readonly baseMs: number;
  readonly capMs: number;
  readonly logger: Logger;
  isClosing(): boolean;
}

export class PlanRegistration {
  private busy = false;
  private again = false;
  private readonly first = deferred();

  constructor(
    private readonly plans: readonly DefinedPlan[],
    private readonly client: OrraClient,
    private readonly context: PlanRegistrationContext,
  ) {
    this.first.promise.catch(() => undefined);
    if (plans.length === 0) this.first.resolve();
  }

  /** Resolves when the engine has all plans, or does not accept plans. */
  whenRegistered(): Promise<void> {
    return this.first.promise;
  }

  /** Registers the plans, for the first time or again after the engine lost a service and perhaps the plans. */
  servicesRegistered(capabilities: EngineCapabilities | undefined): void {
    if (this.plans.length === 0) return;
    if (capabilities?.plans === true) this.registerPlans();
    else this.notAccepted();
  }

  /**
   * Registers the plans of an application that has no services. What its engine announces is not known, so an engine
   * without plans is recognised by its response.
   */
  registerWithoutServices(): void {
    if (this.plans.length > 0) this.registerPlans();
  }

  private registerPlans(): void {
    // One registration for many services that reconnect together.
    this.again = true;
    if (!this.busy) void this.work();
  }

  private notAccepted(): void {
    this.context.logger.warn('this engine does not accept plans; its model plans every action', {
      plans: this.plans.map(({ name }) => name),
    });
    this.first.resolve();
  }

  private async work(): Promise<void> {
    this.busy = true;
    try {
      while (this.again && !this.context.isClosing()) {
        this.again = false;
        for (const plan of this.plans) await this.register(plan);
      }
      this.first.resolve();
    } catch (error) {
      if (error instanceof OrraError && error.code === 'ORRA_NOT_SUPPORTED') return this.notAccepted();
      this.context.logger.error('a plan was not registered', { error: describeThrown(error) });
      this.first.reject(error);
    } finally {
      this.busy = false;
    }
  }

  private async register(plan: DefinedPlan): Promise<void> {
    const { clock, random, logger } = this.context;
    const { name, action, description, input, plan: tasks } = plan;
    const body: DefinedPlan = {
      name,
      action,
      description,
      input,
      plan: tasks,
    };
    for (let retry = 0; !this.context.isClosing(); retry++) {
      try {
        const { version, stale, problems = [] } = await this.client.plans.register(body);
        const reasons = (stale ?? problems).map(describeProblem);
        if (reasons.length > 0) {
          logger.warn('a plan cannot run yet: its actions are refused', { plan: name, version, reasons });
        }
        return;
      } catch (error) {
        if (error instanceof OrraError && error.code === 'ORRA_NOT_SUPPORTED') throw error;
        const text = describeThrown(error);
        if (!(error instanceof OrraError && error.retryable)) {
          throw sdkError('ORRA_REGISTRATION_REFUSED', `the engine rejects the plan \`${name}\`: ${text}`, {
            cause: error,
          });
        }
        logger.warn('the plan was not registered, retrying', { plan: name, error: text });
        await sleep(clock, fullJitterMs(this.context, retry, random));
      }
    }
  }
}

const describeProblem = ({ taskId, field, message }: PlanProblemView): string =>
  `${[taskId, field].filter(Boolean).join('.') || 'plan'}: ${message}`;
