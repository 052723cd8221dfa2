/** Bodies of `/orchestrations`: protocol page, sections 5.1, 5.2, 8.1 and 8.2. */
import { Type, type Static } from '@sinclair/typebox';
import { PlanSchema } from '../plan';
import type { GroundingUseCase } from './groundings';
import type { Spec } from '../spec';
import type { CompensationStatus, OrchestrationStatus, TaskStatus } from '../status';

/** A Go duration text (`"45s"`), nanoseconds, or the legacy `{"Duration": n}`. */
export const WireDurationSchema = Type.Union([
  Type.String(),
  Type.Number(),
  Type.Object({ Duration: Type.Number() }),
  Type.Null(),
]);
export type WireDuration = Static<typeof WireDurationSchema>;

export const SubmissionSchema = Type.Object({
  action: Type.Optional(
    Type.Union([
      Type.Object({
        type: Type.Optional(Type.Union([Type.String(), Type.Null()])),
        content: Type.Optional(Type.Union([Type.String(), Type.Null()])),
      }),
      Type.Null(),
    ]),
  ),
  data: Type.Optional(
    Type.Union([Type.Array(Type.Object({ field: Type.String(), value: Type.Optional(Type.Unknown()) })), Type.Null()]),
  ),
  /** Of one attempt of a task. */
  timeout: Type.Optional(WireDurationSchema),
  healthCheckGracePeriod: Type.Optional(WireDurationSchema),
  /** Engines that announce `plans`: run exactly this. */
  plan: Type.Optional(Type.Union([PlanSchema, Type.Null()])),
  /** Our engine: handed to every task (tenant, trace). */
  metadata: Type.Optional(Type.Union([Type.Record(Type.String(), Type.String()), Type.Null()])),
});
export type Submission = Static<typeof SubmissionSchema>;

export interface DataField {
  readonly field: string;
  readonly value: unknown;
}

export interface PlannedTaskView {
  readonly id: string;
  readonly service: string;
  readonly input: Record<string, unknown>;
  readonly service_name: string;
  readonly capabilities: readonly string[];
  readonly expected_input: Spec;
  readonly expected_output: Spec;
}

export interface PlanView {
  readonly tasks: readonly PlannedTaskView[];
  readonly parallel_groups: readonly (readonly string[])[];
}

/** The 202 of a submission. */
export interface OrchestrationView {
  readonly id: string;
  readonly projectID: string;
  readonly action: { readonly type: string; readonly content: string };
  readonly data: readonly DataField[] | null;
  readonly plan: PlanView | null;
  readonly results: readonly unknown[] | null;
  readonly status: OrchestrationStatus;
  readonly error?: unknown;
  readonly timestamp: string;
  readonly timeout?: string;
  readonly healthCheckGracePeriod?: string;
  readonly taskZero: unknown;
  readonly abortReason?: unknown;
  readonly metadata?: Readonly<Record<string, string>>;
  /** Our engine: where the plan came from. */
  readonly planSource?: PlanSourceView;
  /** Our engine: what a model's planning took. */
  readonly planning?: PlanningView;
  /** The grounding that speaks of the action. */
  readonly groundingHit?: GroundingHitView;
  /** Our engine: names of fields of `taskZero` that come from the action's words, not from the data; absent: none. */
  readonly constants?: readonly string[];
}

/** `name` and `version` of a defined plan, `model` of a plan that one made, now or (`cache`) for an earlier request. */
export interface PlanSourceView {
  readonly kind: 'explicit' | 'defined' | 'model' | 'cache';
  readonly name?: string;
  readonly version?: number;
  readonly model?: string;
}

/** What is wrong with a plan, or with what a model answered instead of one. */
export interface PlanProblemView {
  /** Absent: the plan as a whole. */
  readonly taskId?: string;
  /** Such as `service` or `input.address.line`. */
  readonly field?: string;
  readonly message: string;
}

/** How a model planned. */
export interface PlanningView {
  readonly model: string;
  readonly promptVersion: number;
  /** Milliseconds from the question to the last answer, waits included. */
  readonly durationMs: number;
  /** Of all attempts, as far as the model's endpoint tells. */
  readonly tokens: { readonly prompt: number; readonly completion: number };
  readonly attempts: readonly {
    readonly durationMs: number;
    readonly promptTokens?: number;
    readonly completionTokens?: number;
    /** Why its answer was refused; absent for the one that was taken. */
    readonly problems?: readonly PlanProblemView[];
  }[];
}

