/**
 * The log in the order of commits. A position is `<row>.<number of its events already read>`. Rows never change, so a
 * position has the same meaning for every engine on this store.
 */
import type { OrchestrationId } from '@orra-ts/protocol';
import { engineError } from '../errors';
import type { CommittedPart } from './journal';
import { decodeEvents, type LogMember } from './log-format';
import type { LogTable } from './log-table';

/** Maximum rows read for one response, regardless of how many belong to the project (E8). */
const MAX_ROWS = 32;

export const positionBehind = (row: number, events = 0): string => `${row}.${events === 0 ? 'end' : events}`;

/** @throws OrraError `ORRA_INVALID_POSITION` */
function parsePosition(position: string): { readonly row: number; readonly events: number } {
  const [, row, events] = /^(\d{1,15})\.(end|\d{1,9})$/.exec(position) ?? [];
  if (row === undefined) {
    throw engineError(
      'ORRA_INVALID_POSITION',
      `${JSON.stringify(position.slice(0, 100))} is not a position of this stream; pass the id of one of its events, or none`,
    );
  }
  return { row: Number(row), events: events === 'end' ? Infinity : Number(events) };
}

export function readCommitted(
  log: LogTable,
  lastRow: number,
  position: string,
  limit: number,
  wanted: (member: LogMember) => boolean,
): CommittedPart {
  const from = parsePosition(position);
  const events: CommittedPart['events'][number][] = [];
  let behind = position;
  let row = Math.max(from.row, 1);
  for (const end = row + MAX_ROWS; row <= lastRow && row < end; row += 1) {
    let count = 0;
    for (const member of row === from.row && from.events === Infinity ? [] : log.members(row)) {
      // Events that earlier rows contain already, merged into one row.
      if (member.repeats) continue;
      const first = count;
      count += member.count;
      if ((row === from.row && count <= from.events) || !wanted(member)) continue;
      for (const [index, event] of decodeEvents(member.events).entries()) {
        const inRow = first + index + 1;
        if (row === from.row && inRow <= from.events) continue;
        if (events.length >= limit) return { events, position: behind, atEnd: false };
        behind = positionBehind(row, inRow);
        events.push({ orchestrationId: member.id as OrchestrationId, event, position: behind });
      }
    }
    behind = positionBehind(row);
  }
  return { events, position: behind, atEnd: row > lastRow };
}
