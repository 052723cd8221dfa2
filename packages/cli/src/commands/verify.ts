/** `orra verify`: submits an action, or receives webhooks. */
import type { Command } from 'commander';
import { type OrraClient, OrraNotActionableError } from '@orra-ts/client';
import { type DataFlags, type OutputFlags, type Runner, withData, withOutput } from '../command';
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
import { watchOrchestration, withMaxWait } from '../watch';
import { receiveWebhooks } from '../webhook-receiver';

interface RunFlags extends OutputFlags, DataFlags {
  readonly timeout?: string;
  readonly healthCheckGracePeriod?: string;
  readonly quiet?: boolean;
  readonly follow?: boolean;
  readonly maxWait?: string;
}

export function addVerifyCommands(program: Command, runner: Runner): void {
  const group = program.command('verify').description('test services, actions and webhooks');

  withOutput(
    withData(group.command('run').argument('<action>', 'describes the work, in words').description('submit an action'))
      .option('-t, --timeout <duration>', 'timeout of one attempt of a task (default: 30s)')
      .option(
        '-g, --health-check-grace-period <duration>',
        'how long a task waits for a disconnected service (default: 30m)',
      )
      .option('-q, --quiet', 'omit the hints')
      .option(
        '--follow',
        'print events until the orchestration is settled: it has ended, its tasks are compensated, and no late result is waited for; the exit code reports the result',
      )
      .option('--max-wait <duration>', 'with --follow: maximum time to wait, such as 90s; then exit code 4'),
    '`{ id, status, action }`; with `--follow` one JSON line (or YAML document) each for the submission (`type: "submitted"`), every event (`"status"`, `"update"`, `"compensation"`) and the result (`"result"`)',
  ).action(runner.handle<[string], RunFlags>(run));

  const webhooks = group.command('webhooks').description('receive webhooks on this machine');
  withOutput(
    webhooks
      .command('start')
      .argument('<url>', 'a webhook of the project; the command listens on its port (default: 8888) and path')
      .description('print the requests of the engine to a webhook, until Ctrl-C'),
    'one JSON line (or YAML document) per received body',
  ).action(runner.handle<[string], OutputFlags>(receiveWebhooks));
}

async function run(session: Session, flags: RunFlags, content: string): Promise<number | undefined> {
  const { follow = false, quiet = false, maxWait } = flags;
  // Check the command line before submitting.
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
      const next = 'list the registered services with `orra services ls`, and the plans with `orra plans ls`';
      throw new CliError('ORRA_NOT_ACTIONABLE', error.message, { exitCode: EXIT.notActionable, next, cause: error });
    }
    throw error;
  });
  const { id, status } = submitted;
  const submission = { id, status, action: content };
  const lines = [
    ...projectHeader(project),
    `Submitted: ${escapeControlCharacters(content)}`,
    `ID:        ${escapeControlCharacters(id)}`,
  ];
  if (!follow) {
    const hints = ['', 'Follow it with:', `  orra inspect ${id}`, `  orra inspect -d --updates ${id}`, '  orra ps'];
    output.show(submission, () => [...lines, ...(quiet ? [] : hints)]);
    return undefined;
  }
  output.showNext({ type: 'submitted', ...submission }, () => [...lines, '']);
  return untilInterrupted(
    session.io,
    (signal) =>
      withMaxWait({ clock: session.io.clock, signal }, limit, (until) =>
        followToTheEnd(session, orra, id, output, until),
      ),
    () => {
      session.note(`orchestration ${id} continues to run: orra inspect --watch ${id}`);
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
      output.showNext(entry, (style) => [timelineLine(entry, style)]);
    }
    before = inspection;
  }
  const result = await orra.orchestrations.result(id, { signal });
  output.showNext({ type: 'result', ...result }, (style) => ['', ...outcomeView(result, style)]);
  return exitCodeOf(result.status);
}
