/** `orra inspect`: an orchestration and its tasks, with `-d` also the history of each task. */
import {
  isJsonObject,
  isTerminalStatus,
  type OrchestrationInspection,
  type TaskInspection,
  type WaitingFor,
} from '@orra-ts/protocol';
import { BOX_SIDE, box, fields, jsonLines } from '../output/box';
import { NONE, type Label, statusLabel, colouredStatus } from '../output/icons';
import type { Style } from '../output/output';
import { type Column, renderTable } from '../output/table';
import { escapeControlCharacters } from '../output/terminal-string';
import { NS_PER_MS, formatSpan } from '../output/time';
import { sourceDescription } from '../plans/plan-origin';
import { errorMessage, withCode } from './error-message';
import { groundingBox } from './grounding-box';
import { planningBox, problemsBox } from './planning';
import { type ShownUpdates, taskDetails } from './task-details';

export interface InspectionDetail {
  readonly detailed: boolean;
  readonly updates: ShownUpdates;
}

export function inspectionView(
  inspection: OrchestrationInspection,
  { detailed, updates }: InspectionDetail,
  style: Style,
): string[] {
  const { results, planning, planProblems = [], waitingFor = [] } = inspection;
  const tasks = (inspection.tasks ?? []).map((task) => withElapsedTime(task, inspection, style.nowMs));
  const sections = [orchestrationBox(inspection, style)];
  if (planProblems.length > 0) sections.push(problemsBox(planProblems, style));
  if (inspection.groundingHit) sections.push(groundingBox(inspection.groundingHit, style));
  // Shown when planning failed, or with -d.
  if (planning && (detailed || tasks.length === 0)) sections.push(planningBox(planning, style));
  if (inspection.abortInfo) sections.push(abortBox(inspection.abortInfo));
  if (tasks.length > 0) sections.push(tasksBox(tasks, style));
  if (waitingFor.length > 0) sections.push(waitingBox(waitingFor, style));
  if (detailed && tasks.length > 0) sections.push(detailsBox(tasks, updates, style));
  // A plan has one last task, whose output is the first result.
  if (detailed && results && results.length > 0) sections.push(box('Final Results', ['', ...jsonLines(results[0])]));
  return sections.flatMap((lines, i) => (i === 0 ? lines : ['', ...lines]));
}

/**
 * Sets the duration of a running task to the time since its start. The engine only counts up to its last event. Clocks
 * may differ.
 */
function withElapsedTime(task: TaskInspection, { status }: OrchestrationInspection, nowMs: number): TaskInspection {
  const startedMs = Date.parse(task.statusHistory?.[0]?.timestamp ?? '');
  if (task.status !== 'processing' || isTerminalStatus(status) || Number.isNaN(startedMs)) return task;
  return { ...task, duration: Math.max(task.duration, (nowMs - startedMs) * NS_PER_MS) };
}

function orchestrationBox(inspection: OrchestrationInspection, { colours }: Style): string[] {
  const { id, status, action, duration, error, metadata, planSource, taskZero, constants } = inspection;
  const { nearestServices = [] } = inspection;
  const mark = status === 'failed' || status === 'aborted' ? ` [${status.toUpperCase()}]` : '';
  const entry = isJsonObject(error) && typeof error['id'] === 'string' ? error['id'] : undefined;
  const producer = isJsonObject(error) && typeof error['producer'] === 'string' ? error['producer'] : undefined;
  return box(
    `Orchestration Details${mark}`,
    fields([
      ['ID', escapeControlCharacters(id)],
      ['Status', colouredStatus(status, colours)],
      ['Action', escapeControlCharacters(action)],
      // The Go CLI labels the time since the last change of the status `Created`.
      ['Changed', `${formatSpan(duration)} ago`],
      ['Plan', planSource && escapeControlCharacters(sourceDescription(planSource))],
      // Constants that the planner took from the action.
      [
        'From Action',
        constants &&
          escapeControlCharacters(constants.map((name) => `${name} = ${displayValue(taskZero?.[name])}`).join(', ')),
      ],
      [
        'Metadata',
        metadata && Object.keys(metadata).length > 0 ? escapeControlCharacters(JSON.stringify(metadata)) : undefined,
      ],
      ['Error', error == null ? undefined : colours.red(escapeControlCharacters(errorMessage(error)))],
      ['Nearest', nearestServices.length > 0 ? escapeControlCharacters(nearestServices.join(', ')) : undefined],
      ['Entry', entry === undefined ? undefined : escapeControlCharacters(entry)],
      ['By', producer === undefined ? undefined : escapeControlCharacters(producer)],
    ]),
  );
}

