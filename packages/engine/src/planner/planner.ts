/**
 * The planner's port: makes a plan for an action and its data. Sources return synchronously if they can (explicit and
 * defined plans) or later (a model). The engine waits for either, and plans again after a restart.
 */
import { callMaybeAsync, type MaybePromise } from '@orra-ts/common';
import type { DataField, DefinedPlan, Grounding, Plan, ProjectId } from '@orra-ts/protocol';
import type { GroundingHit, PlanSource, PlanningRecord } from '../domain/orchestration/planning-record';
import type { PinnedServices } from '../domain/plan/plan-compatibility';
import type { PlanProblem } from '../domain/plan/plan-problems';
import type { PlannableService } from '../domain/plan/plan-services';
import type { ResolvedPlan } from '../domain/plan/resolved-plan';

/** One version of a defined plan, as an action can match it. */
export interface MatchablePlan extends DefinedPlan {
  readonly version: number;
  /** Schemas of the services that it names, as they were when the version was registered. */
  readonly pinned?: PinnedServices;
}

export interface PlanRequest {
  readonly projectId: ProjectId;
  readonly action: string;
  readonly data: readonly DataField[] | null;
  /** A plan in the request; no other source is used. */
  readonly explicit?: Plan;
  readonly services: readonly PlannableService[];
  readonly definedPlans: readonly MatchablePlan[];
  /** All groundings of the project; `grounding` is the one that matches this action. */
  readonly groundings: readonly Grounding[];
  /** The grounding that matches this action; set by `groundedPlanner`. */
  readonly grounding?: GroundingHit;
  /** Whether the project rejects actions that no grounding matches. @default false */
  readonly strictGroundings?: boolean;
}

/** Fields common to all outcomes. */
interface PlanningFacts {
  /** Record of the model's attempts. */
  readonly planning?: PlanningRecord;
  readonly grounding?: GroundingHit;
}

export type PlanningOutcome = PlanningFacts &
  (
    | { readonly kind: 'planned'; readonly plan: ResolvedPlan; readonly source: PlanSource }
    /** The services cannot do the action, or no source has a plan: a regular response, not an error. */
    | {
        readonly kind: 'not_actionable';
        readonly reason: string;
        /** Names of the nearest services. */
        readonly nearest?: readonly string[];
      }
    /** A plan exists and is not valid. */
    | { readonly kind: 'invalid'; readonly reason: string; readonly problems: readonly PlanProblem[] }
    /** The planner itself failed. */
    | { readonly kind: 'failed'; readonly reason: string; readonly problems?: readonly PlanProblem[] }
  );

export interface PlannerOptions {
  /** Returns a signal that aborts when the plan is no longer needed. Call it only if planning takes time. */
  readonly signal: () => AbortSignal;
}

export interface Planner {
  /** Returns undefined if this source does not handle the request. */
  plan(request: PlanRequest, options: PlannerOptions): MaybePromise<PlanningOutcome | undefined>;
}

/** Tries the sources in order and returns the first outcome, synchronously if possible. */
export function firstOf(...sources: readonly Planner[]): Planner {
  return {
    plan(request, options) {
      const ask = (index: number): ReturnType<Planner['plan']> => {
        const source = sources[index];
        if (!source) return undefined;
        return callMaybeAsync(
          () => source.plan(request, options),
          (outcome) => outcome ?? ask(index + 1),
        );
      };
      return ask(0);
    },
  };
}
