/** What is new between two looks at an orchestration, in order of time: what `verify run --follow` shows. */
import type { CompensationStatus, OrchestrationInspection, TaskStatus } from '@orra-ts/protocol';
import { isJsonObject } from '@orra-ts/protocol';
import { statusText } from '../output/icons';
import type { Style } from '../output/output';
import { inert } from '../output/text';
import { progressBar, progressOf } from './progress';

interface OfTask {
  readonly taskId: string;
  readonly service: string;
  readonly timestamp: string;
}

export type Happening =
  | (OfTask & { readonly type: 'status'; readonly status: TaskStatus; readonly error?: string })
  | (OfTask & { readonly type: 'update'; readonly data: unknown })
  | (OfTask & {
      readonly type: 'compensation';
      readonly status: CompensationStatus;
      readonly attempt: number;
      readonly maxAttempts: number;
      readonly error?: string;
    });

/** @param before undefined: everything is new */
export function happeningsBetween(
  before: OrchestrationInspection | undefined,
  after: OrchestrationInspection,
): Happening[] {
  const perTask = (after.tasks ?? []).map((task) => {
    const old = before?.tasks?.find(({ id }) => id === task.id);
    const of = { taskId: task.id, service: task.serviceName };
    const lists = [
      fresh(task.statusHistory, old?.statusHistory).map(({ timestamp, status, error }): Happening => ({
        type: 'status',
        ...of,
        timestamp,
        status,
        ...given(error),
      })),
      fresh(task.interimResults, old?.interimResults).map(({ timestamp, data }): Happening => ({
        type: 'update',
        ...of,
        timestamp,
        data,
      })),
      fresh(task.compensationHistory, old?.compensationHistory).map(
        ({ timestamp, status, attempt, maxAttempts, error }): Happening => ({
          type: 'compensation',
          ...of,
          timestamp,
          status,
          attempt,
          maxAttempts,
          ...given(error),
        }),
      ),
    ];
    return merged(lists, rankWithinTask);
  });
  return merged(perTask, rankBetweenTasks);
}

/** Histories only grow. */
const fresh = <T>(now: readonly T[] | null | undefined, then: readonly T[] | null | undefined): readonly T[] =>
  (now ?? []).slice(then?.length ?? 0);

const given = (error: string | undefined): { error?: string } => (error ? { error } : {});

type Rank = (happening: Happening) => number;

/** By time. Each list keeps its own order; for what has one time in several lists the lower rank comes first. */
function merged(lists: readonly (readonly Happening[])[], rank: Rank): Happening[] {
  const rest = lists.map((list) => [...list]);
  const all: Happening[] = [];
  for (;;) {
    let first: Happening[] | undefined;
    for (const list of rest) {
      if (list[0] && (!first?.[0] || comesBefore(list[0], first[0], rank))) first = list;
    }
    const next = first?.shift();
    if (!next) return all;
    all.push(next);
  }
}

function comesBefore(a: Happening, b: Happening, rank: Rank): boolean {
  const [atA, atB] = [Date.parse(a.timestamp), Date.parse(b.timestamp)];
  return atA === atB ? rank(a) < rank(b) : atA < atB;
}

const begins = (happening: Happening): boolean =>
  happening.type === 'status' && (happening.status === 'processing' || happening.status === 'paused');

/** A task begins, tells how far it is, ends, and is compensated. */
const rankWithinTask: Rank = (happening) =>
  begins(happening) ? 0 : happening.type === 'update' ? 1 : happening.type === 'status' ? 2 : 3;

/** What ends lets others begin. */
const rankBetweenTasks: Rank = (happening) => (happening.type === 'compensation' ? 2 : begins(happening) ? 1 : 0);

export function happeningLine(happening: Happening, { colours, times }: Style): string {
  const { timestamp, service, taskId } = happening;
  const begin = `${times.time(timestamp)}  ${inert(service)} (${inert(taskId)})  `;
  switch (happening.type) {
    case 'status':
      return begin + statusText(happening.status, colours) + reason(happening.error);
    case 'update':
      return begin + updateText(happening.data);
    case 'compensation': {
      const { status, attempt, maxAttempts, error } = happening;
      const counts = status === 'processing' || status === 'failed' ? `(${attempt}/${maxAttempts})` : '';
      return `${begin}${colours.dim('compensation')} ${statusText(status, colours, counts)}${reason(error)}`;
    }
  }
}

const reason = (error: string | undefined): string => (error ? ` - ${inert(error)}` : '');

function updateText(data: unknown): string {
  const progress = progressOf([data]);
  const message = isJsonObject(data) ? (data['message'] ?? data['status']) : undefined;
  const said = typeof message === 'string' ? inert(message) : inert(JSON.stringify(data));
  return progress === undefined ? said : `${progressBar(progress)}  ${said}`;
}
