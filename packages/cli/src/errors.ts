/** Error registry of the command line, its error class, and exit codes. */
import { OrraError, defineErrors } from '@orra-ts/common';
import { CLIENT_ERRORS } from '@orra-ts/client';

export const CLI_ERRORS = defineErrors({
  ...CLIENT_ERRORS,
  ORRA_CONFIG_DAMAGED: {
    cause: 'The config file cannot be read, or a project in it lacks its server or key.',
    remedy: 'Repair or move the file, or name another one (`--config`, `ORRA_CONFIG`).',
  },
  ORRA_CONFIG_LOCKED: {
    cause: 'Another process has been changing the config file for several seconds.',
    remedy: 'Run the command again. If no other `orra` runs, remove the lock file that the message names.',
  },
  ORRA_CONFIG_WRITE_FAILED: {
    cause: 'The config file cannot be written.',
    remedy: 'Make its folder writable, or name another file (`--config`, `ORRA_CONFIG`).',
  },
  ORRA_FILE_EXISTS: {
    cause: 'A file that the command would write already exists.',
    remedy: 'Choose another name, or replace the file with `--force`.',
  },
  ORRA_FILE_READ_FAILED: {
    cause: 'A file that was passed to a command does not exist or cannot be read.',
    remedy: 'Correct the path, or the permissions of the file.',
  },
  ORRA_FILE_WRITE_FAILED: {
    cause: 'A file in the current folder cannot be written.',
    remedy: 'Run the command in a folder that you may write to.',
  },
  ORRA_INVALID_DATA: {
    cause: 'An argument of `--data` does not have the form `name:value` or `name:=json`.',
    remedy: 'Write the argument as the message shows.',
  },
  ORRA_API_KEY_EXISTS: {
    cause: 'The project in the config already has an API key with this name.',
    remedy: 'Choose another name. `orra api-keys ls` lists the names.',
  },
  ORRA_MISSING_PROJECT: {
    cause: 'No project is selected, or the environment variables name only half of one.',
    remedy: 'Run `orra projects add <name>` or `orra projects use <name>`, or set both `ORRA_URL` and `ORRA_API_KEY`.',
  },
  ORRA_PLAN_NOT_SAVED: {
    cause: 'There is no plan to save, or the plan cannot be expressed in the requested file.',
    remedy: 'Follow the message: pass values as data, rename a service, or save without `--code`.',
  },
  ORRA_UNKNOWN_WEBHOOK: {
    cause: 'The project in the config has no webhook with this URL.',
    remedy: 'Add it with `orra webhooks add <url>`. `orra webhooks ls` lists the webhooks.',
  },
});

export type CliErrorCode = keyof typeof CLI_ERRORS;

/** Exit codes. Commands that wait use 2 to 4 to report how the orchestration ended. */
export const EXIT = {
  ok: 0,
  /** The command failed. */
  error: 1,
  /** The orchestration failed, was aborted or was cancelled. */
  failed: 2,
  /** The registered services cannot do the action. */
  notActionable: 3,
  /** The maximum wait passed first. */
  timeout: 4,
  /** Ended by Ctrl-C (SIGINT) while waiting; the number that shells use. */
  interrupted: 130,
} as const;

export interface CliErrorOptions {
  /** How to fix it. */
  readonly next?: string;
  /** Problems, one per line, where there are several. */
  readonly lines?: readonly string[];
  /** @default 1 */
  readonly exitCode?: number;
  readonly cause?: unknown;
}

/** An error of the command line itself. */
export class CliError extends OrraError {
  readonly next: string | undefined;
  readonly lines: readonly string[];
  readonly exitCode: number;

  constructor(
    code: CliErrorCode,
    message: string,
    { next, lines = [], exitCode = EXIT.error, cause }: CliErrorOptions = {},
  ) {
    super(code, message, { cause });
    this.next = next;
    this.lines = lines;
    this.exitCode = exitCode;
  }
}
