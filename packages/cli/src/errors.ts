/** Error registry of the command line, and how it shows any error: what happened, and what to do next. */
import { OrraError, defineErrors, describeThrown } from '@orra-ts/common';
import { CLIENT_ERRORS, OrraClientError } from '@orra-ts/client';
import { GO_ERROR_MESSAGES } from '@orra-ts/protocol';

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
    cause: 'A file that a command was given does not exist or cannot be read.',
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
    cause: 'There is no plan to save, or the plan cannot be expressed in the file that was asked for.',
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

/** Where the URL of the engine comes from; it determines how to correct it. */
export type ServerSource = 'config' | 'environment' | 'option';

/** Context that the message of an error needs. */
export interface FailureContext {
  /** Name of the selected project, if there is one. */
  readonly project?: string;
  /** URL of its engine. */
  readonly server?: string;
  /** @default 'config' */
  readonly source?: ServerSource;
}

export interface Failure {
  readonly message: string;
  readonly lines?: readonly string[];
  readonly next?: string;
  readonly exitCode: number;
}

/** Describes any thrown value for the user of a command. */
export function failureOf(thrown: unknown, context: FailureContext): Failure {
  if (thrown instanceof CliError) {
    const { message, lines, next, exitCode } = thrown;
    return { message, lines, next, exitCode };
  }
  if (thrown instanceof OrraError) return { exitCode: EXIT.error, ...describeOrraError(thrown, context) };
  return {
    message: `unexpected error: ${describeThrown(thrown)}`,
    next: 'run the command again with --debug, and report its output',
    exitCode: EXIT.error,
  };
}

const SERVER: Readonly<Record<ServerSource, { readonly name: string; readonly check: string }>> = {
  config: {
    name: 'the server of the project in the config',
    check: 'check the server of the project with `orra projects ls`',
  },
  environment: { name: 'the URL in ORRA_URL', check: 'check the URL in ORRA_URL' },
  option: { name: 'the URL after --server', check: 'pass its URL with --server' },
};

function describeOrraError(error: OrraError, context: FailureContext): Partial<Failure> & { message: string } {
  const { project, server, source = 'config' } = context;
  const at = server === undefined ? '' : ` at ${server}`;
  const of =
    source === 'environment'
      ? 'the project of ORRA_API_KEY'
      : project === undefined
        ? 'this project'
        : `project ${project}`;
  const said = engineMessageOf(error);
  switch (error.code) {
    case 'ORRA_UNREACHABLE':
      return {
        message: `no engine responds${triedOf(error, server)}${reasonOf(error)}`,
        next:
          error.details['reason'] === 'ECONNRESET'
            ? 'it closed the connection, as the Go engine does while it plans the orchestration: run the command again in a moment'
            : `start one with \`orra dev\`, or ${SERVER[source].check}`,
      };
    case 'ORRA_UNAUTHORIZED':
      if (source === 'environment') {
        return {
          message: `the engine${at} does not accept the API key in ORRA_API_KEY`,
          next: 'check that ORRA_API_KEY is a key of a project of the engine at ORRA_URL: `orra dev` prints both, `orra projects add <name>` registers a project',
        };
      }
      return {
        message: `the engine${at} does not accept the API key of ${of}`,
        next: 'if its storage was replaced, register the project under another name with `orra projects add <name>`, or select another one with `orra projects use <name>`',
      };
    case 'ORRA_UNKNOWN_ORCHESTRATION':
      return {
        message: `${said ?? 'unknown orchestration'}; ${of} has no orchestration with this id`,
        next: '`orra ps` lists the orchestrations, `-p <name>` selects another project',
      };
    case 'ORRA_UNKNOWN_COMPENSATION_FAILURE':
      return { message: said ?? error.message, next: '`orra comp-fail ls --all` lists them' };
    case 'ORRA_UNKNOWN_GROUNDING':
      return { message: said ?? error.message, next: '`orra grounding ls` lists them' };
    case 'ORRA_UNKNOWN_PLAN':
      return { message: said ?? error.message, next: '`orra plans ls` lists them' };
    case 'ORRA_NOT_ACTIONABLE':
      return {
        message: `not actionable: ${said?.replace(GO_ERROR_MESSAGES.notActionablePrefix, '') ?? error.message}`,
        next: 'see which services are registered with `orra services ls`, and which plans with `orra plans ls`',
      };
    case 'ORRA_NOT_SUPPORTED':
      return {
        message: `the engine${at} does not support this`,
        next: 'its version or kind differs; `orra doctor` shows which it is',
      };
    case 'ORRA_UNEXPECTED_RESPONSE':
      return { message: error.message, next: SERVER[source].check };
    case 'ORRA_INVALID_OPTION':
      if (error.details['environment'] !== 'ORRA_URL') return { message: said ?? error.message };
      // The value is not shown: it may contain a password.
      return {
        message: `${SERVER[source].name} is not a valid engine URL`,
        next: 'use the form http://localhost:8005 or https://host/path, without user name, query and fragment',
      };
    default:
      return { message: said ?? error.message, ...nextOf(said ?? '') };
  }
}

/** How to fix rejections that another command can fix; matches messages of both engines. */
function nextOf(said: string): { next?: string } {
  if (/at least one webhook/i.test(said)) {
    return { next: 'this engine requires a webhook for results: `orra webhooks add <url>`' };
  }
  if (/no services/i.test(said)) {
    return { next: 'start a service that uses a key of this project (`orra api-keys gen <name>` creates one)' };
  }
  if (said.startsWith('cannot match grounding specs')) {
    return {
      next: 'add a use case for it with `orra grounding apply`; on our engine, `orra grounding mode guide` also permits other actions',
    };
  }
  if (said.startsWith('execution plan is invalid against domain')) {
    return {
      next: 'describe the capability in the description of a service, or correct the grounding; on our engine, `orra grounding mode guide` permits such plans',
    };
  }
  return {};
}

function engineMessageOf(error: OrraError): string | undefined {
  if (!(error instanceof OrraClientError)) return undefined;
  const said = error.details['engineMessage'];
  return typeof said === 'string' && said !== '' ? said : undefined;
}

function reasonOf(error: OrraError): string {
  const reason = error.details['reason'];
  return typeof reason === 'string' ? ` (${reason})` : '';
}

/** Where the request went: the URL of the project if it is that one, otherwise the origin of the request. */
function triedOf(error: OrraError, server: string | undefined): string {
  const { url } = error.details;
  const tried = typeof url === 'string' && URL.canParse(url) ? new URL(url).origin : undefined;
  const isOfProject = server !== undefined && URL.canParse(server) && new URL(server).origin === tried;
  const shown = isOfProject ? server : (tried ?? server);
  return shown === undefined ? '' : ` at ${shown}`;
}
