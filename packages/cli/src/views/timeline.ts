/** `verify run --follow`: the new entries between two inspections of an orchestration, by time. */
import {
  type CompensationStatus,
  type FailureDetailsView,
  isJsonObject,
  type OrchestrationInspection,
  type TaskStatus,
} from '@orra-ts/protocol';
import { colouredStatus } from '../output/icons';
import type { Style } from '../output/output';
import { escapeControlCharacters } from '../output/terminal-string';
import { withCode } from './error-message';
import { progressBar, progressOf } from './progress';

interface TaskEntry {
  readonly taskId: string;
  readonly service: string;
  readonly timestamp: string;
}

export type TimelineEntry =
  | (TaskEntry & {
      readonly type: 'status';
      readonly status: TaskStatus;
      readonly error?: string;
      readonly failureDetails?: FailureDetailsView;
    })
  | (TaskEntry & { readonly type: 'update'; readonly data: unknown })
  | (TaskEntry & {
      readonly type: 'compensation';
      readonly status: CompensationStatus;
      readonly attempt: number;
      readonly maxAttempts: number;
      readonly error?: string;
      readonly failureDetails?: FailureDetailsView;
    });

/** @param before undefined: all entries are new */
export function newTimelineEntries(
  before: OrchestrationInspection | undefined,
  after: OrchestrationInspection,
): TimelineEntry[] {
  const perTask = (after.tasks ?? []).map((task) => {
    const old = before?.tasks?.find(({ id }) => id === task.id);
    const source = { taskId: task.id, service: task.serviceName };
    const lists = [
      appended(task.statusHistory, old?.statusHistory).map(
        ({ timestamp, status, error, failureDetails }): TimelineEntry => ({
          type: 'status',
          ...source,
          timestamp,
          status,
          ...errorMember(error, failureDetails),
        }),
      ),
      appended(task.interimResults, old?.interimResults).map(({ timestamp, data }): TimelineEntry => ({
        type: 'update',
        ...source,
        timestamp,
        data,
      })),
      appended(task.compensationHistory, old?.compensationHistory).map(
        ({ timestamp, status, attempt, maxAttempts, error, failureDetails }): TimelineEntry => ({
          type: 'compensation',
          ...source,
          timestamp,
          status,
          attempt,
          maxAttempts,
          ...errorMember(error, failureDetails),
        }),
      ),
    ];
    return mergeByTime(lists, rankWithinTask);
  });
  return mergeByTime(perTask, rankBetweenTasks);
}

/** Returns the items that were appended since `then`. */
const appended = <T>(now: readonly T[] | null | undefined, then: readonly T[] | null | undefined): readonly T[] =>
  (now ?? []).slice(then?.length ?? 0);

const errorMember = (
  error: string | undefined,
  failureDetails: FailureDetailsView | undefined,
): { error?: string; failureDetails?: FailureDetailsView } =>
  error ? { error, ...(failureDetails && { failureDetails }) } : {};

type Rank = (entry: TimelineEntry) => number;

/** Merges the lists by time. Each list keeps its order. Of entries with the same time, the lower rank comes first. */
function mergeByTime(lists: readonly (readonly TimelineEntry[])[], rank: Rank): TimelineEntry[] {
  const rest = lists.map((list) => [...list]);
  const all: TimelineEntry[] = [];
  for (;;) {
    let first: TimelineEntry[] | undefined;
    for (const list of rest) {
      if (list[0] && (!first?.[0] || comesBefore(list[0], first[0], rank))) first = list;
    }
    const next = first?.shift();
    if (!next) return all;
    all.push(next);
  }
}

function comesBefore(a: TimelineEntry, b: TimelineEntry, rank: Rank): boolean {
  const [atA, atB] = [Date.parse(a.timestamp), Date.parse(b.timestamp)];
  return atA === atB ? rank(a) < rank(b) : atA < atB;
}

const isStart = (entry: TimelineEntry): boolean =>
  entry.type === 'status' && (entry.status === 'processing' || entry.status === 'paused');

/** Order within a task: start, progress, end, compensation. */
const rankWithinTask: Rank = (entry) =>
  isStart(entry) ? 0 : entry.type === 'update' ? 1 : entry.type === 'status' ? 2 : 3;

/** Order across tasks: ends come before the starts that they cause. */
const rankBetweenTasks: Rank = (entry) => (entry.type === 'compensation' ? 2 : isStart(entry) ? 1 : 0);

export function timelineLine(entry: TimelineEntry, { colours, times }: Style): string {
  const { timestamp, service, taskId } = entry;
  const begin = `${times.time(timestamp)}  ${escapeControlCharacters(service)} (${escapeControlCharacters(taskId)})  `;
  switch (entry.type) {
    case 'status':
      return begin + colouredStatus(entry.status, colours) + reason(entry);
    case 'update':
      return begin + updateSummary(entry.data);
    case 'compensation': {
      const { status, attempt, maxAttempts } = entry;
      const counts = status === 'processing' || status === 'failed' ? `(${attempt}/${maxAttempts})` : '';
      return `${begin}${colours.dim('compensation')} ${colouredStatus(status, colours, counts)}${reason(entry)}`;
    }
  }
}

const reason = ({
  error,
  failureDetails,
}: Pick<TimelineEntry & { type: 'status' }, 'error' | 'failureDetails'>): string =>
  error ? ` - ${escapeControlCharacters(withCode(error, failureDetails))}` : '';

function updateSummary(data: unknown): string {
  const progress = progressOf([data]);
  const message = isJsonObject(data) ? (data['message'] ?? data['status']) : undefined;
  const summary =
    typeof message === 'string' ? escapeControlCharacters(message) : escapeControlCharacters(JSON.stringify(data));
  return progress === undefined ? summary : `${progressBar(progress)}  ${summary}`;
}