function abortBox({ taskId, serviceName, payload }: NonNullable<OrchestrationInspection['abortInfo']>): string[] {
  const payloadFields: [string, string][] = isJsonObject(payload)
    ? Object.keys(payload)
        .sort()
        .map((name) => [capitalised(name), escapeControlCharacters(displayValue(payload[name]))])
    : payload === undefined || payload === null
      ? []
      : [['Payload', escapeControlCharacters(displayValue(payload))]];
  return box(
    'Abort Information',
    fields([
      ['Task', escapeControlCharacters(taskId)],
      ['Service', escapeControlCharacters(serviceName)],
      ...payloadFields,
    ]),
  );
}

const capitalised = (name: string): string => escapeControlCharacters(name.charAt(0).toUpperCase() + name.slice(1));
const displayValue = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

function tasksBox(tasks: readonly TaskInspection[], { colours, width }: Style): string[] {
  const columns: Column<TaskInspection>[] = [
    { header: 'ID', read: ({ id }) => id },
    { header: 'SERVICE', read: ({ serviceName }) => serviceName, flexible: true },
    { header: 'STATUS', read: ({ status }) => statusLabel(status, colours) },
    { header: 'COMPENSATION', read: (task) => compensationLabel(task, colours) },
    { header: 'DURATION', read: ({ duration }) => formatSpan(duration) },
    {
      header: 'LAST ERROR',
      read: ({ error, failureDetails }) => (error ? withCode(error, failureDetails) : NONE),
      flexible: true,
    },
  ];
  const table = { width: width === undefined ? undefined : width - BOX_SIDE.length, dim: colours.dim };
  return box('Tasks', renderTable(columns, tasks, table));
}

const WAITS: Readonly<Partial<Record<string, string>>> = {
  outcome: 'the outcome of the task',
  revert: 'the revert of the task',
};

/** Lines about the results and compensations that an ended orchestration waits for before it is settled. */
function waitingBox(waitingFor: readonly WaitingFor[], { times }: Style): string[] {
  const lines = waitingFor.map(({ taskId, what, until }): [string, string] => [
    escapeControlCharacters(taskId),
    (WAITS[what] ?? escapeControlCharacters(what)) +
      (until === undefined ? '' : `, until ${times.dateTime(until)} at the latest`),
  ]);
  return box('Waiting For', fields(lines));
}

function compensationLabel({ compensation }: TaskInspection, colours: Style['colours']): Label | string {
  if (!compensation) return NONE;
  const { status, attempt, max_attempts: maxAttempts, detail } = compensation;
  // Kinds of records that the status of the Go engine has no word for.
  if (detail === 'in_doubt' || detail === 'duplicate') return statusLabel(detail, colours);
  const counts = status === 'processing' || status === 'failed' ? `(${attempt}/${maxAttempts})` : '';
  return statusLabel(status, colours, counts);
}

function detailsBox(tasks: readonly TaskInspection[], updates: ShownUpdates, style: Style): string[] {
  const separator = style.colours.dim('· '.repeat(25).trimEnd());
  return box(
    'Task Execution Details',
    tasks.flatMap((task, i) => [...(i === 0 ? [''] : ['', separator, '']), ...taskDetails(task, updates, style)]),
  );
}
