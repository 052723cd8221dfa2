/** `orra inspect`: an orchestration, its tasks, and with `-d` what happened to each of them. */
import type { OrchestrationInspection, TaskInspection } from '@orra-ts/protocol';
import { isJsonObject } from '@orra-ts/protocol';
import { BOX_SIDE, box, fields, jsonLines } from '../output/box';
import { NONE, type Paint, statusLook, statusText } from '../output/icons';
import type { Style } from '../output/output';
import { type Column, renderTable } from '../output/table';
import { inert } from '../output/text';
import { formatSpan } from '../output/time';
import { errorText } from './error-text';
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
  const { tasks = [], results } = inspection;
  const sections = [orchestrationBox(inspection, style)];
  if (inspection.abortInfo) sections.push(abortBox(inspection.abortInfo));
  if (tasks.length > 0) sections.push(tasksBox(tasks, style));
  if (detailed && tasks.length > 0) sections.push(detailsBox(tasks, updates, style));
  // Only the first: a plan has one last task, whose output is the answer.
  if (detailed && results && results.length > 0) sections.push(box('Final Results', ['', ...jsonLines(results[0])]));
  return sections.flatMap((lines, i) => (i === 0 ? lines : ['', ...lines]));
}

function orchestrationBox(inspection: OrchestrationInspection, { colours }: Style): string[] {
  const { id, status, action, duration, error, metadata, planSource } = inspection;
  const mark = status === 'failed' || status === 'aborted' ? ` [${status.toUpperCase()}]` : '';
  const entry = isJsonObject(error) && typeof error['id'] === 'string' ? error['id'] : undefined;
  const producer = isJsonObject(error) && typeof error['producer'] === 'string' ? error['producer'] : undefined;
  return box(
    `Orchestration Details${mark}`,
    fields([
      ['ID', inert(id)],
      ['Status', statusText(status, colours)],
      ['Action', inert(action)],
      ['Created', `${formatSpan(duration)} ago`],
      ['Plan', planSource && inert(sourceText(planSource))],
      ['Metadata', metadata && Object.keys(metadata).length > 0 ? inert(JSON.stringify(metadata)) : undefined],
      ['Error', error == null ? undefined : colours.red(inert(errorText(error)))],
      ['Entry', entry === undefined ? undefined : inert(entry)],
      ['By', producer === undefined ? undefined : inert(producer)],
    ]),
  );
}

const sourceText = ({ kind, name, version }: NonNullable<OrchestrationInspection['planSource']>): string =>
  [kind, name, version === undefined ? undefined : `version ${version}`].filter(Boolean).join(' ');

function abortBox({ taskId, serviceName, payload }: NonNullable<OrchestrationInspection['abortInfo']>): string[] {
  const payloadFields: [string, string][] = isJsonObject(payload)
    ? Object.keys(payload)
        .sort()
        .map((name) => [titled(name), inert(shortText(payload[name]))])
    : payload === undefined || payload === null
      ? []
      : [['Payload', inert(shortText(payload))]];
  return box('Abort Information', fields([['Task', inert(taskId)], ['Service', inert(serviceName)], ...payloadFields]));
}

const titled = (name: string): string => inert(name.charAt(0).toUpperCase() + name.slice(1));
const shortText = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

function tasksBox(tasks: readonly TaskInspection[], { colours, width }: Style): string[] {
  const columns: Column<TaskInspection>[] = [
    { header: 'ID', read: ({ id }) => id },
    { header: 'SERVICE', read: ({ serviceName }) => serviceName, flexible: true },
    { header: 'STATUS', read: ({ status }) => statusLook(status, colours) },
    { header: 'COMPENSATION', read: (task) => compensationLook(task, colours) },
    { header: 'DURATION', read: ({ duration }) => formatSpan(duration) },
    { header: 'LAST ERROR', read: ({ error }) => error || NONE, flexible: true },
  ];
  const table = { width: width === undefined ? undefined : width - BOX_SIDE.length, dim: colours.dim };
  return box('Tasks', renderTable(columns, tasks, table));
}

function compensationLook({ compensation }: TaskInspection, colours: Style['colours']): Paint | string {
  if (!compensation) return NONE;
  const { status, attempt, max_attempts: maxAttempts } = compensation;
  const counts = status === 'processing' || status === 'failed' ? `(${attempt}/${maxAttempts})` : '';
  return statusLook(status, colours, counts);
}

function detailsBox(tasks: readonly TaskInspection[], updates: ShownUpdates, style: Style): string[] {
  const separator = style.colours.dim('· '.repeat(25).trimEnd());
  return box(
    'Task Execution Details',
    tasks.flatMap((task, i) => [...(i === 0 ? [''] : ['', separator, '']), ...taskDetails(task, updates, style)]),
  );
}
