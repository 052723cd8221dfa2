/** The history of one task: statuses, progress, updates, compensation, input and output. */
import type { CompensationEventView, FailureDetailsView, InterimResultView, TaskInspection } from '@orra-ts/protocol';
import { jsonLines } from '../output/box';
import { NONE, colouredStatus } from '../output/icons';
import type { Style } from '../output/output';
import { escapeControlCharacters } from '../output/terminal-string';
import { formatElapsed } from '../output/time';
import { failureDetailLines, withCode } from './error-message';
import { progressBar, progressOf } from './progress';

export type ShownUpdates = 'count' | 'ends' | 'all';

const RULE_WIDTH = 50;

export function taskDetails(task: TaskInspection, shown: ShownUpdates, style: Style): string[] {
  const { colours, times } = style;
  const rule = (title = ''): string =>
    colours.dim(title === '' ? '─'.repeat(RULE_WIDTH) : `${title} ${'─'.repeat(RULE_WIDTH - title.length - 1)}`);
  const history = (task.statusHistory ?? []).map(
    ({ timestamp, status, error, failureDetails }) =>
      `${times.time(timestamp)}  ${colouredStatus(status, colours)}${reason(error, failureDetails)}`,
  );
  const compensations = task.compensationHistory ?? [];
  return [
    colours.bold(`${escapeControlCharacters(task.serviceName)} (${escapeControlCharacters(task.id)})`),
    rule(),
    ...history,
    ...(compensations.length > 0 ? [rule('Compensating')] : []),
    ...compensations.map((event) => compensationLine(event, style)),
    ...compensationDetails(task),
    ...(task.effect === undefined ? [] : [EFFECTS[task.effect]]),
    ...(task.openDeliveries ?? []).map(
      ({ timestamp, executionId }) =>
        `Open delivery: ${times.time(timestamp)}, to another process, without an outcome (${escapeControlCharacters(executionId)})`,
    ),
    ...updateLines(task, shown, style, rule),
    ...lastFailure(task),
    ...section('Input', task.input),
    ...section('Output', task.output),
    ...section('Late Output', task.lateOutput),
    ...section('Abort Payload', task.abortPayload),
  ];
}

/** The newest failure of a task in full: the history shows only messages. */
function lastFailure({ failureDetails }: TaskInspection): string[] {
  const lines = failureDetails ? failureDetailLines(failureDetails) : [];
  return lines.length === 0 ? [] : ['', 'Error:', ...lines.map((line) => `  ${line}`)];
}

const section = (title: string, value: unknown): string[] =>
  value === undefined || value === null ? [] : ['', `${title}:`, ...jsonLines(value)];

const reason = (error: string | undefined, details?: FailureDetailsView): string =>
  error ? ` - ${escapeControlCharacters(withCode(error, details))}` : '';

function compensationLine(event: CompensationEventView, { colours, times }: Style): string {
  const { status, attempt, maxAttempts, error, failureDetails, timestamp } = event;
  const counts = status === 'processing' || status === 'failed' ? `(${attempt}/${maxAttempts})` : '';
  return `${times.time(timestamp)}  ${colouredStatus(status, colours, counts)}${reason(error, failureDetails)}`;
}

const EFFECTS = {
  kept: 'Effect: kept, if it had one (its service has no revert handler)',
  unknown: 'Effect: unknown, because the task has no outcome',
} as const;

/** Details of a compensation that only our engine returns. */
function compensationDetails({ compensation }: TaskInspection): string[] {
  const { detail, completed = [], remaining = [] } = compensation ?? {};
  const list = (values: readonly string[]): string => values.map(escapeControlCharacters).join(', ') || NONE;
  return [
    ...(detail === undefined ? [] : [`Compensation: ${escapeControlCharacters(detail.replaceAll('_', ' '))}`]),
    ...(completed.length + remaining.length === 0
      ? []
      : [`Undone: ${list(completed)}`, `Left to undo: ${list(remaining)}`]),
  ];
}

function updateLines(
  { interimResults: updates = [], duration }: TaskInspection,
  shown: ShownUpdates,
  { times, colours }: Style,
  rule: (title?: string) => string,
): string[] {
  const first = updates[0];
  const latest = updates.at(-1);
  if (!first || !latest) return [];
  const progress = progressOf(updates.map(({ data }) => data));
  const summary = [
    ...(progress === undefined ? [] : [`Progress: ${progressBar(progress)} (${formatElapsed(duration)} elapsed)`]),
    `Updates: ${updates.length}`,
  ];
  if (shown === 'count') return summary;
  const one = (title: string, { timestamp, data }: InterimResultView): string[] => [
    `${times.time(timestamp)}  ${title}`,
    ...jsonLines(data),
  ];
  const chosen =
    shown === 'all'
      ? updates.map((update, i) => one(`Update ${i + 1}/${updates.length}`, update))
      : updates.length === 1
        ? [one('Only Update', first)]
        : [one('First Update', first), one('Latest Update', latest)];
  const more = shown === 'ends' && updates.length > 2 ? [colours.dim(`All ${updates.length}: --long-updates`)] : [];
  return [
    ...summary,
    '',
    rule('Progress Updates'),
    ...chosen.flatMap((lines, i) => (i === 0 ? lines : ['', ...lines])),
    ...(more.length > 0 ? ['', ...more] : []),
    rule(),
  ];
}
