/** `orra comp-fail ls` and `inspect`. */
import { type CompensationFailureView, isJsonObject, ZERO_TIME } from '@orra-ts/protocol';
import { BOX_SIDE, box, fields, jsonLines } from '../output/box';
import { type Label, statusLabel } from '../output/icons';
import type { Style } from '../output/output';
import { type Column, renderTable } from '../output/table';
import { escapeControlCharacters } from '../output/terminal-string';
import { formatAge } from '../output/time';

type Failure = CompensationFailureView;

export function failureListView(failures: readonly Failure[], { colours, width, nowMs }: Style): string[] {
  const columns: Column<Failure>[] = [
    { header: 'ID', read: ({ id }) => id },
    { header: 'ORCHESTRATION', read: ({ orchestrationId }) => orchestrationId },
    { header: 'SERVICE', read: ({ serviceName }) => serviceName, flexible: true },
    { header: 'STATUS', read: ({ status }) => inLowerCase(statusLabel(status, colours)) },
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
    ...(failure.failure ? [reasonBox(failure.failure, style)] : []),
    ...(failure.compensationData.context ? [contextBox(failure.compensationData.context, style)] : []),
    box('Compensation Log', ['', 'Data of the revert handler:', ...jsonLines(failure.compensationData.data)]),
    box('Related Information', ['', `orra inspect -d ${escapeControlCharacters(failure.orchestrationId)}`]),
    ...(failure.resolutionState === 'pending' ? [optionsBox(failure.id)] : []),
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
        failure.status === 'expired' ? 'Expired' : 'Failed',
        `${age === 'just now' ? age : `${age} ago`} (${times.dateTime(failure.timestamp)})`,
      ],
      ['Attempts', `${failure.attemptsMade} of ${failure.maxAttempts}`],
    ]),
  );
}

const resolutionBox = ({ resolution, resolvedAt }: Failure, { times }: Style): string[] =>
  box(
    'Resolution',
    fields([
      ['Details', resolution ? escapeControlCharacters(resolution) : undefined],
      ['Actioned', resolvedAt === ZERO_TIME ? undefined : times.dateTime(resolvedAt)],
    ]),
  );

/** The engine prepends its own message to the one of the service. */
function reasonBox(text: string, { colours }: Style): string[] {
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

const isEmpty = (value: object): boolean => Object.keys(value).length === 0;

const optionsBox = (id: string): string[] =>
  box('Management Options', [
    '',
    'Retry the compensation:',
    `  orra comp-fail retry ${escapeControlCharacters(id)}`,
    'Mark as undone manually:',
    `  orra comp-fail resolve ${escapeControlCharacters(id)} --reason "…"`,
    'Mark as not needing compensation:',
    `  orra comp-fail ignore ${escapeControlCharacters(id)} --reason "…"`,
  ]);

/** Statuses of a record are shown in lower case, as on the wire. */
const inLowerCase = ({ text, colour }: Label): Label => ({ text: text.toLowerCase(), colour });
