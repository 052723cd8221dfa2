/**
 * The format of a log row: for every append a line of JSON about it, then a line with its events as JSON strings joined
 * by commas. JSON contains no raw line breaks, so a start reads the first lines and does not parse the events, and
 * events are cut out of a row, or put into another one, without being parsed.
 */
import type { OrchestrationEvent } from '../domain/orchestration/events';
import type { OrchestrationSummary } from './journal';

/** One append in the form of the log. */
export interface LogMember {
  readonly id: string;
  /** Order of submission. */
  readonly number: number;
  /** Number of its first event (>= 0). */
  readonly from: number;
  /** Number of events. */
  readonly count: number;
  /** Members that every append may change. */
  readonly progress: Omit<OrchestrationSummary, 'action' | 'submittedAt'>;
  /** Members that never change; only in the first append of an orchestration. */
  readonly identity?: LogIdentity;
  /** It repeats the events of earlier members, merged into one row. */
  readonly repeats?: true;
  /** JSON strings joined by commas. */
  readonly events: string;
}

export interface LogIdentity {
  readonly projectId: string;
  readonly action: string;
  readonly submittedAt: number;
}

const LINE_BREAK = '\n';

export function encodeEvents(events: readonly OrchestrationEvent[]): string {
  let text = JSON.stringify(events[0]);
  for (let index = 1; index < events.length; index += 1) text += ',' + JSON.stringify(events[index]);
  return text;
}

export const decodeEvents = (text: string): OrchestrationEvent[] => JSON.parse(`[${text}]`) as OrchestrationEvent[];

/** Either may be empty. */
export const joinEvents = (before: string, after: string): string =>
  before === '' ? after : after === '' ? before : `${before},${after}`;

/** `id` comes first, for `membersOf`. */
export function encodeMember({ id, number, from, count, progress, identity, repeats, events }: LogMember): string {
  return JSON.stringify({ id, number, from, count, progress, identity, repeats }) + LINE_BREAK + events;
}

export const encodeRow = (members: readonly string[]): string => members.join(LINE_BREAK);

export const linesOf = (text: string): string[] => text.split(LINE_BREAK);

export const membersIn = (lines: readonly string[]): Generator<LogMember> => membersStartingWith(lines, '');

/** The members of one orchestration; the others are not parsed. */
export const membersOf = (lines: readonly string[], id: string): Generator<LogMember> =>
  membersStartingWith(lines, `{"id":${JSON.stringify(id)},`);

function* membersStartingWith(lines: readonly string[], beginning: string): Generator<LogMember> {
  for (let index = 0; index + 1 < lines.length; index += 2) {
    const line = lines[index] as string;
    if (!line.startsWith(beginning)) continue;
    const about = JSON.parse(line) as Omit<LogMember, 'events'>;
    yield { ...about, events: lines[index + 1] as string };
  }
}

export function progressOf(summary: OrchestrationSummary): LogMember['progress'] {
  const { status, changedAt, error, compensation } = summary;
  return { status, changedAt, error, compensation };
}
