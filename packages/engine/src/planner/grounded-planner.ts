/**
 * Applies the project's groundings before the sources of plans: finds the one that matches the action, passes it on, and
 * reports in the outcome which of its capabilities the plan covers. This rejects nothing by itself. If the project's
 * groundings are `strict`, actions that no use case matches are rejected, and so are plans from any source that do not
 * cover what their use case requires. Sources that return at once still do.
 */
import { callMaybeAsync } from '@orra-ts/common';
import type { GroundingHit } from '../domain/orchestration/events';
import { describeProblems } from '../domain/plan/plan-problems';
import { coverageProblems } from './grounding-coverage';
import { matchGrounding, nearestUseCases } from './grounding-match';
import type { PlanRequest, Planner, PlanningOutcome } from './planner';
import { excerpt } from '../domain/excerpt';

export function groundedPlanner(next: Planner): Planner {
  return {
    plan(request, options) {
      const { groundings, action, strictGroundings = false } = request;
      if (groundings.length === 0) return next.plan(request, options);
      const hit = matchGrounding(groundings, action);
      if (!hit) return strictGroundings ? unmatched(request) : next.plan(request, options);
      return callMaybeAsync(
        () => next.plan({ ...request, grounding: hit }, options),
        (outcome) => outcome && grounded(outcome, hit, request),
      );
    },
  };
}

/** Begins with the Go engine's message. */
function unmatched({ groundings, action }: PlanRequest): PlanningOutcome {
  const nearest = nearestUseCases(groundings, action);
  const listed = nearest.map((useCase) => `"${excerpt(useCase.action)}" (${useCase.grounding})`).join(', ');
  const hint = nearest.length > 0 ? `the nearest are: ${listed}` : 'none comes near';
  return {
    kind: 'failed',
    reason:
      `cannot match grounding specs against orchestration action: no matching use-case found; ${hint}. ` +
      `The project's groundings are strict: apply one with a use case for this action, or set them to guide`,
  };
}

function grounded(outcome: PlanningOutcome, hit: GroundingHit, request: PlanRequest): PlanningOutcome {
  if (outcome.kind !== 'planned') return { ...outcome, grounding: outcome.grounding ?? hit };
  // What a model has claimed of its plan holds here too.
  const claims = outcome.grounding?.coverage?.filter(({ by }) => by === 'model') ?? [];
  const { coverage, problems } = coverageProblems(hit, outcome.plan, claims, request.services);
  const grounding = { ...hit, coverage };
  if (request.strictGroundings !== true || problems.length === 0) return { ...outcome, grounding };
  const { planning } = outcome;
  return {
    kind: 'failed',
    reason: `execution plan is invalid against domain: ${describeProblems(problems)}`,
    problems,
    grounding,
    planning,
  };
}
