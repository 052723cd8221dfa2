/**
 * The planner's port: from an action's words and data to a plan. Sources answer at once where they can (explicit and
 * defined plans) or later (a model); the engine waits either way, and plans again after a restart.
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
  /** A plan in the request: nothing else is looked at. */
  readonly explicit?: Plan;
  readonly services: readonly PlannableService[];
  readonly definedPlans: readonly StoredPlan[];
  /** All that the project has; what speaks of this action is `grounding`. */
  readonly groundings: readonly StoredGrounding[];
  /** The grounding that speaks of this action, once it has been looked for. */
  readonly grounding?: GroundingHit;
  /** The project runs nothing that its groundings do not speak of. @default false */
  readonly strictGroundings?: boolean;
}

/** What is told of an outcome, whatever it is. */
interface PlanningFacts {
  /** How a model came to it. */
  readonly planning?: PlanningRecord;
  readonly grounding?: GroundingHit;
}

export type PlanningOutcome = PlanningFacts &
  (
    | { readonly kind: 'planned'; readonly plan: ResolvedPlan; readonly source: PlanSource }
    /** The services at hand cannot do it, or nobody knows how: an answer, not an error. */
    | {
        readonly kind: 'not_actionable';
        readonly reason: string;
        /** Names of services that come nearest. */
        readonly nearest?: readonly string[];
      }
    /** A plan was there and does not fit. */
    | { readonly kind: 'invalid'; readonly reason: string; readonly problems: readonly PlanProblem[] }
    /** The planner itself failed. */
    | { readonly kind: 'failed'; readonly reason: string; readonly problems?: readonly PlanProblem[] }
  );

export interface PlannerOptions {
  /** Returns a signal that aborts when the plan is not needed any more. Call it only if planning takes time. */
  readonly signal: () => AbortSignal;
}

export interface Planner {
  /** Answers undefined when this source has nothing to say about the request. */
  plan(request: PlanRequest, options: PlannerOptions): MaybePromise<PlanningOutcome | undefined>;
}

/** Asks the sources in order; the first that has something to say answers, at once where it can. */
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
