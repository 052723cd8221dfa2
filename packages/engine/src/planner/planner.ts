/**
 * The port of planners: from an action and its data to a plan. A source returns at once if it can (explicit and defined
 * plans) or later (a model). The engine handles both, and plans again after a restart.
 */
import { callMaybeAsync, type MaybePromise } from '@orra-ts/common';
import type { DataField, Plan, ProjectId } from '@orra-ts/protocol';
import type { StoredGrounding, StoredPlan } from '../catalog/catalog';
import type { GroundingHit, PlanSource, PlanningRecord } from '../domain/orchestration/events';
import type { PlanProblem } from '../domain/plan/plan-problems';
import type { PlannableService } from '../domain/plan/plan-services';
import type { ResolvedPlan } from '../domain/plan/resolved-plan';

export interface PlanRequest {
  readonly projectId: ProjectId;
  readonly action: string;
  readonly data: readonly DataField[] | null;
  /** A plan in the request; other sources are then ignored. */
  readonly explicit?: Plan;
  readonly services: readonly PlannableService[];
  readonly definedPlans: readonly StoredPlan[];
  /** All groundings of the project; `grounding` is the one that matches. */
  readonly groundings: readonly StoredGrounding[];
  /** The grounding that matches this action, if there is one. */
  readonly grounding?: GroundingHit;
  /** Whether the project rejects actions that no grounding matches. @default false */
  readonly strictGroundings?: boolean;
}

/** Fields common to all outcomes. */
interface PlanningFacts {
  /** The model's attempts. */
  readonly planning?: PlanningRecord;
  readonly grounding?: GroundingHit;
}

export type PlanningOutcome = PlanningFacts &
  (
    | { readonly kind: 'planned'; readonly plan: ResolvedPlan; readonly source: PlanSource }
    /** The services cannot do it, or no source has a plan for it. Not an error. */
    | {
        readonly kind: 'not_actionable';
        readonly reason: string;
        /** Names of the nearest services. */
        readonly nearest?: readonly string[];
      }
    /** There is a plan, but it is not valid. */
    | { readonly kind: 'invalid'; readonly reason: string; readonly problems: readonly PlanProblem[] }
    /** The planner itself failed. */
    | { readonly kind: 'failed'; readonly reason: string; readonly problems?: readonly PlanProblem[] }
  );

export interface PlannerOptions {
  /** Returns a signal that aborts when the plan is not needed any more. Call it only if planning takes time. */
  readonly signal: () => AbortSignal;
}

export interface Planner {
  /** Returns undefined if this source has no plan for the request. */
  plan(request: PlanRequest, options: PlannerOptions): MaybePromise<PlanningOutcome | undefined>;
}

/** Asks the sources in order; the first outcome wins. Returns at once if the sources do. */
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
