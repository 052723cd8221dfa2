/** Statuses that occur in the recordings; the types say that each of them is one of ours. */
import type { CompensationStatus, OrchestrationStatus, TaskStatus } from '../src';

export const ORCHESTRATION_STATUSES_SEEN = [
  'aborted',
  'cancelled',
  'completed',
  'failed',
  'not_actionable',
  'pending',
  'processing',
] as const satisfies readonly OrchestrationStatus[];

export const TASK_STATUSES_SEEN = [
  'aborted',
  'completed',
  'failed',
  'paused',
  'processing',
  'registered',
] as const satisfies readonly TaskStatus[];

export const COMPENSATION_STATUSES_SEEN = [
  'completed',
  'expired',
  'failed',
  'partial',
  'processing',
] as const satisfies readonly CompensationStatus[];
