/**
 * Decides commands: state and command make events, which go to the journal with the next group commit. The state in
 * memory may be one group commit ahead of the journal; messages, acknowledgements and responses never are.
 */
import { toError, type Logger } from '@orra-ts/common';
import {
  mintCompensationExecutionId,
  mintCompensationId,
  mintExecutionId,
  mintShortId,
  type RandomBytes,
} from '@orra-ts/protocol';
import type { Catalog } from '../catalog/catalog';
import { decide, nextDueAt, type Command, type DecisionContext } from '../domain/orchestration/decide';
import { retryProblem } from '../domain/orchestration/records';
import type { DomainTimings } from '../domain/orchestration/timings';
import type { Committer } from './committer';
import type { EngineTime } from './engine-time';
import type { Lifecycle } from './lifecycle';
import type { LiveOrchestration } from './live-orchestration';

export interface DecisionLoopOptions {
  readonly lifecycle: Lifecycle;
  readonly committer: Committer;
  readonly catalog: Catalog;
  /** Services that can be given work now. */
  readonly available: ReadonlySet<string>;
  readonly timings: DomainTimings;
  readonly clock: EngineTime;
  readonly logger: Logger;
  readonly randomBytes: RandomBytes;
  /** 0 to below 1. */
  readonly random: () => number;
}

export class DecisionLoop {
  /** Time, ids and randomness (E9). One object for all decisions, which do not keep it: copies are most of their cost. */
  private readonly context: { -readonly [Name in keyof DecisionContext]: DecisionContext[Name] };

  constructor(private readonly options: DecisionLoopOptions) {
    const { catalog, available, timings, clock, randomBytes, random } = options;
    this.context = {
      now: clock.now(),
      resumedAt: clock.now(),
      timings,
      isAvailable: (serviceId) => available.has(serviceId),
      serviceOf: (projectId, serviceId) => catalog.service(projectId, serviceId),
      newId: () => mintShortId(randomBytes),
      newExecutionId: () => mintExecutionId(randomBytes),
      newCompensationExecutionId: () => mintCompensationExecutionId(randomBytes),
      newFailureId: () => mintCompensationId(randomBytes),
      webhooksOf: (projectId, kind) => catalog.webhooks(projectId, kind),
      isUnsent: () => false,
      isRestored: () => false,
      random,
    };
  }

  /** What the waits of an orchestration follow from. */
  get waits(): Pick<DecisionContext, 'timings' | 'resumedAt'> {
    return this.context;
  }

  /** Called during a start: attempts and grace periods that were under way begin anew, since nobody could respond (E11). */
  resumed(): void {
    this.context.resumedAt = this.options.clock.now();
  }

  /** Resolves when everything that follows from the command is committed (E1). */
  execute(orchestration: LiveOrchestration, command: Command): Promise<void> {
    const { lifecycle, committer, clock } = this.options;
    if (lifecycle.failure) return Promise.reject(lifecycle.failure);
    const now = clock.now();
    this.context.now = now;
    this.context.isUnsent = orchestration.deliveries.isUnsent;
    this.context.isRestored = orchestration.deliveries.isRestored;
    const { events, state } = decide(orchestration.state, command, this.context);
    if (events.length === 0) {
      this.armTimer(orchestration);
      // The command may repeat what is decided and not committed yet: it is acknowledged when that is (E1).
      return orchestration.lastCommit ?? Promise.resolve();
    }
    orchestration.state = state;
    const wallAt = clock.wallTimeIfOther(now);
    const stored = wallAt === undefined ? events : events.map((event) => ({ ...event, wallAt }));
    const committed = committer.add(orchestration, stored);
    this.armTimer(orchestration);
    return committed;
  }

  /** Why a record cannot be retried; undefined if it can. */
  retryProblem({ state }: LiveOrchestration, failureId: string): string | undefined {
    return retryProblem(state, failureId, this.context);
  }

  /** Executes a command whose commit no caller waits for. */
  executeDetached(orchestration: LiveOrchestration, command: Command): void {
    this.execute(orchestration, command).catch((error: unknown) => {
      // The committer has reported it and the engine stops.
      this.options.logger.debug('a command has no effect', { error: toError(error).message });
    });
  }

  /** Decides what is due now: time has passed, or a service has connected or disconnected. */
  advance(orchestration: LiveOrchestration): void {
    this.executeDetached(orchestration, { kind: 'advance' });
  }

  /** One timer per orchestration, moved only when something is due earlier: later dues are found when it fires. */
  private armTimer(orchestration: LiveOrchestration): void {
    const { lifecycle, clock } = this.options;
    const dueAt = lifecycle.stopped ? undefined : nextDueAt(orchestration.state, this.context);
    if (dueAt === undefined || dueAt >= orchestration.timerAt) return;
    orchestration.timer?.clear();
    orchestration.timerAt = dueAt;
    orchestration.timer = clock.setTimer(Math.max(0, dueAt - clock.now()), () => {
      orchestration.timer = undefined;
      orchestration.timerAt = Infinity;
      if (!lifecycle.stopped) this.advance(orchestration);
    });
  }
}
