/** Plans that models have made, kept to be used again. Losing it costs model calls and nothing else. */
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
