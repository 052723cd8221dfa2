/** Orchestrations: `ps`, `inspect` and `cancel`. */
import type { Command } from 'commander';
import { isTerminalStatus } from '@orra-ts/protocol';
import { type OutputFlags, type Runner, withOutput } from '../command';
import { parseDuration } from '../duration';
import { CliError, EXIT } from '../errors';
import { untilInterrupted } from '../interrupt';
import { escapeControlCharacters } from '../output/terminal-string';
import type { Session } from '../session';
import { exitCodeOf } from '../views/outcome';
import { projectHeader } from '../views/header';
import { type InspectionDetail, inspectionView } from '../views/inspection';
import { inDisplayOrder, orchestrationListView } from '../views/orchestration-list';
import { watch, watchOrchestration, withMaxWait } from '../watch';

interface PsFlags extends OutputFlags {
  readonly wide?: boolean;
  readonly watch?: boolean;
}

interface InspectFlags extends OutputFlags {
  readonly detailed?: boolean;
  readonly updates?: boolean;
  readonly longUpdates?: boolean;
  readonly watch?: boolean;
  readonly maxWait?: string;
}

export function addOrchestrationCommands(program: Command, runner: Runner): void {
  withOutput(
    program
      .command('ps')
      .description('list orchestrations, running ones first')
      .option('-w, --wide', 'also show errors; the same as --output wide')
      .option('--watch', 'print the list again after every change, until Ctrl-C'),
    'a list of `{ id, action, status, timestamp, error?, compensation? }` as the engine returns them; `timestamp` is the last change of the status',
  ).action(runner.handle<[], PsFlags>(list));

  withOutput(
    program
      .command('inspect')
      .argument('<orchestration-id>', 'id from `orra ps`')
      .description('show an orchestration and its tasks')
      .option('-d, --detailed', 'also show the history of each task, with its input and output')
      .option('-u, --updates', 'with -d: the first and the latest progress update of each task')
      .option('--long-updates', 'with -d: every progress update')
      .option(
        '--watch',
        'print it again after every change, until it is settled: it has ended, its tasks are compensated, and no late result is waited for; the exit code reports the result',
      )
      .option('--max-wait <duration>', 'with --watch: maximum time to wait, such as 90s; then exit code 4'),
    "the engine's inspection: `{ id, status, action, timestamp, duration, error?, results?, abortInfo?, waitingFor?, tasks? }`; durations in nanoseconds",
  ).action(runner.handle<[string], InspectFlags>(inspect));

  withOutput(
    program
      .command('cancel')
      .argument('<orchestration-id>', 'id from `orra ps`')
      .description('cancel an orchestration and compensate its completed tasks')
      .option('-r, --reason <text>', 'reason that is stored with the orchestration'),
    "the engine's inspection, as in `inspect`",
  ).action(
    runner.handle<[string], OutputFlags & { readonly reason?: string }>(async (session, { output, reason }, id) => {
      const { orchestrations } = session.client();
      // The engine responds in the same way for an orchestration that had already ended.
      const { status } = await orchestrations.inspect(id);
      const inspection = await orchestrations.cancel(id, { reason });
      if (isTerminalStatus(status) || inspection.status !== 'cancelled') {
        session.note(`it has already ended as ${inspection.status}; nothing was cancelled`);
      }
      session.output(output).show(inspection, (style) => inspectionView(inspection, BRIEF, style));
      return undefined;
    }),
  );
}

const BRIEF: InspectionDetail = { detailed: false, updates: 'count' };

async function list(session: Session, { output: format, wide, watch: isWatching }: PsFlags): Promise<undefined> {
  const output = session.output(wide && format === 'table' ? 'wide' : format);
  const project = session.project();
  const orra = session.clientOf(project);
  if (!isWatching) {
    const items = inDisplayOrder(await orra.orchestrations.list());
    output.show(items, (style) => [...projectHeader(project), ...orchestrationListView(items, style)]);
    return undefined;
  }
  const { clock } = session.io;
  const printChanges = async (signal: AbortSignal): Promise<undefined> => {
    const options = {
      clock,
      signal,
      events: (until: AbortSignal) => orra.events({ signal: until }),
      fingerprint: (value: unknown) => value,
    };
    for await (const grouped of watch(() => orra.orchestrations.list(), options)) {
      const items = inDisplayOrder(grouped);
      if (output.isTerminal && output.isHumanReadable) output.clear();
      output.showNext(items, (style) => [...projectHeader(project), ...orchestrationListView(items, style), '']);
    }
    return undefined;
  };
  return untilInterrupted(session.io, printChanges, () => undefined);
}

async function inspect(session: Session, flags: InspectFlags, id: string): Promise<number | undefined> {
  const { detailed = false, updates = false, longUpdates = false } = flags;
  if (updates && longUpdates) {
    throw new CliError('ORRA_INVALID_OPTION', '--updates cannot be combined with --long-updates', {
      next: 'use --updates for the first and the latest update, --long-updates for all',
    });
  }
  if ((updates || longUpdates) && !detailed) {
    session.note(`--${updates ? 'updates' : 'long-updates'} has no effect without -d`);
  }
  const detail: InspectionDetail = { detailed, updates: longUpdates ? 'all' : updates ? 'ends' : 'count' };
  const output = session.output(flags.output);
  const project = session.project();
  const orra = session.clientOf(project);
  if (!flags.watch) {
    if (flags.maxWait !== undefined) {
      throw new CliError('ORRA_INVALID_OPTION', '--max-wait requires --watch', { next: 'add --watch' });
    }
    const inspection = await orra.orchestrations.inspect(id);
    output.show(inspection, (style) => [...projectHeader(project), ...inspectionView(inspection, detail, style)]);
    return undefined;
  }
  const limit = flags.maxWait === undefined ? undefined : parseDuration(flags.maxWait, '--max-wait');
  const { clock } = session.io;
  const printChanges = async (signal: AbortSignal): Promise<number> => {
    let exitCode: number = EXIT.ok;
    for await (const inspection of watchOrchestration(orra, id, { clock, signal })) {
      exitCode = exitCodeOf(inspection.status);
      if (output.isTerminal && output.isHumanReadable) output.clear();
      output.showNext(inspection, (style) => [
        ...projectHeader(project),
        ...inspectionView(inspection, detail, style),
        '',
      ]);
    }
    return exitCode;
  };
  return untilInterrupted(
    session.io,
    (signal) => withMaxWait({ clock, signal }, limit, printChanges),
    () => {
      session.note(`orchestration ${escapeControlCharacters(id)} continues to run`);
      return EXIT.interrupted;
    },
  );
}
