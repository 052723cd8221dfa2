/** How commands are put together: what each needs of commander, in one place. */
import { type Command, Option } from 'commander';
import { EXIT } from './errors';
import type { ProcessIo } from './process-io';
import { OUTPUT_FORMATS, type OutputFormat } from './output/output';
import { type GlobalFlags, Session } from './session';

/** What happens when a command is called. Answers its exit code, 0 when it answers none. */
export type Handler<Arguments extends readonly unknown[], Flags> = (
  session: Session,
  flags: Flags,
  ...values: Arguments
) => Promise<number | undefined>;

export interface OutputFlags {
  readonly output: OutputFormat;
}

/** Holds what the command that was called leaves behind: commander's own actions answer nothing. */
export class Runner {
  exitCode: number = EXIT.ok;
  /** Of the command that was called; undefined when none was. */
  session: Session | undefined;

  constructor(private readonly io: ProcessIo) {}

  handle<Arguments extends readonly unknown[], Flags>(
    handler: Handler<Arguments, Flags>,
  ): (...values: unknown[]) => Promise<void> {
    return async (...values) => {
      const command = values.at(-1) as Command;
      this.session = new Session(this.io, command.optsWithGlobals<GlobalFlags>());
      const positional = command.processedArgs as unknown as Arguments;
      this.exitCode = (await handler(this.session, command.opts<Flags & object>(), ...positional)) ?? EXIT.ok;
    };
  }
}

/** What each command writes for programs: the reference shows it. */
const DOCUMENTS = new WeakMap<Command, string>();

/**
 * Gives a command `--output`.
 *
 * @param document what JSON and YAML hold, in words
 * @param short false where the original uses `-o` for something else
 */
export function withOutput(command: Command, document: string, { short = true } = {}): Command {
  DOCUMENTS.set(command, document);
  return command.addOption(
    new Option(`${short ? '-o, ' : ''}--output <format>`, 'how to print it').choices(OUTPUT_FORMATS).default('table'),
  );
}

export const documentOf = (command: Command): string | undefined => DOCUMENTS.get(command);

/** For options that may be given several times. */
const collect = (value: string, previous: readonly string[] = []): string[] => [...previous, value];

/** Gives a command the data of an action; `parseData` reads them. */
export const withData = (command: Command): Command =>
  command.option(
    '-d, --data <name:value>',
    "data of the action, repeatable: name:value is a text, name:[…] and name:{…} are JSON, name:=json is any JSON value ('n:=5'); commas split nothing",
    collect,
  );

export interface DataFlags {
  readonly data?: readonly string[];
}
