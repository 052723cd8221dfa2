/** The body of `GET /orchestrations`. */
import type { OrchestrationList, OrchestrationListItem, OrchestrationStatus } from '@orra-ts/protocol';
import type { ListedOrchestration } from '../journal/journal';
import { toTimestamp } from '../wire-time';

const GROUPS: Readonly<Record<OrchestrationStatus, keyof OrchestrationList>> = {
  pending: 'pending',
  processing: 'processing',
  completed: 'completed',
  failed: 'failed',
  not_actionable: 'notActionable',
  aborted: 'aborted',
  cancelled: 'cancelled',
};

/** Keeps the order of its input: newest change first. A group without members is absent. */
export function listView(orchestrations: readonly ListedOrchestration[]): OrchestrationList {
  const groups: Partial<Record<keyof OrchestrationList, OrchestrationListItem[]>> = {};
  for (const orchestration of orchestrations) (groups[GROUPS[orchestration.status]] ??= []).push(item(orchestration));
  return groups;
}

const item = ({ id, action, status, error, changedAt, compensation }: ListedOrchestration): OrchestrationListItem => ({
  id,
  action,
  status,
  error: error ?? undefined,
  timestamp: toTimestamp(changedAt),
  compensation,
});
