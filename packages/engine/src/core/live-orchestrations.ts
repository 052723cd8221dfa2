/** The orchestrations that can still move, in memory. Those that are over are loaded again when a command needs one. */
import type { Clock, OrraError } from '@orra-ts/common';
import { isTerminalStatus, type OrchestrationId, type ProjectId } from '@orra-ts/protocol';
import { engineError } from '../errors';
import type { Project } from '../catalog/catalog';
import { isUnfinished } from '../domain/orchestration/compensation-order';
import { isOpen, type Command } from '../domain/orchestration/decide';
import type { OrchestrationEvent } from '../domain/orchestration/events';
import { withTimesUntil } from '../domain/orchestration/restored-times';
import type { OrchestrationState } from '../domain/orchestration/state';
import type { Journal } from '../journal/journal';
import type { Assignment } from './assignment';
import type { Assignments } from './assignments';
import type { DecisionLoop } from './decision-loop';
import type { Dispatcher } from './dispatcher';
import type { HeldDeliveries } from './held-deliveries';
import { LiveOrchestration } from './live-orchestration';
import type { ServiceUsers } from './service-users';

export interface LiveOrchestrationsOptions {
  readonly journal: Journal;
  readonly loop: DecisionLoop;
  readonly dispatcher: Dispatcher;
  readonly users: ServiceUsers;
  readonly assignments: Assignments;
  readonly held: HeldDeliveries;
  readonly clock: Clock;
  /** Live orchestrations above which no more are taken (E8). */
  readonly maxOpen: number;
}

export class LiveOrchestrations {
  private readonly open = new Map<string, LiveOrchestration>();
  /** Those that were over and are being loaded. */
  private readonly loading = new Map<string, Promise<LiveOrchestration | undefined>>();

  constructor(private readonly options: LiveOrchestrationsOptions) {}

  /** @throws OrraError `ORRA_ENGINE_FULL` */
  throwIfFull(): void {
    if (this.open.size < this.options.maxOpen || this.active() < this.options.maxOpen) return;
    throw engineError(
      'ORRA_ENGINE_FULL',
      `${this.open.size} orchestrations are open, which is the maximum; retry when some have ended, and look for disconnected services (GET /services)`,
      { details: { open: this.open.size } },
    );
  }

  begin(id: OrchestrationId, orchestration: LiveOrchestration): void {
    this.open.set(id, orchestration);
  }

  /** Makes an orchestration live again that was open when the engine stopped. */
  restore(id: OrchestrationId, events: readonly OrchestrationEvent[]): LiveOrchestration {
    const orchestration = LiveOrchestration.from(events, this.options.loop.waits.resumedAt);
    this.open.set(id, orchestration);
    return orchestration;
  }

  /** Stored events of an orchestration with the times that its decisions use (E11). */
  asDecided(id: string, events: readonly OrchestrationEvent[]): readonly OrchestrationEvent[] {
    const { loaded } = this.open.get(id) ?? { loaded: { events: events.length, latest: this.options.clock.now() } };
    return [...withTimesUntil(events.slice(0, loaded.events), loaded.latest), ...events.slice(loaded.events)];
  }

  /** Includes everything decided. Undefined when it is not live. */
  state(id: string): OrchestrationState | undefined {
    return this.open.get(id)?.state;
  }

  /**
   * Gives a command to an orchestration, which is loaded if it is over. Resolves when what follows from the command is
   * committed; with false if the project has no such orchestration. `check` may throw to refuse the command.
   */
  async execute(
    project: Project,
    id: string,
    command: Command,
    check?: (orchestration: LiveOrchestration) => void,
  ): Promise<boolean> {
    const orchestration = await this.find(project.id, id);
    if (!orchestration) return false;
    check?.(orchestration);
    this.adopt(orchestration);
    const committed = this.options.loop.execute(orchestration, command);
    this.forgetIfOver(orchestration);
    await committed;
    return true;
  }

  /**
   * Acts on the work that a service has under a key, whose orchestration is loaded if it left memory (E10). Resolves when
   * what follows is committed; with false if the key is not known (any more).
   */
  async withKey(
    projectId: ProjectId,
    serviceId: string,
    key: string,
    act: (assignment: Assignment) => Promise<void>,
  ): Promise<boolean> {
    const found = await this.options.journal.findKey(serviceId, key);
    const orchestration = found && (await this.find(projectId, found.orchestrationId));
    if (!orchestration) return false;
    const { assignments } = this.options;
    this.adopt(orchestration);
    const { kind, taskId, revertId = taskId, round } = found;
    const assignment =
      kind === 'task'
        ? assignments.ofTask(orchestration, taskId)
        : assignments.ofRevert(orchestration, revertId, round);
    const committed = assignment?.key === key ? act(assignment) : undefined;
    this.forgetIfOver(orchestration);
    await committed;
    return committed !== undefined;
  }

  /** Called after each commit. */
  forgetIfOver(orchestration: LiveOrchestration): void {
    if (orchestration.lastCommit !== undefined || isOpen(orchestration.state)) return;
    const { dispatcher, users, assignments, held } = this.options;
    orchestration.timer?.clear();
    users.untrack(orchestration);
    for (const assignment of orchestration.assignments.values()) dispatcher.release(assignment);
    assignments.forget(orchestration);
    held.keep(orchestration.state.id, orchestration.deliveries);
    this.open.delete(orchestration.state.id);
  }

  /** Ends timers and the planning that is under way; the next engine on this journal continues. */
  close(reason: OrraError): void {
    for (const orchestration of this.open.values()) {
      orchestration.timer?.clear();
      orchestration.endPlanning(reason);
    }
  }

  private async find(projectId: ProjectId, id: string): Promise<LiveOrchestration | undefined> {
    const loaded = this.open.get(id) ?? (await this.load(id));
    // Others that waited for the same load continue in this turn, before anything can be committed.
    const orchestration = this.open.get(id) ?? loaded;
    return orchestration?.state.projectId === projectId ? orchestration : undefined;
  }

  private adopt(orchestration: LiveOrchestration): void {
    const { id, tasks } = orchestration.state;
    if (this.open.has(id)) return;
    this.open.set(id, orchestration);
    this.options.held.forget(id);
    for (const { plan } of tasks.values()) this.options.users.track(orchestration, plan.serviceId);
  }

  /** Those that run or compensate. Others wait for late results or webhooks for a bounded time. */
  private active(): number {
    let count = 0;
    for (const { state } of this.open.values()) {
      if (!isTerminalStatus(state.status) || state.compensations.some(isUnfinished)) count++;
    }
    return count;
  }

  /** An orchestration that was over: none of its work is out, and nothing is due unless a command makes it so. */
  private load(id: string): Promise<LiveOrchestration | undefined> {
    let loading = this.loading.get(id);
    if (!loading) {
      loading = this.options.journal
        .load(id as OrchestrationId)
        .then(
          (stored) =>
            stored && LiveOrchestration.from(stored.events, this.options.clock.now(), this.options.held.of(id)),
        )
        .finally(() => this.loading.delete(id));
      this.loading.set(id, loading);
    }
    return loading;
  }
}
