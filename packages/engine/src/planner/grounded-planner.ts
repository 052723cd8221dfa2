/**
 * Applies the project's groundings before the sources of plans: finds the grounding that matches the action, passes
 * it on, and adds it to the outcome with the capabilities that the plan covers. By default that rejects nothing. In a
 * `strict` project, an action that matches no use case is rejected, and so is a plan from any source that does not
 * cover what its use case requires. A plan that is available synchronously stays synchronous.
 */
import { callMaybeAsync } from '@orra-ts/common';
import type { GroundingHit } from '../domain/orchestration/planning-record';
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

/** Starts with the Go engine's message, which clients may match, followed by the remedy. */
function unmatched({ groundings, action }: PlanRequest): PlanningOutcome {
  const nearest = nearestUseCases(groundings, action);
  const listed = nearest.map((useCase) => `"${excerpt(useCase.action)}" (${useCase.grounding})`).join(', ');
  const hint = nearest.length > 0 ? `the nearest are: ${listed}` : 'no use case is similar';
  return {
    kind: 'failed',
    reason:
      `cannot match grounding specs against orchestration action: no matching use-case found; ${hint}. ` +
      `The project's groundings are strict: apply one with a use case for this action, or set them to guide`,
  };
}

function grounded(outcome: PlanningOutcome, hit: GroundingHit, request: PlanRequest): PlanningOutcome {
  if (outcome.kind !== 'planned') return { ...outcome, grounding: outcome.grounding ?? hit };
  // Claims that a model made for its plan count here too.
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
