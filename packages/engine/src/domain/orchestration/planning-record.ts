/** How the plan of an orchestration was made. The journal stores it with the plan. */
import type { GroundingUseCase } from '@orra-ts/protocol';
import type { PlanProblem } from '../plan/plan-problems';

export type PlanSource =
  | { readonly kind: 'explicit' }
  /** `version` is absent in events that were stored before plans had one. */
  | { readonly kind: 'defined'; readonly name: string; readonly version?: number }
  | { readonly kind: 'model'; readonly model: string }
  /** Made by a model for an earlier equal request, and validated anew. */
  | { readonly kind: 'cache'; readonly model: string };

/** One response of a model. */
export interface PlanningAttempt {
  readonly durationMs: number;
  readonly promptTokens?: number;
  readonly completionTokens?: number;
  /** Why it was rejected; absent for the accepted response. */
  readonly problems?: readonly PlanProblem[];
}

/** The responses of a model to one request, with their cost. */
export interface PlanningRecord {
  readonly model: string;
  /** Version of the prompt. */
  readonly promptVersion: number;
  /** From the first call to the last response, waits included. */
  readonly durationMs: number;
  readonly attempts: readonly PlanningAttempt[];
}

/** The grounding that matched an action, as it was when the action was planned. */
export interface GroundingHit {
  readonly name: string;
  readonly domain: string;
  readonly version: string;
  readonly useCase: GroundingUseCase;
  readonly constraints: readonly string[];
  /** Which service of the plan covers each required capability, and how that was found. */
  readonly coverage?: readonly {
    readonly capability: string;
    readonly service: string;
    readonly by: 'words' | 'model';
  }[];
}
