/** One run of `orra`: command line in, exit code out. */
import { type Command, CommanderError } from 'commander';
import { OrraError } from '@orra-ts/common';
import { type ProcessIo, processIo } from '@orra-ts/common/process';
import { normaliseArgv } from './argv';
import { Runner } from './command';
import { EXIT } from './errors';
import { describeFailure } from './failure-message';
import { coloursFor } from './output/colours';
import { escapeControlCharacters, escapeEncoded } from './output/terminal-string';
import { buildProgram } from './program';
import { toYaml } from './yaml';

/**
 * Runs one command. Never rejects: errors are printed.
 *
 * @param argv the arguments, without node and script
 * @param io @default the current process
 * @returns the exit code
 */
export async function runCli(argv: readonly string[], io: ProcessIo = commandIo()): Promise<number> {
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

function commandIo(): ProcessIo {
  const io: ProcessIo = processIo({
    onOutputFailed: (error: NodeJS.ErrnoException) => {
      // The reader of a pipe may close it first (`orra ps | head -1`). That is not an error.
      if (error.code === 'EPIPE') return io.exit(EXIT.ok);
      io.stderr.write(`⨯ Error: the output cannot be written: ${escapeControlCharacters(error.message)}\n`);
      io.exit(EXIT.error);
    },
  });
  return io;
}

/** Programs get the error as one JSON line or YAML document on standard error. Standard output only contains results. */
function reportFailure(error: unknown, { session, format }: Runner, io: ProcessIo): number {
  const { message, lines = [], next, exitCode } = describeFailure(error, session?.failureContext() ?? {});
  const code = error instanceof OrraError ? error.code : undefined;
  if (format === 'json' || format === 'yaml') {
    const failure = { error: { code, message, lines: lines.length > 0 ? lines : undefined, next } };
    io.stderr.write(format === 'json' ? `${escapeEncoded(JSON.stringify(failure))}\n` : toYaml(failure));
  } else {
    const colours = coloursFor(io.stderr, io.env);
    const shownCode = session?.flags.debug && code !== undefined ? ` [${code}]` : '';
    io.stderr.write(`${colours.red('⨯')} Error${shownCode}: ${escapeControlCharacters(message)}\n`);
    for (const line of lines) io.stderr.write(`  ${escapeControlCharacters(line)}\n`);
    if (next !== undefined) io.stderr.write(`  ${escapeControlCharacters(next)}\n`);
  }
  if (session?.flags.debug && error instanceof Error) session.note(error.stack?.replaceAll('\n', ' | ') ?? error.name);
  return exitCode;
}

/** Output of commander: requested help goes to standard output, usage errors go to standard error. */
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
    // Calling a group without a command, such as `orra config`, prints its help. That is not an error.
    const isHelp = code === 'commander.help';
    (isHelp ? this.io.stdout : this.io.stderr).write(this.held);
    return isHelp || exitCode === 0 ? EXIT.ok : EXIT.error;
  }
}

const everyCommand = (command: Command): Command[] => [command, ...command.commands.flatMap(everyCommand)];
