/**
 * The loop of every orchestration: load, decide, commit, then act. State here may be one group commit ahead of the
 * journal; messages, acknowledgements and answers never are.
 */
import { OrraError, toError, type Clock, type Logger } from '@orra-ts/common';
import {
  mintCompensationExecutionId,
  mintCompensationId,
  mintExecutionId,
  mintShortId,
  readRevertOutcome,
  readTaskOutcome,
  type EngineMessage,
  type OrchestrationId,
  type RandomBytes,
  type ServiceMessage,
  type Submission,
} from '@orra-ts/protocol';
import type { Catalog, Project } from '../catalog/catalog';
import type { ServiceConnection } from '../dispatch/connections';
import { decide, isOpen, nextDueAt, type Command } from '../domain/orchestration/decide';
import type { OrchestrationEvent } from '../domain/orchestration/events';
import { replay } from '../domain/orchestration/evolve';
import type { OrchestrationState } from '../domain/orchestration/state';
import { timeoutOf } from '../domain/orchestration/tasks';
import type { Journal } from '../journal/journal';
import type { EngineTimings } from '../options';
import type { Planner, PlanningOutcome } from '../planner/planner';
import type { TargetPolicy } from '../webhooks/target-policy';
import { Committer } from './committer';
import { Dispatcher, type Assignment } from './dispatcher';
import { compensationKey, taskKey } from './idempotency-key';
import { LiveOrchestration } from './live-orchestration';
import { compensationRequest, taskRequest } from './requests';
import { Submissions, type SubmitOptions } from './submissions';
import { WebhookOutbox } from './webhook-outbox';
import type { DecisionContext } from '../domain/orchestration/decide';

export interface OrchestrationsOptions {
  readonly journal: Journal;
  readonly catalog: Catalog;
  readonly planner: Planner;
  readonly timings: EngineTimings;
  readonly clock: Clock;
  readonly randomBytes: RandomBytes;
  readonly random: () => number;
  readonly logger: Logger;
  readonly webhookTargets: TargetPolicy;
  /** Open orchestrations above which no more are taken (E8). */
  readonly maxOpen: number;
  /** Something of it is newly in the journal. */
  readonly onCommitted: (state: OrchestrationState) => void;
  readonly onFailed: (error: OrraError) => void;
}

export class Orchestrations {
  private readonly open = new Map<string, LiveOrchestration>();
  /** Work that is out or may still be answered, by service and idempotency key. */
  private readonly byKey = new Map<string, Assignment>();
  /** Those that were over and are being read again. */
  private readonly loading = new Map<string, Promise<LiveOrchestration | undefined>>();
  private readonly committer: Committer;
  private readonly dispatcher: Dispatcher;
  private readonly outbox: WebhookOutbox;
  private readonly submissions: Submissions;
  private readonly resumedAt: number;
  private stopped: OrraError | undefined;

  constructor(private readonly options: OrchestrationsOptions) {
    const { clock, logger, journal, timings } = options;
    this.resumedAt = clock.now();
    this.committer = new Committer({
      journal,
      clock,
      logger,
      onCommitted: (orchestration, events) => this.act(orchestration, events),
      onFailed: (error) => {
        this.stopped = error;
        options.onFailed(error);
      },
    });
    this.outbox = new WebhookOutbox({
      catalog: options.catalog,
      clock,
      logger,
      timeoutMs: timings.webhookTimeoutMs,
      targets: options.webhookTargets,
      executeDetached: (orchestration, command) => this.executeDetached(orchestration, command),
    });
    this.submissions = new Submissions({
      ...options,
      stopped: () => this.stopped,
      begin: (orchestration, id) => this.open.set(id, orchestration),
      execute: (orchestration, command) => this.execute(orchestration, command),
      executeDetached: (orchestration, command) => this.executeDetached(orchestration, command),
      track: (orchestration, serviceId) => this.dispatcher.track(orchestration, serviceId),
    });
    this.dispatcher = new Dispatcher({
      clock,
      logger,
      disconnectGraceMs: timings.disconnectGraceMs,
      messageFor: (assignment, connection) => this.messageFor(assignment, connection),
      onUnsendable: ({ orchestration, kind, taskId }, { message: error }) => {
        const failure = { code: 'MESSAGE_TOO_LARGE', retryable: false };
        const answer = { taskId, executionId: undefined, outcome: { kind: 'failed', error, failure } } as const;
        this.executeDetached(orchestration, { kind: kind === 'task' ? 'task_result' : 'revert_result', ...answer });
      },
      onAvailability: (orchestrations) => {
        for (const orchestration of orchestrations) this.advance(orchestration);
      },
    });
  }

