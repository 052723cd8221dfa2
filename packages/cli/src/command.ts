/** Shared code of all commands: the action that commander calls, `--output` and `--data`. */
import { type Command, Option } from 'commander';
import type { ProcessIo } from '@orra-ts/common/process';
import { EXIT } from './errors';
import { OUTPUT_FORMATS, type OutputFormat } from './output/output';
import { type GlobalFlags, Session } from './session';

/** Runs a command. Resolves with its exit code; undefined stands for 0. */
export type CommandHandler<Arguments extends readonly unknown[], Flags> = (
  session: Session,
  flags: Flags,
  ...values: Arguments
) => Promise<number | undefined>;

export interface OutputFlags {
  readonly output: OutputFormat;
}

/** Runs the command that was called and keeps its results, because commander's actions return nothing. */
export class Runner {
  exitCode: number = EXIT.ok;
  /** Session of the command that was called; undefined if none was called. */
  session: Session | undefined;
  /** Output format of the command that was called; undefined if none was called. */
  format: OutputFormat | undefined;

  constructor(private readonly io: ProcessIo) {}

  handle<Arguments extends readonly unknown[], Flags>(
    handler: CommandHandler<Arguments, Flags>,
  ): (...values: unknown[]) => Promise<void> {
    return async (...values) => {
      const command = values.at(-1) as Command;
      this.session = new Session(this.io, command.optsWithGlobals<GlobalFlags>());
      const flags = command.opts<Flags & OutputFlags>();
      this.format = flags.output;
      const positional = command.processedArgs as unknown as Arguments;
      this.exitCode = (await handler(this.session, flags, ...positional)) ?? EXIT.ok;
    };
  }
}

/** Description of each command's JSON output, shown in the reference. */
const DOCUMENTS = new WeakMap<Command, string>();

/**
 * Adds `--output` to a command.
 *
 * @param document describes the JSON and YAML output
 * @param short false where the Go CLI uses `-o` for another option
 */
export function withOutput(command: Command, document: string, { short = true } = {}): Command {
  DOCUMENTS.set(command, document);
  return command.addOption(
    new Option(`${short ? '-o, ' : ''}--output <format>`, 'output format').choices(OUTPUT_FORMATS).default('table'),
  );
}

export const documentOf = (command: Command): string | undefined => DOCUMENTS.get(command);

/** Parser of a repeatable option: collects its values. */
const collect = (value: string, previous: readonly string[] = []): string[] => [...previous, value];

/** Adds `--data` to a command. `parseData` parses the values. */
export const withData = (command: Command): Command =>
  command.option(
    '-d, --data <name:value>',
    "data of the action, repeatable: name:value is a string, name:[…] and name:{…} are JSON, name:=json is any JSON value ('n:=5'); commas do not separate values",
    collect,
  );

export interface DataFlags {
  readonly data?: readonly string[];
}