/** A grounding and its one use case that speaks of the action; the original calls that `useCases`, too. */
export interface GroundingHitView {
  readonly name: string;
  readonly domain: string;
  readonly version: string;
  readonly useCases: GroundingUseCase;
  readonly constraints: readonly string[] | null;
  /** Our engine: which service of the plan covers a required capability, by its words or by the model's word. */
  readonly coverage?: readonly {
    readonly capability: string;
    readonly service: string;
    readonly by: 'words' | 'model';
  }[];
}

export interface CompensationSummary {
  readonly active: boolean;
  readonly total: number;
  readonly completed: number;
  readonly failed: number;
}

export interface OrchestrationListItem {
  readonly id: string;
  readonly action: string;
  readonly status: OrchestrationStatus;
  readonly error?: unknown;
  /** Of the last status change. */
  readonly timestamp: string;
  readonly compensation?: CompensationSummary;
}

/** `GET /orchestrations`: an empty group is absent; each is newest first. `cancelled` on our engine only. */
export interface OrchestrationList {
  readonly pending?: readonly OrchestrationListItem[];
  readonly processing?: readonly OrchestrationListItem[];
  readonly completed?: readonly OrchestrationListItem[];
  readonly failed?: readonly OrchestrationListItem[];
  readonly notActionable?: readonly OrchestrationListItem[];
  readonly aborted?: readonly OrchestrationListItem[];
  readonly cancelled?: readonly OrchestrationListItem[];
}

export interface TaskStatusEvent {
  readonly id: string;
  readonly orchestrationId: string;
  readonly taskId: string;
  readonly status: TaskStatus;
  readonly timestamp: string;
  readonly serviceId?: string;
  readonly error?: string;
}

export interface InterimResultView {
  readonly id: string;
  readonly timestamp: string;
  readonly data: unknown;
}

export interface TaskInspection {
  readonly id: string;
  readonly serviceId: string;
  readonly serviceName: string;
  readonly status: TaskStatus;
  readonly statusHistory: readonly TaskStatusEvent[] | null;
  readonly input?: Record<string, unknown>;
  readonly output?: unknown;
  readonly error?: string;
  readonly abortPayload?: unknown;
  /** Nanoseconds between the first and the newest event. */
  readonly duration: number;
  readonly interimResults?: readonly InterimResultView[];
  readonly isRevertible: boolean;
  /** Snake case on the wire. */
  readonly compensation?: {
    readonly status: CompensationStatus;
    readonly attempt: number;
    readonly max_attempts: number;
    readonly timestamp: string;
  };
  readonly compensationHistory?: readonly CompensationEventView[];
}

export interface CompensationEventView {
  readonly id: string;
  readonly taskId: string;
  readonly status: CompensationStatus;
  readonly attempt: number;
  readonly maxAttempts: number;
  readonly timestamp: string;
  readonly error?: string;
}

export interface AbortInfo {
  readonly taskId: string;
  readonly serviceId: string;
  readonly serviceName: string;
  readonly payload?: unknown;
}

/** `GET /orchestrations/inspections/{id}`. */
export interface OrchestrationInspection {
  readonly id: string;
  readonly status: OrchestrationStatus;
  readonly action: string;
  readonly timestamp: string;
  readonly error?: unknown;
  readonly results?: readonly unknown[];
  /** Nanoseconds since `timestamp`. */
  readonly duration: number;
  readonly abortInfo?: AbortInfo;
  readonly tasks?: readonly TaskInspection[];
  readonly planSource?: PlanSourceView;
  readonly planning?: PlanningView;
  readonly groundingHit?: GroundingHitView;
  /** Our engine: what was wrong with its plan, when it could not be planned. */
  readonly planProblems?: readonly PlanProblemView[];
  /** Our engine: names of services that come nearest to an action that is not actionable. */
  readonly nearestServices?: readonly string[];
  /** Our engine: the data that the tasks refer to as `$task0`; absent until there is a plan. */
  readonly taskZero?: Readonly<Record<string, unknown>>;
  /** Our engine: as in {@link OrchestrationView}. */
  readonly constants?: OrchestrationView['constants'];
  readonly metadata?: Readonly<Record<string, string>>;
}

/** Every error body, at any status of 400 or more except an empty 403. Protocol page, section 1.6. */
export interface WireErrorBody {
  readonly error: {
    readonly kind?: string;
    readonly code?: string;
    readonly param?: string;
    readonly message?: string;
    /** Our engine: of a plan that was to be registered, one by one. */
    readonly problems?: readonly PlanProblemView[];
  };
}
