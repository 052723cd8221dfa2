/** `orra ps`. */
import type { CompensationSummary, OrchestrationList, OrchestrationListItem } from '@orra-ts/protocol';
import { box, BOX_SIDE } from '../output/box';
import type { Colours } from '../output/colours';
import { NONE, type Label, statusLabel } from '../output/icons';
import type { Style } from '../output/output';
import { type Column, renderTable } from '../output/table';
import { formatAge } from '../output/time';
import { errorMessage } from './error-message';

/** Running orchestrations come first, then those that an operator may have to handle. */
export const inDisplayOrder = (list: OrchestrationList): OrchestrationListItem[] =>
  [
    list.processing,
    list.pending,
    list.aborted,
    list.completed,
    list.failed,
    list.notActionable,
    list.cancelled,
  ].flatMap((group) => group ?? []);

export function orchestrationListView(items: readonly OrchestrationListItem[], style: Style): string[] {
  if (items.length === 0) return ['No orchestrations'];
  const { colours, wide, width, nowMs } = style;
  const columns: Column<OrchestrationListItem>[] = [
    { header: 'ID', read: ({ id }) => id },
    { header: 'ACTION', read: ({ action }) => action, flexible: true },
    { header: 'STATUS', read: ({ status }) => statusLabel(status, colours) },
    { header: 'COMPENSATIONS', read: ({ compensation }) => compensationLabel(compensation, colours) },
    { header: 'CREATED', read: ({ timestamp }) => formatAge(timestamp, nowMs) },
  ];
  if (wide) {
    const read = ({ error }: OrchestrationListItem): string => (error == null ? NONE : errorMessage(error));
    columns.push({ header: 'ERROR', read, flexible: true });
  }
  const table = { width: width === undefined ? undefined : width - BOX_SIDE.length, dim: colours.dim };
  return box('Orchestrations', renderTable(columns, items, table));
}

function compensationLabel(summary: CompensationSummary | undefined, colours: Colours): Label | string {
  if (!summary) return NONE;
  const { active, total, completed, failed, partial = 0, inDoubt = 0 } = summary;
  if (active) return { ...statusLabel('processing', colours), text: `◎ Active (${completed}/${total})` };
  if (failed > 0) {
    const kinds = [...(partial > 0 ? [`${partial} partial`] : []), ...(inDoubt > 0 ? [`${inDoubt} in doubt`] : [])];
    return statusLabel('failed', colours, [`(${failed}/${total})`, ...kinds].join(', '));
  }
  if (completed > 0) return statusLabel('completed', colours, `(${completed}/${total})`);
  return NONE;
}
