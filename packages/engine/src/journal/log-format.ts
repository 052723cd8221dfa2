/**
 * How one group commit is written as one text: for every append a line of JSON about it, then a line with its events as
 * JSON texts joined by commas. JSON holds no raw line breaks, so a restart reads the first lines and need not parse the
 * events, which stay text until somebody loads their orchestration.
 */
import type { OrchestrationEvent } from '../domain/events';
import type { OrchestrationSummary } from './journal';

/** One append as the log holds it. */
export interface LogMember {
  /** Order of submission. */
  readonly number: number;
  readonly id: string;
  /** Of its first event; counts from 0. */
  readonly from: number;
  /** Number of events. */
  readonly count: number;
  /** What may change with every append. */
  readonly progress: Omit<OrchestrationSummary, 'action' | 'submittedAt'>;
  /** What never changes: with the first append of an orchestration only. */
  readonly identity?: LogIdentity;
  /** JSON texts joined by commas. */
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

export function encodeMember({ events, ...about }: LogMember): string {
  return JSON.stringify(about) + LINE_BREAK + events;
}

export const encodeBatch = (members: readonly string[]): string => members.join(LINE_BREAK);

export function* decodeBatch(text: string): Generator<LogMember> {
  const lines = text.split(LINE_BREAK);
  for (let index = 0; index + 1 < lines.length; index += 2) {
    const about = JSON.parse(lines[index] as string) as Omit<LogMember, 'events'>;
    yield { ...about, events: lines[index + 1] as string };
  }
}

export function progressOf(summary: OrchestrationSummary): LogMember['progress'] {
  const { status, changedAt, error, compensation } = summary;
  return { status, changedAt, error, compensation };
}
