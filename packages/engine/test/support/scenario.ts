/** Given events, when a command, then events: a small harness around the pure domain, with its own time, ids and luck. */
import type { OrchestrationId, ProjectId, ServiceId, Spec } from '@orra-ts/protocol';
import { type Command, decide, type DecisionContext, type ServiceFacts } from '../../src/domain/orchestration/decide';
import type { OrchestrationEvent } from '../../src/domain/orchestration/events';
import { replay } from '../../src/domain/orchestration/evolve';
import { dependenciesOf } from '../../src/domain/plan/references';
import type { OrchestrationState } from '../../src/domain/orchestration/state';
import type { DomainTimings } from '../../src/domain/orchestration/timings';
import type { ResolvedTask } from '../../src/domain/plan/resolved-plan';
import type { WebhookKind, WebhookTarget } from '../../src/domain/orchestration/webhooks';

export const TIMINGS: DomainTimings = {
  taskTimeoutMs: 30_000,
  taskMaxAttempts: 5,
  taskRetryBaseMs: 2_000,
  taskRetryCapMs: 30_000,
  healthGraceMs: 1_800_000,
  compensationMaxAttempts: 10,
  compensationTimeoutMs: 30_000,
  compensationRetryBaseMs: 2_000,
  compensationRetryCapMs: 60_000,
  retryJitter: 0,
  webhookMaxAttempts: 5,
  webhookRetryBaseMs: 40_000,
  webhookRetryCapMs: 320_000,
  lateResultMs: 86_400_000,
  doubtMs: 60_000,
  compensationHoldMs: 300_000,
  claimWaitMs: 30_000,
};

const REVERTIBLE: ServiceFacts = { revertible: true, capabilities: [] };
const SPEC: Spec = { type: 'object', properties: { value: { type: 'string' } } };

export interface TaskForm {
  readonly input?: Readonly<Record<string, unknown>>;
  readonly service?: string;
  readonly revertible?: boolean;
}

/** `tasks({ task1: {}, task2: { input: { value: '$task1.value' } } })` */
function tasksOf(forms: Readonly<Record<string, TaskForm>>): ResolvedTask[] {
  return Object.entries(forms).map(
    ([id, { input = { value: '$task0.value' }, service = `s_${id}`, revertible = true }]) => ({
      id,
      serviceId: service as ServiceId,
      serviceName: service,
      capability: '',
      input,
      dependsOn: dependenciesOf(input),
      inputSpec: SPEC,
      outputSpec: SPEC,
      revertible,
    }),
  );
}

export class Scenario {
  now = 1_000;
  events: OrchestrationEvent[] = [];
  state: OrchestrationState = replay([]);
  /** Services that are away. */
  readonly away = new Set<string>();
  /** Services that differ from a revertible one without capabilities. */
  readonly facts = new Map<string, ServiceFacts | undefined>();
  /** Deliveries that reached no connection. */
  readonly unsent = new Set<string>();
  readonly webhooks: Record<WebhookKind, WebhookTarget[]> = { orchestration: [], compensation: [] };
  private ids = 0;

  constructor(private readonly timings: DomainTimings = TIMINGS) {}

  /** Submits and plans. */
  static of(
    forms: Readonly<Record<string, TaskForm>>,
    options: { away?: string[]; timings?: DomainTimings; compensation?: 'parallel' } = {},
  ): Scenario {
    const scenario = new Scenario(options.timings);
    for (const service of options.away ?? []) scenario.away.add(service);
    scenario.when({
      kind: 'submit',
      submitted: {
        type: 'submitted',
        at: scenario.now,
        orchestrationId: 'o_1' as OrchestrationId,
        projectId: 'p_1' as ProjectId,
        action: { type: 'any', content: 'Test' },
        data: [{ field: 'value', value: 'v' }],
      },
    });
    scenario.when({
      kind: 'plan',
      planned: {
        type: 'planned',
        at: scenario.now,
        plan: {
          tasks: tasksOf(forms),
          parallelGroups: [],
          taskZero: { value: 'v' },
          ...(options.compensation ? { compensation: options.compensation } : {}),
        },
        source: { kind: 'explicit' },
      },
    });
    return scenario;
  }

  context(): DecisionContext {
    return {
      now: this.now,
      resumedAt: 0,
      timings: this.timings,
      isAvailable: (serviceId) => !this.away.has(serviceId),
      serviceOf: (_, serviceId) => (this.facts.has(serviceId) ? this.facts.get(serviceId) : REVERTIBLE),
      isUnsent: (deliveryId) => this.unsent.has(deliveryId),
      isRestored: () => false,
      newId: () => `id${++this.ids}`,
      newExecutionId: () => `e_${++this.ids}`,
      newCompensationExecutionId: () => `e_comp_${++this.ids}`,
      webhooksOf: (_, kind) => this.webhooks[kind],
      newFailureId: () => `c_${++this.ids}`,
      random: () => 0.5,
    };
  }

  /** Applies a command and answers its events, each as `type` or `type:task`. */
  when(command: Command): string[] {
    const { events, state } = decide(this.state, command, this.context());
    this.events.push(...events);
    this.state = state;
    return events.map(nameOf);
  }

  after(ms: number): string[] {
    this.now += ms;
    return this.when({ kind: 'advance' });
  }

  completes(taskId: string, output: unknown = { value: taskId }, executionId?: string): string[] {
    this.now += 1;
    const compensation = { data: { of: taskId }, ttlMs: 600_000 };
    return this.when({
      kind: 'task_result',
      taskId,
      executionId,
      outcome: { kind: 'completed', output, compensation },
    });
  }

  fails(
    taskId: string,
    error = 'no luck',
    failure?: { retryable: boolean; retryAfterMs?: number },
    executionId?: string,
  ): string[] {
    this.now += 1;
    const details = failure ? { failure: { code: 'TEST', ...failure } } : {};
    return this.when({ kind: 'task_result', taskId, executionId, outcome: { kind: 'failed', error, ...details } });
  }

  reverts(taskId: string): string[] {
    this.now += 1;
    return this.when({ kind: 'revert_result', taskId, executionId: undefined, outcome: { kind: 'completed' } });
  }

  last<T extends OrchestrationEvent['type']>(type: T): Extract<OrchestrationEvent, { type: T }> {
    const event = this.events.findLast((candidate) => candidate.type === type);
    if (!event) throw new Error(`no ${type} yet`);
    return event as Extract<OrchestrationEvent, { type: T }>;
  }
}

export const nameOf = (event: OrchestrationEvent): string =>
  'taskId' in event && !event.type.startsWith('orchestration') ? `${event.type}:${event.taskId}` : event.type;
