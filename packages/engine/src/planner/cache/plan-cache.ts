/** Stores plans of models for reuse. Losing the cache only costs calls to the model. */
import type { ProjectId } from '@orra-ts/protocol';
import type { Proposal } from '../model/model-planner';

export interface CachedPlan {
  readonly proposal: Proposal;
  readonly model: string;
}

export interface PlanCache {
  get(projectId: ProjectId, key: string): CachedPlan | undefined;
  put(projectId: ProjectId, key: string, plan: CachedPlan): void;
}
