/** Statuses in the recordings. The types check that each of them is known. */
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
