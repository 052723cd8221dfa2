/** Open orchestrations from memory and closed ones from the archive, as one list. */
import type { ProjectId } from '@orra-ts/protocol';
import type { ListedOrchestration } from './journal';
import type { OpenLogEntry } from './open-log-entry';

type Numbered = ListedOrchestration & { readonly number: number };

/** Newest change first, then newest submission. `closed` contains the `limit` newest closed ones. */
export function newestFirst(
  projectId: ProjectId,
  limit: number,
  open: Iterable<OpenLogEntry>,
  closed: readonly Numbered[],
): ListedOrchestration[] {
  const ofProject: OpenLogEntry[] = [];
  for (const orchestration of open) if (orchestration.projectId === projectId) ofProject.push(orchestration);
  const since = changeOfRank(ofProject, limit);
  const all: Numbered[] = [...closed];
  for (const { id, number, summary } of ofProject) if (summary.changedAt >= since) all.push({ ...summary, id, number });
  return all
    .sort((a, b) => b.changedAt - a.changedAt || b.number - a.number)
    .slice(0, limit)
    .map(({ number: _number, ...listed }) => listed);
}

/** Time of the change with this rank, newest first: with many open ones, sorting times is far cheaper than sorting objects. */
function changeOfRank(orchestrations: readonly OpenLogEntry[], rank: number): number {
  if (orchestrations.length <= rank) return -Infinity;
  const times = Float64Array.from(orchestrations, ({ summary }) => summary.changedAt).sort();
  return times[times.length - rank] ?? Infinity;
}
