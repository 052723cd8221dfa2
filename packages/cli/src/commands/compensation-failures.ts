/** `orra comp-fail`: failed compensations, which an operator resolves, ignores or retries. */
import { type Command, Option } from 'commander';
import type { OrraClient } from '@orra-ts/client';
import {
  COMPENSATION_FAILURE_KINDS,
  type CompensationFailureKind,
  type CompensationFailureView,
  RESOLUTION_STATES,
  type ResolutionState,
} from '@orra-ts/protocol';
import { type OutputFlags, type Runner, withOutput } from '../command';
import { CliError } from '../errors';
import { OUTPUT_FORMATS } from '../output/output';
import { escapeControlCharacters } from '../output/terminal-string';
import { failureListView, failureSummaryLines, failureView } from '../views/compensation-failures';
import { projectHeader } from '../views/header';
import type { Session } from '../session';
import { COMPENSATION_FAILURES, addWebhookGroup } from './webhooks';

const DEFAULT_LIMIT = 20;

interface ListFlags extends OutputFlags {
  readonly orchestration?: string;
  readonly service?: string;
  readonly resolution?: ResolutionState;
  readonly kind?: CompensationFailureKind;
  readonly limit: string;
  readonly all?: boolean;
}

const RECORD =
  '`{ id, projectId, orchestrationId, taskId, serviceId, serviceName, compensationData, status, resolutionState, failure?, completed?, remaining?, output?, otherOutput?, lateOutput?, resolution?, attemptsMade, maxAttempts, timestamp, resolvedAt }`';

export function addCompensationFailureCommands(program: Command, runner: Runner): void {
  const group = program
    .command('comp-fail')
    .description('failed, partial and doubtful compensations, for an operator to handle');

  withOutput(
    group
      .command('ls')
      .alias('list')
      .description('list failed compensations, newest first; by default only pending ones')
      .option('-o, --orchestration <id>', 'only those of this orchestration')
      .option('-s, --service <text>', 'only those of services whose name contains this')
      .addOption(new Option('-r, --resolution <state>', 'only those in this state').choices(RESOLUTION_STATES))
      .addOption(new Option('-k, --kind <kind>', 'only those of this kind').choices(COMPENSATION_FAILURE_KINDS))
      .option('-l, --limit <number>', 'maximum number of records', String(DEFAULT_LIMIT))
      .option('--all', 'in any state'),
    `a list of ${RECORD}`,
    { short: false },
  ).action(runner.handle<[], ListFlags>(list));

  withOutput(
    group
      .command('inspect')
      .argument('<id>', 'id from `orra comp-fail ls`')
      .description('show the details of a failed compensation'),
    RECORD,
  ).action(
    runner.handle<[string], OutputFlags>(async (session, { output }, id) => {
      const project = session.project();
      const failure = await session.clientOf(project).compensationFailures.inspect(id);
      session.output(output).show(failure, (style) => [...projectHeader(project), ...failureView(failure, style)]);
      return undefined;
    }),
  );

  const decisions = [
    {
      name: 'resolve',
      description: 'record that the work was undone manually',
      done: 'is marked as resolved',
      decide: ({ compensationFailures }: OrraClient, id: string, reason: string) =>
        compensationFailures.resolve(id, reason),
    },
    {
      name: 'ignore',
      description: 'record that nothing has to be undone',
      done: 'is marked as ignored',
      decide: ({ compensationFailures }: OrraClient, id: string, reason: string) =>
        compensationFailures.ignore(id, reason),
    },
  ];
  for (const { name, description, done, decide } of decisions) {
    withOutput(
      group
        .command(name)
        .argument('<id>', 'id from `orra comp-fail ls`')
        .description(description)
        .requiredOption('-r, --reason <text>', 'what was done, or why nothing has to be done'),
      RECORD,
    ).action(
      runner.handle<[string], OutputFlags & { readonly reason: string }>((session, { output, reason }, id) =>
        change(session, output, done, (orra) => decide(orra, id, reason)),
      ),
    );
  }

  withOutput(
    group
      .command('retry')
      .argument('<id>', 'id from `orra comp-fail ls`')
      .description('retry the compensation, with a new series of attempts'),
    RECORD,
  ).action(
    runner.handle<[string], OutputFlags>((session, { output }, id) =>
      change(session, output, 'is retried', async (orra) => {
        const failure = await orra.compensationFailures.retry(id);
        if (failure.status === 'partial' && !(await readsPrevious(orra, failure))) session.note(PARTIAL_AGAIN);
        return failure;
      }),
    ),
  );

  addWebhookGroup(group, runner, COMPENSATION_FAILURES);
}