  /** Loads what was open when the engine stopped. Recovery is running: what is due follows from the state. */
  async recover(): Promise<void> {
    for await (const { id, events } of this.options.journal.open()) {
      const orchestration = new LiveOrchestration();
      orchestration.state = replay(events);
      orchestration.stored = events.length;
      this.open.set(id, orchestration);
      this.resume(orchestration);
    }
  }

  /** See `Submissions.submit`. */
  async submit(project: Project, submission: Submission, options?: SubmitOptions): Promise<OrchestrationState> {
    this.refuseWhenStopped();
    this.refuseWhenFull();
    return await this.submissions.submit(project, submission, options);
  }

  /** A plan that is not run. */
  async preview(project: Project, submission: Submission, signal?: AbortSignal): Promise<PlanningOutcome> {
    this.refuseWhenStopped();
    const outcome = await this.submissions.preview(project, submission, signal);
    this.refuseWhenStopped();
    return outcome;
  }

  /**
   * Gives a command to an orchestration, from the journal if it is over. False: the project has no such orchestration.
   * Resolves when what follows from it is committed.
   */
  async change(project: Project, id: string, command: Command): Promise<boolean> {
    this.refuseWhenStopped();
    const orchestration = this.open.get(id) ?? (await this.reopened(id));
    if (!orchestration || orchestration.state.projectId !== project.id) return false;
    // Others that waited for the same load go on in this turn, before anything can be committed.
    if (!this.open.has(id)) {
      this.open.set(id, orchestration);
      for (const { plan } of orchestration.state.tasks.values()) this.dispatcher.track(orchestration, plan.serviceId);
    }
    const committed = this.execute(orchestration, command);
    this.forgetIfOver(orchestration);
    await committed;
    return true;
  }

  /** With everything that is decided, as long as it can still move. */
  openState(id: string): OrchestrationState | undefined {
    return this.open.get(id)?.state;
  }

  connected(connection: ServiceConnection): void {
    this.dispatcher.connected(connection);
  }

  disconnected(connection: ServiceConnection): void {
    this.dispatcher.disconnected(connection);
  }

  writable(connection: ServiceConnection): void {
    this.dispatcher.writable(connection);
  }

  /** See `EngineHostApi.received`. */
  received(connection: ServiceConnection, message: ServiceMessage): Promise<void> {
    if (message.type === 'pong' || message.type === 'task_status') return Promise.resolve();
    const assignment = this.byKey.get(lookUpKey(connection.serviceId, message.idempotencyKey));
    if (!assignment) {
      this.options.logger.debug('message for a key that is not open', {
        serviceId: connection.serviceId,
        type: message.type,
      });
      return Promise.resolve();
    }
    const command = commandOf(assignment, message);
    return command ? this.execute(assignment.orchestration, command) : Promise.resolve();
  }

  malformed(connection: ServiceConnection, idempotencyKey: string, error: string): Promise<void> {
    const assignment = this.byKey.get(lookUpKey(connection.serviceId, idempotencyKey));
    if (!assignment) return Promise.resolve();
    const { orchestration, kind, taskId } = assignment;
    return this.execute(orchestration, {
      kind: kind === 'task' ? 'task_malformed' : 'revert_malformed',
      taskId,
      error,
    });
  }

  async close(): Promise<void> {
    this.stopped ??= new OrraError('ORRA_ENGINE_STOPPING', 'the engine is stopping; try again when it is back', {
      retryable: true,
    });
    this.submissions.close(this.stopped);
    this.dispatcher.close();
    this.outbox.close();
    for (const orchestration of this.open.values()) {
      orchestration.timer?.clear();
      orchestration.endPlanning(this.stopped);
    }
    await this.committer.drain();
  }

  // ---- deciding

  private execute(orchestration: LiveOrchestration, command: Command): Promise<void> {
    if (this.stopped && this.stopped.code !== 'ORRA_ENGINE_STOPPING') return Promise.reject(this.stopped);
    const { events, state } = decide(orchestration.state, command, this.context());
    if (events.length === 0) {
      this.armTimer(orchestration);
      // It may say again what is decided and not committed yet: acknowledged when that is (E1).
      return orchestration.lastCommit ?? Promise.resolve();
    }
    orchestration.state = state;
    const committed = this.committer.add(orchestration, events);
    this.armTimer(orchestration);
    return committed;
  }

