/** The body of `POST /plans`. */
import type { PlanPreview } from '@orra-ts/protocol';
import { shownPlan } from '../domain/orchestration/shown';
import type { PlanningOutcome } from '../planner/planner';
import { groundingHitView, planView, planningView } from './orchestration-view';

export function planPreviewView(outcome: PlanningOutcome): PlanPreview {
  const { planning, grounding } = outcome;
  return {
    outcome: outcome.kind,
    ...membersOf(outcome),
    planning: planning && planningView(planning),
    groundingHit: grounding && groundingHitView(grounding),
  };
}

function membersOf(outcome: PlanningOutcome): Omit<PlanPreview, 'outcome' | 'planning' | 'groundingHit'> {
  switch (outcome.kind) {
    case 'planned': {
      const { source } = outcome;
      const plan = shownPlan(outcome.plan);
      const { taskZero, constants } = plan;
      return { plan: planView(plan), taskZero, constants, source };
    }
    case 'not_actionable': {
      const { reason, nearest } = outcome;
      return { reason, nearestServices: nearest };
    }
    case 'invalid':
    case 'failed': {
      const { reason, problems } = outcome;
      return { reason, problems };
    }
  }
}
