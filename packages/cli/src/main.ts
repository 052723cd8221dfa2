/** One run of `orra`: command line in, exit code out. */
import { type Command, CommanderError } from 'commander';
import { normaliseArgv } from './argv';
import { Runner } from './command';
import { EXIT, failureOf } from './errors';
import type { ProcessIo } from './process-io';
import { coloursFor } from './output/colours';
import { escapeControlCharacters } from './output/terminal-string';
import { buildProgram } from './program';

/** @param argv without node and script */
export async function runCli(argv: readonly string[], io: ProcessIo): Promise<number> {
  const runner = new Runner(io);
  const program = buildProgram(runner);
  const usage = new UsageOutput(io);
  for (const command of everyCommand(program)) usage.attach(command);
  try {
    await program.parseAsync(normaliseArgv(argv, program), { from: 'user' });
    return runner.exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return usage.finish(error);
    return reportFailure(error, runner, io);
  }
}

function reportFailure(error: unknown, { session }: Runner, io: ProcessIo): number {
  const { message, lines = [], next, exitCode } = failureOf(error, session?.failureContext() ?? {});
  const colours = coloursFor(io.stderr, io.env);
  io.stderr.write(`${colours.red('⨯')} Error: ${escapeControlCharacters(message)}\n`);
  for (const line of lines) io.stderr.write(`  ${escapeControlCharacters(line)}\n`);
  if (next !== undefined) io.stderr.write(`  ${escapeControlCharacters(next)}\n`);
  if (session?.flags.debug && error instanceof Error) session.note(error.stack?.replaceAll('\n', ' | ') ?? error.name);
  return exitCode;
}

/** What commander says: help that was asked for on standard output, usage errors on standard error. */
class UsageOutput {
  private held = '';

  constructor(private readonly io: ProcessIo) {}

  attach(command: Command): void {
    const { stdout, stderr, env } = this.io;
    command
      .exitOverride()
      .showHelpAfterError()
      .configureHelp({ showGlobalOptions: true })
      .configureOutput({
        writeOut: (text) => stdout.write(text),
        writeErr: (text) => (this.held += text),
        outputError: (text, write) =>
          write(`${coloursFor(stderr, env).red('⨯')} ${text.replace(/^error: /, '').trimEnd()}\n`),
        getOutHelpWidth: () => stdout.columns ?? 100,
        getErrHelpWidth: () => stderr.columns ?? 100,
        getOutHasColors: () => coloursFor(stdout, env).isColorSupported,
        getErrHasColors: () => coloursFor(stderr, env).isColorSupported,
      });
  }

  finish({ code, exitCode }: CommanderError): number {
    // A group that is called without a command, such as `orra config`, shows what there is: that is no error.
    const isHelp = code === 'commander.help';
    (isHelp ? this.io.stdout : this.io.stderr).write(this.held);
    return isHelp || exitCode === 0 ? EXIT.ok : EXIT.error;
  }
}

const everyCommand = (command: Command): Command[] => [command, ...command.commands.flatMap(everyCommand)];