  private advance(orchestration: LiveOrchestration): void {
    this.executeDetached(orchestration, { kind: 'advance' });
  }

  /** A command that nobody waits for. */
  private executeDetached(orchestration: LiveOrchestration, command: Command): void {
    this.execute(orchestration, command).catch((error: unknown) => {
      // The committer has reported it and the engine stops.
      this.options.logger.debug('a command has no effect', { error: toError(error).message });
    });
  }

  private context(): DecisionContext {
    const { clock, timings, randomBytes, random } = this.options;
    return {
      now: clock.now(),
      resumedAt: this.resumedAt,
      timings,
      isAvailable: this.dispatcher.isAvailable,
      newId: () => mintShortId(randomBytes),
      newExecutionId: () => mintExecutionId(randomBytes),
      newCompensationExecutionId: () => mintCompensationExecutionId(randomBytes),
      webhooksOf: (projectId, kind) => this.options.catalog.webhooks(projectId, kind),
      newFailureId: () => mintCompensationId(randomBytes),
      random,
    };
  }

  /** One timer an orchestration, moved only when something is due earlier: later dues are found when it fires. */
  private armTimer(orchestration: LiveOrchestration): void {
    const { clock, timings } = this.options;
    const dueAt = this.stopped ? undefined : nextDueAt(orchestration.state, { timings, resumedAt: this.resumedAt });
    if (dueAt === undefined || dueAt >= orchestration.timerAt) return;
    orchestration.timer?.clear();
    orchestration.timerAt = dueAt;
    orchestration.timer = clock.setTimer(Math.max(0, dueAt - clock.now()), () => {
      orchestration.timer = undefined;
      orchestration.timerAt = Infinity;
      if (!this.stopped) this.advance(orchestration);
    });
  }

  // ---- acting on what is committed

  private act(orchestration: LiveOrchestration, events: readonly OrchestrationEvent[]): void {
    this.options.onCommitted(orchestration.state);
    for (const event of events) {
      switch (event.type) {
        case 'task_started':
          this.dispatcher.send(this.assignmentOf(orchestration, 'task', event.taskId));
          break;
        case 'compensation_started':
          this.dispatcher.send(this.assignmentOf(orchestration, 'compensation', event.taskId));
          break;
        case 'task_paused':
        case 'task_completed':
        case 'task_attempt_failed':
        case 'task_aborted':
          this.dispatcher.release(this.assignmentOf(orchestration, 'task', event.taskId));
          break;
        case 'compensation_paused':
        case 'compensation_attempt_failed':
        case 'compensation_finished':
          this.dispatcher.release(this.assignmentOf(orchestration, 'compensation', event.taskId));
          break;
        case 'webhook_queued':
        case 'webhook_attempt_failed':
          this.outbox.send(orchestration, event.id);
          break;
        case 'orchestration_cancelled':
          orchestration.endPlanning(new OrraError('ORRA_PLANNING_CANCELLED', event.reason));
          break;
        case 'submitted':
        case 'planned':
        case 'planning_failed':
        case 'task_updated':
        case 'orchestration_completed':
        case 'orchestration_failed':
        case 'orchestration_aborted':
        case 'late_results_closed':
        case 'compensation_failure_resolved':
        case 'compensation_retried':
        case 'webhook_delivered':
        case 'webhook_given_up':
          break;
      }
    }
    this.forgetIfOver(orchestration);
  }

  private assignmentOf(orchestration: LiveOrchestration, kind: Assignment['kind'], taskId: string): Assignment {
    const { state } = orchestration;
    const round = kind === 'task' ? 0 : roundOf(state, taskId);
    const slot = `${kind}:${taskId}:${round}`;
    let assignment = orchestration.assignments.get(slot);
    if (!assignment) {
      const task = state.tasks.get(taskId);
      if (!task) throw new Error(`${state.id} has no task ${taskId}`);
      const key = kind === 'task' ? taskKey(state, task) : compensationKey(state, taskId, round);
      const { serviceId } = task.plan;
      assignment = { key, kind, orchestration, taskId, serviceId, waiting: false, connection: undefined };
      orchestration.assignments.set(slot, assignment);
      this.byKey.set(lookUpKey(serviceId, key), assignment);
    }
    return assignment;
  }

