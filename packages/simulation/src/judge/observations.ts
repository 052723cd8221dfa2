/** What is known of a world from outside: committed events, messages on the wire, and handlers that run. */
import type { OrchestrationEvent } from '@orra-ts/engine/testing';
import type { Scheduler } from '../kernel/scheduler';
import type { OrderSpec } from '../spec/world-spec';
import type { Connection } from '../system/connection';
import type { Appends } from '../system/journal-port';
import type { HandlerRun } from '../system/shop-service';

export interface ObservedEvent {
  readonly event: OrchestrationEvent;
  /** Monotonic time of the commit, not the time that the event names. */
  readonly atMs: number;
  /** It was decided within this time: before the engine handed it over, and not before the last group was. */
  readonly decidedMs: readonly [earliest: number, latest: number];
}

export interface ObservedOrchestration {
  readonly id: string;
  readonly order: OrderSpec;
  readonly events: ObservedEvent[];
}

export interface ActiveRun extends HandlerRun {
  readonly startedAtMs: number;
  /** The connection that its process had when it started. */
  readonly connection: Connection | undefined;
}

/** Longest time between a commit and the moment when the engine knows of it. */
const WRITE_MS = 10;

const TERMINAL = new Set([
  'planning_failed',
  'orchestration_completed',
  'orchestration_failed',
  'orchestration_aborted',
  'orchestration_cancelled',
]);

export class Observations {
  readonly orchestrations = new Map<string, ObservedOrchestration>();
  /** When something last happened: a commit, or a handler that started or ended. */
  activeAtMs = 0;
  private readonly decided = new WeakMap<OrchestrationEvent, readonly [earliest: number, latest: number]>();
  private readonly owners = new WeakMap<OrchestrationEvent, ObservedOrchestration>();
  private handedOver = { fromMs: 0, committedAtMs: 0 };
  readonly running = new Set<ActiveRun>();
  /** How revert handlers did not undo a task: `order/task`. */
  readonly notUndone = new Map<string, Set<'failed' | 'partial' | 'thrown'>>();

  constructor(
    private readonly scheduler: Scheduler,
    private readonly orders: readonly OrderSpec[],
  ) {}

  /** The engine hands events over to its journal. While it writes a group, it collects the next one. */
  handedOverNow(appends: Appends): void {
    const { nowMs } = this.scheduler;
    const [first] = appends.flatMap(({ events }) => events);
    if (!first || this.decided.has(first)) return;
    const { fromMs, committedAtMs } = this.handedOver;
    const earliest = nowMs - committedAtMs <= WRITE_MS ? fromMs : nowMs;
    for (const { events } of appends) for (const event of events) this.decided.set(event, [earliest, nowMs]);
    this.handedOver = { fromMs: nowMs, committedAtMs };
  }

  committed(appends: Appends): ObservedEvent[] {
    const all: ObservedEvent[] = [];
    const { nowMs } = this.scheduler;
    this.activeAtMs = this.handedOver.committedAtMs = nowMs;
    for (const { orchestrationId, events } of appends) {
      for (const event of events) {
        const observed = { event, atMs: nowMs, decidedMs: this.decided.get(event) ?? ([nowMs, nowMs] as const) };
        const orchestration = this.orchestrationOf(orchestrationId, event);
        orchestration?.events.push(observed);
        if (orchestration) this.owners.set(event, orchestration);
        all.push(observed);
      }
    }
    return all;
  }

  of({ event }: ObservedEvent): ObservedOrchestration | undefined {
    return this.owners.get(event);
  }

  byOrder(name: string): ObservedOrchestration | undefined {
    for (const orchestration of this.orchestrations.values()) {
      if (orchestration.order.name === name) return orchestration;
    }
    return undefined;
  }

  addNotUndone(order: string, task: string, how: 'failed' | 'partial' | 'thrown'): void {
    const name = `${order}/${task}`;
    this.notUndone.set(name, (this.notUndone.get(name) ?? new Set()).add(how));
  }

  /** Runs of processes that have not crashed. */
  activeRuns(): ActiveRun[] {
    for (const run of this.running) if (!run.scope.alive) this.running.delete(run);
    return [...this.running];
  }

  private orchestrationOf(id: string, event: OrchestrationEvent): ObservedOrchestration | undefined {
    const known = this.orchestrations.get(id);
    if (known || event.type !== 'submitted') return known;
    const order = this.orders.find(({ name }) => name === event.action.content);
    if (!order) return undefined;
    const created = { id, order, events: [] };
    this.orchestrations.set(id, created);
    return created;
  }
}

export const terminalEvents = ({ events }: ObservedOrchestration): readonly ObservedEvent[] =>
  events.filter(({ event }) => TERMINAL.has(event.type));

export function eventsOf<T extends OrchestrationEvent['type']>(
  { events }: ObservedOrchestration,
  type: T,
  taskId?: string,
): (ObservedEvent & { readonly event: Extract<OrchestrationEvent, { type: T }> })[] {
  return events.filter(
    ({ event }) => event.type === type && (taskId === undefined || (event as { taskId?: string }).taskId === taskId),
  ) as (ObservedEvent & { readonly event: Extract<OrchestrationEvent, { type: T }> })[];
}

/** Its bad end: failed, aborted or cancelled; undefined if it has completed or runs. */
export const badEnd = (orchestration: ObservedOrchestration): ObservedEvent | undefined =>
  terminalEvents(orchestration).find(({ event: { type } }) => type !== 'orchestration_completed');

/** The tasks whose input used the output of a task, directly or through others. */
export function builtOn({ tasks }: OrderSpec, taskId: string): string[] {
  const found = new Set<string>();
  for (const { id, uses } of tasks) if (uses.some((used) => used === taskId || found.has(used))) found.add(id);
  return [...found];
}

export const nameOf = ({ order }: ObservedOrchestration, event: OrchestrationEvent): string =>
  `${order.name}/${'taskId' in event ? event.taskId : ''}`;

export const isOf = (event: OrchestrationEvent, taskId: string): boolean =>
  'taskId' in event && event.taskId === taskId;

/** Id of the revert of an event; the first revert of a task has the id of the task. */
export function revertOf(event: OrchestrationEvent): string {
  const { revertId, taskId } = event as { readonly revertId?: string; readonly taskId?: string };
  return revertId ?? taskId ?? '';
}
