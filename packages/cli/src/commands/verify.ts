/** Trying things out: submit an action, receive what is sent to a webhook. */
import type { Command } from 'commander';
import { type DataFlags, type OutputFlags, type Runner, withData, withOutput } from '../command';
import type { OrraClient } from '@orra-ts/client';
import { OrraNotActionableError } from '@orra-ts/client';
import { parseData } from '../data';
import { parseDuration } from '../duration';
import { CliError, EXIT } from '../errors';
import { untilInterrupted } from '../interrupt';
import type { Output } from '../output/output';
import { escapeControlCharacters } from '../output/terminal-string';
import type { Session } from '../session';
import { timelineLine, newTimelineEntries } from '../views/timeline';
import { projectHeader } from '../views/header';
import { exitCodeOf, outcomeView } from '../views/outcome';
import { watchOrchestration, within } from '../watch';
import { receiveWebhooks } from '../webhook-receiver';

interface RunFlags extends OutputFlags, DataFlags {
  readonly timeout?: string;
  readonly healthCheckGracePeriod?: string;
  readonly quiet?: boolean;
  readonly follow?: boolean;
  readonly maxWait?: string;
}

export function addVerifyCommands(program: Command, runner: Runner): void {
  const group = program.command('verify').description('try out services, actions and webhooks');

  withOutput(
    withData(group.command('run').argument('<action>', 'what shall be done, in words').description('submit an action'))
      .option('-t, --timeout <duration>', 'how long one attempt of a task may take (default: 30s)')
      .option(
        '-g, --health-check-grace-period <duration>',
        'how long a task waits for a service that is away (default: 30m)',
      )
      .option('-q, --quiet', 'leave out the hints')
      .option('--follow', 'show what happens until it has ended and is compensated; the exit code tells how')
      .option('--max-wait <duration>', 'with --follow: how long to wait, such as 90s; then exit code 4'),
    '`{ id, status, action }`; with `--follow` one JSON line (or YAML document) each for the submission (`type: "submitted"`), every happening (`"status"`, `"update"`, `"compensation"`) and the result (`"result"`)',
  ).action(runner.handle<[string], RunFlags>(run));

  const webhooks = group.command('webhooks').description('receive webhooks on this machine');
  withOutput(
    webhooks
      .command('start')
      .argument('<url>', 'a webhook of the project; its port (8888 if it names none) and path are served')
      .description('print what the engine sends to a webhook, until Ctrl-C'),
    'one JSON line (or YAML document) for every body that is received',
  ).action(runner.handle<[string], OutputFlags>(receiveWebhooks));
}

async function run(session: Session, flags: RunFlags, content: string): Promise<number | undefined> {
  const { follow = false, quiet = false, maxWait } = flags;
  // Everything that can be wrong with the command line, before anything is submitted.
  const data = parseData(flags.data ?? []);
  if (maxWait !== undefined && !follow) {
    throw new CliError('ORRA_INVALID_OPTION', '--max-wait requires --follow', { next: 'add --follow' });
  }
  const limit = maxWait === undefined ? undefined : parseDuration(maxWait, '--max-wait');
  const output = session.output(flags.output);
  const project = session.project();
  const orra = session.clientOf(project);
  let action = orra.action(content).with(data);
  if (flags.timeout !== undefined) action = action.timeout(parseDuration(flags.timeout, '--timeout'));
  if (flags.healthCheckGracePeriod !== undefined) {
    action = action.healthGrace(parseDuration(flags.healthCheckGracePeriod, '--health-check-grace-period'));
  }
  const submitted = await action.submit().catch((error: unknown) => {
    if (follow && error instanceof OrraNotActionableError) {
      const next = 'see which services are registered with `orra services ls`, and which plans with `orra plans ls`';
      throw new CliError('ORRA_NOT_ACTIONABLE', error.message, { exitCode: EXIT.notActionable, next, cause: error });
    }
    throw error;
  });
  const { id, status } = submitted;
  const facts = { id, status, action: content };
  const lines = [
    ...projectHeader(project),
    `Submitted: ${escapeControlCharacters(content)}`,
    `ID:        ${escapeControlCharacters(id)}`,
  ];
  if (!follow) {
    const hints = ['', 'See how it goes:', `  orra inspect ${id}`, `  orra inspect -d --updates ${id}`, '  orra ps'];
    output.show(facts, () => [...lines, ...(quiet ? [] : hints)]);
    return undefined;
  }
  output.next({ type: 'submitted', ...facts }, () => [...lines, '']);
  return untilInterrupted(
    session.io,
    (signal) =>
      within({ clock: session.io.clock, signal }, limit, (until) => followToTheEnd(session, orra, id, output, until)),
    () => {
      session.note(`orchestration ${id} runs on: orra inspect --watch ${id}`);
      return EXIT.interrupted;
    },
  );
}

async function followToTheEnd(
  session: Session,
  orra: OrraClient,
  id: string,
  output: Output,
  signal: AbortSignal,
): Promise<number> {
  let before;
  for await (const inspection of watchOrchestration(orra, id, { clock: session.io.clock, signal })) {
    for (const entry of newTimelineEntries(before, inspection)) {
      output.next(entry, (style) => [timelineLine(entry, style)]);
    }
    before = inspection;
  }
  const result = await orra.orchestrations.result(id, { signal });
  output.next({ type: 'result', ...result }, (style) => ['', ...outcomeView(result, style)]);
  return exitCodeOf(result.status);
}
