/**
 * What the Go CLI shows of a response: the cells and lines that depend on statuses, kinds and counts. `go-cli-view.e2e.spec.ts`
 * compares it with what the Go CLI printed. Ages and formatted JSON are left out.
 */
import { goBool, goInt, goPointer, goRaw, goSlice, goString, goStruct, goTime, type Decode } from './go-json';

// ---- what it decodes

interface Summary {
  readonly active: boolean;
  readonly total: number;
  readonly completed: number;
  readonly failed: number;
}

interface ListItem {
  readonly id: string;
  readonly action: string;
  readonly status: string;
  readonly error: unknown;
  readonly timestamp: string;
  readonly compensation: Summary | undefined;
}

const listItem = goStruct<ListItem>({
  id: goString,
  action: goString,
  status: goString,
  error: goRaw,
  timestamp: goTime,
  compensation: goPointer(goStruct<Summary>({ active: goBool, total: goInt, completed: goInt, failed: goInt })),
});

/** In the order of the table. The Go CLI does not know other groups, such as `cancelled`. */
const GROUPS = ['processing', 'pending', 'aborted', 'completed', 'failed', 'notActionable'] as const;
type List = Record<(typeof GROUPS)[number], readonly ListItem[]>;
const list = goStruct<List>({
  processing: goSlice(listItem),
  pending: goSlice(listItem),
  aborted: goSlice(listItem),
  completed: goSlice(listItem),
  failed: goSlice(listItem),
  notActionable: goSlice(listItem),
});

interface Revert {
  readonly status: string;
  readonly attempt: number;
  readonly maxAttempts: number;
  readonly timestamp: string;
}

/** The only struct with names in snake case. */
const revert: Decode<Revert> = (value, path) => {
  const { max_attempts: maxAttempts, ...rest } = goStruct<Omit<Revert, 'maxAttempts'> & { max_attempts: number }>({
    status: goString,
    attempt: goInt,
    max_attempts: goInt,
    timestamp: goTime,
  })(value, path);
  return { ...rest, maxAttempts };
};

interface HistoryEntry {
  readonly status: string;
  readonly timestamp: string;
  readonly error: string;
}

const task = goStruct({
  id: goString,
  serviceId: goString,
  serviceName: goString,
  status: goString,
  statusHistory: goSlice(
    goStruct<HistoryEntry & Record<'id' | 'orchestrationId' | 'taskId' | 'serviceId', string>>({
      id: goString,
      orchestrationId: goString,
      taskId: goString,
      serviceId: goString,
      status: goString,
      timestamp: goTime,
      error: goString,
    }),
  ),
  input: goRaw,
  output: goRaw,
  abortPayload: goRaw,
  error: goString,
  duration: goInt,
  isRevertible: goBool,
  interimResults: goSlice(goStruct({ id: goString, timestamp: goTime, data: goRaw })),
  compensation: goPointer(revert),
  compensationHistory: goSlice(
    goStruct<Revert & { id: string; taskId: string; error: string }>({
      id: goString,
      taskId: goString,
      status: goString,
      attempt: goInt,
      maxAttempts: goInt,
      timestamp: goTime,
      error: goString,
    }),
  ),
});

const inspection = goStruct({
  id: goString,
  status: goString,
  action: goString,
  timestamp: goTime,
  error: goRaw,
  results: goSlice(goRaw),
  duration: goInt,
  abortInfo: goPointer(goStruct({ taskId: goString, serviceId: goString, serviceName: goString, payload: goRaw })),
  tasks: goSlice(task),
});

const record = goStruct({
  id: goString,
  projectId: goString,
  orchestrationId: goString,
  taskId: goString,
  serviceId: goString,
  serviceName: goString,
  compensationData: goStruct({
    data: goRaw,
    context: goPointer(goStruct({ orchestrationId: goString, reason: goString, payload: goRaw, timestamp: goTime })),
    ttl: goInt,
  }),
  status: goString,
  resolutionState: goString,
  failure: goString,
  resolution: goString,
  attemptsMade: goInt,
  maxAttempts: goInt,
  timestamp: goTime,
  resolvedAt: goTime,
});

// ---- how it shows statuses

const ICONS: Readonly<Record<string, string>> = {
  pending: '○',
  processing: '◎',
  completed: '●',
  failed: '✕',
  expired: '✕',
  'not actionable': '⊘',
  paused: '⏸',
  aborted: '⊟',
  resolved: '●',
  ignored: '⊖',
};

