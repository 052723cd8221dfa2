/** `orra ps`. */
import type { CompensationSummary, OrchestrationList, OrchestrationListItem } from '@orra-ts/protocol';
import { box } from '../output/box';
import type { Colours } from '../output/colours';
import { BOX_SIDE } from '../output/box';
import { NONE, type Paint, statusLook } from '../output/icons';
import type { Style } from '../output/output';
import { type Column, renderTable } from '../output/table';
import { formatAge } from '../output/time';
import { errorText } from './error-text';

/** What still moves comes first, then what may need a person. */
export const inShownOrder = (list: OrchestrationList): OrchestrationListItem[] =>
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
  if (items.length === 0) return ['There are no orchestrations'];
  const { colours, wide, width, nowMs } = style;
  const columns: Column<OrchestrationListItem>[] = [
    { header: 'ID', read: ({ id }) => id },
    { header: 'ACTION', read: ({ action }) => action, flexible: true },
    { header: 'STATUS', read: ({ status }) => statusLook(status, colours) },
    { header: 'COMPENSATIONS', read: ({ compensation }) => compensationLook(compensation, colours) },
    { header: 'CREATED', read: ({ timestamp }) => formatAge(timestamp, nowMs) },
  ];
  if (wide) {
    const read = ({ error }: OrchestrationListItem): string => (error == null ? NONE : errorText(error));
    columns.push({ header: 'ERROR', read, flexible: true });
  }
  const table = { width: width === undefined ? undefined : width - BOX_SIDE.length, dim: colours.dim };
  return box('Orchestrations', renderTable(columns, items, table));
}

function compensationLook(summary: CompensationSummary | undefined, colours: Colours): Paint | string {
  if (!summary) return NONE;
  const { active, total, completed, failed } = summary;
  if (active) return { ...statusLook('processing', colours), text: `◎ Active (${completed}/${total})` };
  if (failed > 0) return statusLook('failed', colours, `(${failed}/${total})`);
  if (completed > 0) return statusLook('completed', colours, `(${completed}/${total})`);
  return NONE;
}