const PARTIAL_AGAIN =
  'the SDK of this service does not announce `task-meta`: its revert handler cannot read what was undone before, and runs as if nothing was';

/** Whether the revert handler of the service can read what a partial revert before has undone. */
async function readsPrevious(orra: OrraClient, { serviceId }: CompensationFailureView): Promise<boolean> {
  const services = await orra.services.list();
  return services.some(({ id, capabilities = [] }) => id === serviceId && capabilities.includes('task-meta'));
}

async function list(session: Session, flags: ListFlags): Promise<undefined> {
  const { orchestration, service, resolution, kind, all = false } = flags;
  if (orchestration !== undefined) rejectOutputFormat(orchestration);
  const limit = parseLimit(flags.limit);
  const project = session.project();
  const records = await session.clientOf(project).compensationFailures.list({ kind });
  const wanted = resolution ?? (all ? undefined : 'pending');
  const matching = records.filter(
    (failure) =>
      (orchestration === undefined || failure.orchestrationId === orchestration) &&
      (service === undefined || failure.serviceName.toLowerCase().includes(service.toLowerCase())) &&
      (wanted === undefined || failure.resolutionState === wanted),
  );
  const failures = matching.slice(0, limit);
  const filters = [
    ...(orchestration === undefined ? [] : [`  Orchestration: ${escapeControlCharacters(orchestration)}`]),
    ...(service === undefined ? [] : [`  Service: ${escapeControlCharacters(service)}`]),
    ...(kind === undefined ? [] : [`  Kind: ${kind}`]),
    ...(resolution === undefined ? (all ? ['  Resolution: all'] : []) : [`  Resolution: ${resolution}`]),
  ];
  const isDefault = resolution === undefined && !all;
  session
    .output(flags.output)
    .show(failures, (style) => [
      ...projectHeader(project),
      ...(filters.length > 0 ? ['Filters:', ...filters, ''] : []),
      ...(failures.length > 0 ? failureListView(failures, style) : ['No failed compensations']),
      ...(matching.length > limit ? ['', `${matching.length - limit} more: --limit ${matching.length}`] : []),
      ...(isDefault && records.length > 0 ? ['', 'Resolved and ignored records are hidden; --all shows them.'] : []),
    ]);
  return undefined;
}

/** `-o` is the output format of all other commands. Without this check, `-o json` would silently find no orchestration. */
function rejectOutputFormat(orchestration: string): void {
  if (!OUTPUT_FORMATS.some((format) => format === orchestration)) return;
  throw new CliError('ORRA_INVALID_OPTION', `--orchestration: ${orchestration} is a format, not an orchestration`, {
    next: `use --output ${orchestration} (-o means --orchestration here, as in the Go CLI)`,
  });
}

function parseLimit(text: string): number {
  const limit = Number(text);
  if (/^\d+$/.test(text) && limit > 0) return limit;
  throw new CliError('ORRA_INVALID_OPTION', `--limit: ${JSON.stringify(text)} is not a whole number of at least 1`, {
    next: `omit it for the default, ${DEFAULT_LIMIT}`,
  });
}

async function change(
  session: Session,
  output: OutputFlags['output'],
  done: string,
  act: (orra: OrraClient) => Promise<CompensationFailureView>,
): Promise<undefined> {
  const project = session.project();
  const failure = await act(session.clientOf(project));
  session
    .output(output)
    .show(failure, (style) => [
      ...projectHeader(project).slice(0, 2),
      `${style.colours.green('✓')} The failed compensation ${done}`,
      ...failureSummaryLines(failure, style),
    ]);
  return undefined;
}
