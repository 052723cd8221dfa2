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

const TERMINAL = new Set([
  'planning_failed',
  'orchestration_completed',
  'orchestration_failed',
  'orchestration_aborted',
  'orchestration_cancelled',
]);

export class Observations {
  readonly orchestrations = new Map<string, ObservedOrchestration>();
  readonly running = new Set<ActiveRun>();
  /** How revert handlers did not undo a task: `order/task`. */
  readonly notUndone = new Map<string, Set<'failed' | 'partial' | 'thrown'>>();

  constructor(
    private readonly scheduler: Scheduler,
    private readonly orders: readonly OrderSpec[],
  ) {}

  committed(appends: Appends): ObservedEvent[] {
    const all: ObservedEvent[] = [];
    for (const { orchestrationId, events } of appends) {
      for (const event of events) {
        const observed = { event, atMs: this.scheduler.nowMs };
        this.orchestrationOf(orchestrationId, event)?.events.push(observed);
        all.push(observed);
      }
    }
    return all;
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
): { readonly event: Extract<OrchestrationEvent, { type: T }>; readonly atMs: number }[] {
  return events.filter(
    ({ event }) => event.type === type && (taskId === undefined || (event as { taskId?: string }).taskId === taskId),
  ) as { readonly event: Extract<OrchestrationEvent, { type: T }>; readonly atMs: number }[];
}

/** The tasks whose input used the output of a task, directly or through others. */
export function builtOn({ tasks }: OrderSpec, taskId: string): string[] {
  const found = new Set<string>();
  for (const { id, uses } of tasks) if (uses.some((used) => used === taskId || found.has(used))) found.add(id);
  return [...found];
}
