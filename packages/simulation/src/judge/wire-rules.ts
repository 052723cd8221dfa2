/** Rules about what the engine sends, checked when it is sent: E1, E3, E4, E10, E12. */
import type { Scheduler } from '../kernel/scheduler';
import type { WorldSpec } from '../spec/world-spec';
import type { Connection } from '../system/connection';
import type { HeldRequests } from './deliveries';
import { badEnd, eventsOf, terminalEvents, type Observations, type ObservedOrchestration } from './observations';
import type { Report } from './rules';
import { isSuccess, type Envelope, type WireMessage } from './wire-message';

/** `lateResultMs`. */
const LATE_RESULT_MS = 24 * 60 * 60_000;

export class WireRules {
  /** Successes by replica and wrapper id, not acknowledged yet. */
  private readonly successes = new Map<string, { readonly key: string; readonly output: string }>();
  /** Number of requests by execution id. */
  private readonly requests = new Map<string, number>();

  constructor(
    private readonly spec: WorldSpec,
    private readonly scheduler: Scheduler,
    private readonly observations: Observations,
    private readonly held: HeldRequests,
    private readonly report: Report,
  ) {}

  /** A message of a service. */
  fromService({ link }: Connection, { id, payload }: Envelope): void {
    const { idempotencyKey: key } = payload;
    // A forged message names a key that was never sent to its service.
    if (isSuccess(payload) && key !== undefined && id !== 'forged' && this.held.task(key)) {
      const { task: output } = payload.result as { readonly task?: unknown };
      this.successes.set(`${link.replica} ${id}`, { key, output: JSON.stringify(output) });
    }
  }

  /** A message of the engine, before `HeldRequests` knows it. */
  fromEngine(connection: Connection, message: WireMessage): void {
    switch (message.type) {
      case 'ACK':
        return this.acknowledged(`${connection.link.replica} ${message.id ?? ''}`);
      case 'task_request':
        return this.taskSent(connection, message);
      case 'compensation_request':
        return this.revertSent(message);
    }
  }

  private acknowledged(id: string): void {
    const success = this.successes.get(id);
    const known = this.held.task(success?.key);
    this.successes.delete(id);
    const orchestration = known && this.observations.orchestrations.get(known.orchestrationId);
    if (!known || !orchestration) return;
    const completed = eventsOf(orchestration, 'task_completed', known.taskId);
    // Another output is recorded only if its service can revert it.
    const recorded = completed.some(({ event }) => event.compensation === undefined)
      ? []
      : [...completed, ...eventsOf(orchestration, 'duplicate_recorded', known.taskId)];
    const isKnown = recorded.some(({ event: { output } }) => JSON.stringify(output) === success?.output);
    if (completed.length > 0 && (recorded.length === 0 || isKnown)) return;
    const end = terminalEvents(orchestration)[0];
    if (end && this.scheduler.nowMs + this.clockJumpsMs() - end.atMs > LATE_RESULT_MS) return;
    const text = `a success of ${orchestration.order.name}/${known.taskId} is acknowledged, but its output is not committed`;
    this.report(end ? 'E10' : 'E1', text);
  }

  /** How far a wall clock that was set forward can advance engine time over a restart. */
  private clockJumpsMs(): number {
    let ms = 0;
    for (const fault of this.spec.faults)
      if (fault.kind === 'clock' && fault.process === 'engine') ms += Math.max(0, fault.byMs);
    return ms;
  }

  private taskSent(connection: Connection, message: WireMessage): void {
    const { id = '', idempotencyKey = '', executionId = '', orchestrationId = '' } = message;
    const orchestration = this.observations.orchestrations.get(orchestrationId);
    if (!orchestration) return this.report('E4', `${id} of an orchestration that is not committed is sent`);
    const name = `${orchestration.order.name}/${id}`;
    if (terminalEvents(orchestration).length > 0)
      this.report('E4', `${name} is sent after the end of its orchestration`);
    if (eventsOf(orchestration, 'task_completed', id).length > 0)
      this.report('E4', `${name} is sent after its completion`);
    this.inputs(orchestration, id, message);
    this.committed(orchestration, id, executionId);
    const holders = this.held.holders(idempotencyKey);
    const [holder] = holders;
    if (holder && !holders.includes(connection)) {
      const [to, from] = [connection, holder].map(({ link }) => link.replica);
      this.report('E12', `${name} is sent to ${to ?? ''} while the connection of ${from ?? ''}, which has it, is open`);
    }
  }

  /** E3, E4: the outputs that the task uses, as they were committed. */
  private inputs(orchestration: ObservedOrchestration, id: string, { input }: WireMessage): void {
    const uses = orchestration.order.tasks.find((task) => task.id === id)?.uses ?? [];
    const { first, second } = input as { readonly first?: string; readonly second?: string };
    for (const [index, used] of uses.entries()) {
      const output = eventsOf(orchestration, 'task_completed', used)[0]?.event.output as
        { charge?: string } | undefined;
      const sent = index === 0 ? first : second;
      if (output?.charge === undefined || sent !== output.charge) {
        this.report(
          'E3',
          `${orchestration.order.name}/${id} is sent with ${sent ?? 'nothing'}, not with the committed output of ${used}`,
        );
      }
    }
  }

  /** E3: each request for a task follows a committed event of its own. */
  private committed(orchestration: ObservedOrchestration, id: string, executionId: string): void {
    const starts = eventsOf(orchestration, 'task_started', id);
    const index = starts.findLastIndex(({ event }) => event.executionId === executionId);
    const name = `${orchestration.order.name}/${id}`;
    if (index < 0) return this.report('E3', `${name} is sent, but its start is not committed`);
    const from = orchestration.events.findIndex(
      ({ event }) => event.type === 'task_started' && event.executionId === executionId,
    );
    const own = orchestration.events
      .slice(from)
      .filter(({ event }) =>
        event.type === 'task_redelivered'
          ? event.taskId === id
          : event.type === 'task_started' && event.executionId === executionId,
      );
    const sent = (this.requests.get(executionId) ?? 0) + 1;
    this.requests.set(executionId, sent);
    if (sent > own.length)
      this.report('E3', `${name} is sent ${sent} times, but ${own.length} deliveries are committed`);
  }

  private revertSent({ id = '', executionId, compensationContext }: WireMessage): void {
    const orchestration = this.observations.orchestrations.get(compensationContext?.orchestrationId ?? '');
    if (!orchestration) return this.report('E3', `a revert of ${id} in an unknown orchestration is sent`);
    const name = `${orchestration.order.name}/${id}`;
    const isCommitted = eventsOf(orchestration, 'compensation_started', id).some(
      ({ event }) => event.executionId === executionId,
    );
    if (!isCommitted) this.report('E3', `the revert of ${name} is sent, but its start is not committed`);
    const isDuplicate = eventsOf(orchestration, 'duplicate_recorded', id).length > 0;
    if (!badEnd(orchestration) && !isDuplicate)
      this.report('E4', `${name} is reverted, but its orchestration has not ended badly`);
  }
}