const withIcon = (known: readonly string[], text: string): string => {
  const icon = known.includes(text.toLowerCase()) ? ICONS[text.toLowerCase()] : undefined;
  return icon === undefined ? `  ${text}` : `${icon} ${text}`;
};

/** Each word begins with a capital letter. The Go CLI crashes if the status is empty. */
function titled(status: string): string {
  const words = status.split('_');
  if (words.includes('')) throw new Error(`the Go CLI crashes on the status "${status}"`);
  return words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join(' ');
}

const STATUSES = ['pending', 'processing', 'paused', 'completed', 'failed', 'not actionable', 'aborted'];
const statusCell = (status: string): string => withIcon(STATUSES, titled(status));

const NONE = '─';

function summaryCell(summary: Summary | undefined): string {
  if (!summary) return NONE;
  const { active, total, completed, failed } = summary;
  if (active && completed + failed < total) return `◎ Active (${completed + failed}/${total})`;
  if (failed > 0) return `✕ Failed (${failed}/${total})`;
  return completed === total ? `● Completed (${total}/${total})` : NONE;
}

/** An unknown status is shown as none. */
function revertCell(shown: Revert | undefined): string {
  const { status, attempt, maxAttempts } = shown ?? {};
  const cells: Readonly<Record<string, string>> = {
    pending: '○ Pending',
    processing: `◎ Processing (${attempt}/${maxAttempts})`,
    completed: '● Completed',
    partial: '● Completed Partially',
    expired: '✕ Expired',
    failed: `✕ Failed (${attempt}/${maxAttempts})`,
  };
  return cells[status ?? ''] ?? NONE;
}

const KINDS = ['pending', 'processing', 'completed', 'failed', 'expired'];
/** Other kinds are shown without an icon, except for the partial one. */
const kindCell = (kind: string): string => (kind === 'partial' ? `◎ ${kind}` : withIcon(KINDS, kind));
const resolutionCell = (state: string): string => withIcon(['pending', 'resolved', 'ignored'], state);

// ---- commands

/** `orra ps`: id, status and compensation of each row. */
export function ps(body: unknown): string[][] {
  const groups = list(body, '');
  return GROUPS.flatMap((group) =>
    groups[group].map(({ id, status, compensation }) => [id, statusCell(status), summaryCell(compensation)]),
  );
}

/** `orra inspect`: id and status, then task, service, status, compensation and error of each row. */
export function inspect(body: unknown): string[][] {
  const { id, status, tasks } = inspection(body, '');
  return [[id, statusCell(status)], ...tasks.map(taskRow)];
}

const taskRow = ({ id, serviceName, status, compensation, error }: ReturnType<typeof task>): string[] => [
  id,
  serviceName,
  statusCell(status),
  revertCell(compensation),
  error || NONE,
];

/** `orra inspect -d`: the same, then the histories of each task, with the errors in them. */
export function inspectDetailed(body: unknown): string[][] {
  const { tasks } = inspection(body, '');
  const line = (cell: string, error: string): string[] => (error === '' ? [cell] : [cell, error]);
  return [
    ...inspect(body),
    ...tasks.flatMap(({ id, serviceName, statusHistory, compensationHistory }) => [
      [serviceName, id],
      ...statusHistory.map(({ status, error }) => line(statusCell(status), error)),
      ...compensationHistory.map((entry) => line(revertCell(entry), entry.error)),
    ]),
  ];
}

/** `orra comp-fail ls`: id, orchestration, service, kind and resolution of each row. By default it shows pending records. */
export function compFailLs(body: unknown, { all = false } = {}): string[][] {
  return goSlice(record)(body, '')
    .filter(({ resolutionState }) => all || resolutionState === 'pending')
    .map(({ id, orchestrationId, serviceName, status, resolutionState }) => [
      id,
      orchestrationId,
      serviceName,
      kindCell(status),
      resolutionCell(resolutionState),
    ]);
}

/** `orra comp-fail inspect`: its lines without times, payloads and hints. It does not show the kind of a record. */
export function compFailInspect(body: unknown): string[][] {
  const { id, orchestrationId, taskId, serviceName, serviceId, ...one } = record(body, '');
  const { resolutionState, resolution, failure, attemptsMade, maxAttempts, compensationData } = one;
  return [
    [`[${resolutionState.toUpperCase()}]`, id, orchestrationId, `${serviceName} (${serviceId})`, taskId],
    [`${attemptsMade} of ${maxAttempts}`],
    ...(resolution === '' ? [] : [[resolution]]),
    [failure],
    ...(compensationData.context ? [[`[${titled(compensationData.context.reason)}] Orchestration`]] : []),
  ];
}
