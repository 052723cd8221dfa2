/** `orra comp-fail ls` and `inspect`. */
import {
  type CompensationFailureKind,
  type CompensationFailureView,
  type FailureDetailsView,
  isJsonObject,
  ZERO_TIME,
} from '@orra-ts/protocol';
import { BOX_SIDE, box, fields, jsonLines } from '../output/box';
import { type Label, NONE, statusLabel } from '../output/icons';
import type { Style } from '../output/output';
import { type Column, renderTable } from '../output/table';
import { escapeControlCharacters } from '../output/terminal-string';
import { formatAge } from '../output/time';
import { failureDetailLines } from './error-message';

type Failure = CompensationFailureView;

export function failureListView(failures: readonly Failure[], { colours, width, nowMs }: Style): string[] {
  const columns: Column<Failure>[] = [
    { header: 'ID', read: ({ id }) => id },
    { header: 'ORCHESTRATION', read: ({ orchestrationId }) => orchestrationId },
    { header: 'SERVICE', read: ({ serviceName }) => serviceName, flexible: true },
    { header: 'STATUS', read: ({ status }) => inLowerCase(recordLabel(status, colours)) },
    { header: 'RESOLUTION', read: ({ resolutionState }) => inLowerCase(statusLabel(resolutionState, colours)) },
    { header: 'CREATED', read: ({ timestamp }) => formatAge(timestamp, nowMs) },
  ];
  const table = { width: width === undefined ? undefined : width - BOX_SIDE.length, dim: colours.dim };
  return box(`Failed Compensations (${failures.length})`, renderTable(columns, failures, table));
}

/** The record after resolve, ignore or retry. */
export function failureSummaryLines(
  { id, serviceName, resolutionState, resolution }: Failure,
  { colours }: Style,
): string[] {
  const { text, colour } = inLowerCase(statusLabel(resolutionState, colours));
  return fields([
    ['ID', escapeControlCharacters(id)],
    ['Service', escapeControlCharacters(serviceName)],
    ['Resolution', colour(text)],
    ['Reason', resolution ? escapeControlCharacters(resolution) : undefined],
  ]);
}

export function failureView(failure: Failure, style: Style): string[] {
  const sections = [
    identityBox(failure, style),
    ...(failure.resolutionState === 'pending' ? [] : [resolutionBox(failure, style)]),
    ...(failure.failure ? [reasonBox(failure.failure, failure.failureDetails, style)] : []),
    ...kindBoxes(failure),
    ...(failure.lateOutput === undefined ? [] : [lateBox(failure.lateOutput)]),
    ...(failure.compensationData.context ? [contextBox(failure.compensationData.context, style)] : []),
    box('Compensation Log', ['', 'Data of the revert handler:', ...jsonLines(failure.compensationData.data)]),
    box('Related Information', ['', `orra inspect -d ${escapeControlCharacters(failure.orchestrationId)}`]),
    ...(failure.resolutionState === 'pending' ? [optionsBox(failure)] : []),
  ];
  return sections.flatMap((lines, i) => (i === 0 ? lines : ['', ...lines]));
}

function identityBox(failure: Failure, { times, nowMs }: Style): string[] {
  const age = formatAge(failure.timestamp, nowMs);
  return box(
    `Compensation Failure [${escapeControlCharacters(failure.resolutionState).toUpperCase()}]`,
    fields([
      ['ID', escapeControlCharacters(failure.id)],
      ['Orchestration', escapeControlCharacters(failure.orchestrationId)],
      ['Service', `${escapeControlCharacters(failure.serviceName)} (${escapeControlCharacters(failure.serviceId)})`],
      ['Task', escapeControlCharacters(failure.taskId)],
      [
        Object.hasOwn(SINCE, failure.status) ? SINCE[failure.status] : 'Recorded',
        `${age === 'just now' ? age : `${age} ago`} (${times.dateTime(failure.timestamp)})`,
      ],
      ['Attempts', `${failure.attemptsMade} of ${failure.maxAttempts}`],
    ]),
  );
}

/** Label of the time of a record. */
const SINCE: Readonly<Record<CompensationFailureKind, string>> = {
  failed: 'Failed',
  expired: 'Expired',
  partial: 'Partial',
  in_doubt: 'In Doubt',
  duplicate: 'Duplicate',
};

