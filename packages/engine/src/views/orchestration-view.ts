/** The body of the 202 response to a submission. */
import {
  formatWireDuration,
  type GroundingHitView,
  type OrchestrationView,
  type PlanView,
  type PlanningView,
} from '@orra-ts/protocol';
import type { GroundingHit, PlanningAttempt, PlanningRecord } from '../domain/orchestration/planning-record';
import { shownOrchestration } from '../domain/orchestration/shown';
import type { OrchestrationState } from '../domain/orchestration/state';
import { toTimestamp } from '../wire-time';
import type { ResolvedPlan } from '../domain/plan/resolved-plan';

export function orchestrationView(original: OrchestrationState): OrchestrationView {
  const { state } = shownOrchestration(original);
  const { timeoutMs, healthGraceMs, ending } = state;
  return {
    id: state.id,
    projectID: state.projectId,
    action: state.action,
    data: state.data,
    plan: state.plan ? planView(state.plan) : null,
    results: state.results ?? null,
    status: state.status,
    error: state.error,
    timestamp: toTimestamp(state.changedAt),
    timeout: timeoutMs === undefined ? undefined : formatWireDuration(timeoutMs),
    healthCheckGracePeriod: healthGraceMs === undefined ? undefined : formatWireDuration(healthGraceMs),
    taskZero: state.plan?.taskZero ?? null,
    abortReason: state.status === 'aborted' ? ending?.payload : undefined,
    ...additions(state),
  };
}

/** Members that the Go engine does not have (except `groundingHit`); absent if they have no content. */
export function additions({
  metadata,
  source,
  plan,
  planning,
  grounding,
}: OrchestrationState): Pick<OrchestrationView, 'metadata' | 'planSource' | 'constants' | 'planning' | 'groundingHit'> {
  return {
    metadata: Object.keys(metadata).length === 0 ? undefined : metadata,
    planSource: source,
    constants: plan?.constants,
    planning: planning && planningView(planning),
    groundingHit: grounding && groundingHitView(grounding),
  };
}

export function planningView(planning: PlanningRecord): PlanningView {
  const sum = (count: (attempt: PlanningAttempt) => number | undefined): number =>
    planning.attempts.reduce((total, attempt) => total + (count(attempt) ?? 0), 0);
  const tokens = { prompt: sum(({ promptTokens }) => promptTokens), completion: sum((one) => one.completionTokens) };
  return { ...planning, tokens };
}

export const groundingHitView = ({ useCase, ...grounding }: GroundingHit): GroundingHitView => ({
  ...grounding,
  useCases: useCase,
});

export const planView = ({ tasks, parallelGroups, compensation }: ResolvedPlan): PlanView => ({
  tasks: tasks.map((task) => ({
    id: task.id,
    service: task.serviceId,
    input: task.input,
    service_name: task.serviceName,
    capabilities: [task.capability],
    expected_input: task.inputSpec,
    expected_output: task.outputSpec,
  })),
  parallel_groups: parallelGroups,
  compensation,
});