  private messageFor(assignment: Assignment, { taskMeta }: ServiceConnection): EngineMessage | undefined {
    const { orchestration, taskId, kind, key: idempotencyKey } = assignment;
    const { state } = orchestration;
    const { timings } = this.options;
    if (kind === 'task') {
      const task = state.tasks.get(taskId);
      if (task?.phase.kind !== 'running' || state.status !== 'processing') return undefined;
      const { executionId } = task.phase;
      return taskRequest(state, task, {
        executionId,
        idempotencyKey,
        timeoutMs: timeoutOf(state, task, timings),
        taskMeta,
      });
    }
    const compensation = state.compensations.find((candidate) => candidate.taskId === taskId);
    if (compensation?.phase.kind !== 'running') return undefined;
    const { executionId } = compensation.phase;
    const timeoutMs = timings.compensationTimeoutMs;
    return compensationRequest(state, compensation, { executionId, idempotencyKey, timeoutMs, taskMeta });
  }

  // ---- coming and going

  private resume(orchestration: LiveOrchestration): void {
    const { state } = orchestration;
    for (const task of state.tasks.values()) {
      const { serviceId } = task.plan;
      this.dispatcher.holdForReconnect(serviceId);
      this.dispatcher.track(orchestration, serviceId);
      const { kind } = task.phase;
      if (kind === 'waiting' || kind === 'completed' || kind === 'failed' || kind === 'aborted') continue;
      const assignment = this.assignmentOf(orchestration, 'task', task.plan.id);
      if (kind === 'running' && state.status === 'processing') this.dispatcher.send(assignment);
    }
    for (const { taskId, phase } of state.compensations) {
      if (phase.kind === 'pending' || phase.kind === 'finished') continue;
      const assignment = this.assignmentOf(orchestration, 'compensation', taskId);
      if (phase.kind === 'running') this.dispatcher.send(assignment);
    }
    this.outbox.resume(orchestration);
    if (state.status === 'pending') void this.submissions.planAgain(orchestration);
    else this.advance(orchestration);
  }

  /** One that was over: nothing of it is out, and nothing is due unless a command makes it so. */
  private reopened(id: string): Promise<LiveOrchestration | undefined> {
    let loading = this.loading.get(id);
    if (!loading) {
      loading = this.options.journal
        .load(id as OrchestrationId)
        .then((stored) => {
          if (!stored) return undefined;
          const orchestration = new LiveOrchestration();
          orchestration.state = replay(stored.events);
          orchestration.stored = stored.events.length;
          return orchestration;
        })
        .finally(() => this.loading.delete(id));
      this.loading.set(id, loading);
    }
    return loading;
  }

  private forgetIfOver(orchestration: LiveOrchestration): void {
    if (orchestration.lastCommit === undefined && !isOpen(orchestration.state)) this.forget(orchestration);
  }

  private forget(orchestration: LiveOrchestration): void {
    orchestration.timer?.clear();
    this.dispatcher.untrack(orchestration);
    for (const { serviceId, key } of orchestration.assignments.values()) this.byKey.delete(lookUpKey(serviceId, key));
    this.open.delete(orchestration.state.id);
  }

  private refuseWhenStopped(): void {
    if (this.stopped) throw this.stopped;
  }

  private refuseWhenFull(): void {
    if (this.open.size < this.options.maxOpen) return;
    throw new OrraError(
      'ORRA_ENGINE_FULL',
      `${this.open.size} orchestrations are open, more are not taken until some have ended; look for services that are away (GET /services)`,
      { details: { open: this.open.size }, retryable: true },
    );
  }
}

/** Keys are looked up within the service of the socket they came over: another service's cannot be answered (E7). */
const lookUpKey = (serviceId: string, idempotencyKey: string): string => `${serviceId} ${idempotencyKey}`;

const roundOf = ({ compensations }: OrchestrationState, taskId: string): number =>
  compensations.find((compensation) => compensation.taskId === taskId)?.round ?? 0;

function commandOf(
  { kind, taskId }: Assignment,
  message: Exclude<ServiceMessage, { type: 'pong' | 'task_status' }>,
): Command | undefined {
  if (kind === 'compensation') {
    // Updates and aborts mean nothing during a revert.
    if (message.type !== 'task_result') return undefined;
    return { kind: 'revert_result', taskId, executionId: message.executionId, outcome: readRevertOutcome(message) };
  }
  switch (message.type) {
    case 'task_result':
      return { kind: 'task_result', taskId, executionId: message.executionId, outcome: readTaskOutcome(message) };
    case 'task_interim_result':
      return { kind: 'task_update', taskId, data: message.result.task };
    case 'task_abort_result':
      return { kind: 'task_abort', taskId, payload: message.result?.task };
  }
}