const resolutionBox = ({ resolution, resolvedAt }: Failure, { times }: Style): string[] =>
  box(
    'Resolution',
    fields([
      ['Details', resolution ? escapeControlCharacters(resolution) : undefined],
      ['Actioned', resolvedAt === ZERO_TIME ? undefined : times.dateTime(resolvedAt)],
    ]),
  );

/** The engine prepends its own message to the one of the service. */
function reasonBox(text: string, details: FailureDetailsView | undefined, { colours }: Style): string[] {
  const [, system, service] = /^(max compensation attempts \(\d+\) reached): ([^]+)$/.exec(text) ?? [];
  return box('Failure Information', [
    `Error: ${colours.red(escapeControlCharacters(text))}`,
    ...(system && service
      ? [
          '',
          ...fields([
            ['From the engine', escapeControlCharacters(system)],
            ['From the service', escapeControlCharacters(service)],
          ]),
        ]
      : []),
    ...(details ? ['', ...failureDetailLines(details)] : []),
  ]);
}

function contextBox(context: NonNullable<Failure['compensationData']['context']>, { times }: Style): string[] {
  const { reason, timestamp, payload } = context;
  const hasPayload = payload !== undefined && payload !== null && !(isJsonObject(payload) && isEmpty(payload));
  return box('Compensation Context', [
    ...fields([
      ['Triggered by', `[${escapeControlCharacters(reason.charAt(0).toUpperCase() + reason.slice(1))}] orchestration`],
      ['Timestamp', times.dateTime(timestamp)],
    ]),
    ...(hasPayload ? ['', 'Payload:', ...jsonLines(payload)] : []),
  ]);
}

/** The part of the view that depends on the kind of the record. */
function kindBoxes({ status, completed = [], remaining = [], output, otherOutput }: Failure): string[][] {
  if (status === 'partial') {
    const items = (title: string, values: readonly string[]): string[] => [
      `${title}:`,
      ...(values.length === 0 ? [`  ${NONE}`] : values.map((value) => `  ${escapeControlCharacters(value)}`)),
    ];
    return [box('Partial Revert', ['', ...items('Undone', completed), ...items('Left to undo', remaining)])];
  }
  if (status === 'in_doubt') {
    const text = 'It is not known whether the task had an effect, and its service cannot revert it without an output.';
    return [box('In Doubt', ['', text, 'Check the external system.'])];
  }
  if (status !== 'duplicate') return [];
  const outputs = [
    'The output that counts:',
    ...jsonLines(output),
    '',
    'The second output:',
    ...jsonLines(otherOutput),
  ];
  return [box('Two Outputs Under One Key', ['', ...outputs])];
}

const lateBox = (output: unknown): string[] =>
  box('Late Result', ['', 'It arrived after the decision, and was not reverted:', ...jsonLines(output)]);

const isEmpty = (value: object): boolean => Object.keys(value).length === 0;

const RETRY: Readonly<Partial<Record<CompensationFailureKind, string>>> = {
  partial: 'Run the revert again, for what is left:',
  in_doubt: 'Ask the service again:',
  duplicate: 'Revert the second output:',
};

const optionsBox = ({ id, status }: Failure): string[] =>
  box('Management Options', [
    '',
    RETRY[status] ?? 'Retry the compensation:',
    `  orra comp-fail retry ${escapeControlCharacters(id)}`,
    'Mark as undone manually:',
    `  orra comp-fail resolve ${escapeControlCharacters(id)} --reason "…"`,
    'Mark as not needing compensation:',
    `  orra comp-fail ignore ${escapeControlCharacters(id)} --reason "…"`,
  ]);

/** Unlike the status of a task, the kind `partial` is a problem, and not the end of a compensation. */
const recordLabel = (kind: string, colours: Style['colours']): Label =>
  kind === 'partial' ? { text: '✕ Partial', colour: colours.yellow } : statusLabel(kind, colours);

/** Statuses of a record are shown in lower case, as on the wire. */
const inLowerCase = ({ text, colour }: Label): Label => ({ text: text.toLowerCase(), colour });
