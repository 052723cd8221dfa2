/** What goes wrong, as people read it: one sentence that says what happened, one that says what to do next. */
import { OrraError, describeThrown } from '@orra-ts/common';
import { OrraClientError } from '@orra-ts/client';

/** Exit codes. 2 to 4 are of commands that wait: they say how what was waited for ended. */
export const EXIT = {
  ok: 0,
  /** The command could not do its work. */
  error: 1,
  /** The orchestration failed, was aborted or was cancelled. */
  failed: 2,
  /** The services at hand cannot do the action. */
  notActionable: 3,
  /** The time to wait was over first. */
  timeout: 4,
  /** Ended by Ctrl-C (SIGINT) while waiting, as shells count it. */
  interrupted: 130,
} as const;

export interface CliErrorOptions {
  /** What to do about it. */
  readonly next?: string;
  /** One by one, where there are several things wrong. */
  readonly lines?: readonly string[];
  /** @default 1 */
  readonly exitCode?: number;
  readonly cause?: unknown;
}

/** A refusal by this program itself. */
export class CliError extends OrraError {
  readonly next: string | undefined;
  readonly lines: readonly string[];
  readonly exitCode: number;

  constructor(code: string, message: string, { next, lines = [], exitCode = EXIT.error, cause }: CliErrorOptions = {}) {
    super(code, message, { cause });
    this.next = next;
    this.lines = lines;
    this.exitCode = exitCode;
  }
}

/** Where the address of the engine in use was given: it says what can be corrected. */
export type ServerSource = 'config' | 'environment' | 'option';

/** What the error is shown beside. */
export interface FailureContext {
  /** Name of the project in use, as far as there is one. */
  readonly project?: string;
  /** Address of its engine. */
  readonly server?: string;
  /** @default the config */
  readonly source?: ServerSource;
}

export interface Failure {
  readonly message: string;
  readonly lines?: readonly string[];
  readonly next?: string;
  readonly exitCode: number;
}

/** Anything thrown, for people. */
export function failureOf(thrown: unknown, context: FailureContext): Failure {
  if (thrown instanceof CliError) {
    const { message, lines, next, exitCode } = thrown;
    return { message, lines, next, exitCode };
  }
  if (thrown instanceof OrraError) return { exitCode: EXIT.error, ...ofOrraError(thrown, context) };
  return {
    message: `unexpectedly: ${describeThrown(thrown)}`,
    next: 'run the command again with --debug, and report what it shows',
    exitCode: EXIT.error,
  };
}

const ADDRESS: Readonly<Record<ServerSource, { readonly name: string; readonly check: string }>> = {
  config: {
    name: 'the server that the config gives for the project',
    check: 'see which server the project has with `orra projects ls`',
  },
  environment: { name: 'the address in ORRA_URL', check: 'check the address in ORRA_URL' },
  option: { name: 'the address behind --server', check: 'give its address with --server' },
};

function ofOrraError(error: OrraError, context: FailureContext): Partial<Failure> & { message: string } {
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
        message: `no engine answers${triedOf(error, server)}${reasonOf(error)}`,
        next:
          error.details['reason'] === 'ECONNRESET'
            ? 'it dropped the connection, as the Go engine does for an orchestration that is still being planned: try again in a moment'
            : `start one with \`orra dev\`, or ${ADDRESS[source].check}`,
      };
    case 'ORRA_UNAUTHORIZED':
      if (source === 'environment') {
        return {
          message: `the engine${at} refuses the API key in ORRA_API_KEY`,
          next: 'check ORRA_API_KEY, and that ORRA_URL is the engine that gave this key: `orra dev` shows both, `orra projects add <name>` registers a project',
        };
      }
      return {
        message: `the engine${at} refuses the API key of ${of}`,
        next: 'was its storage replaced? Register the project again under another name with `orra projects add <name>`, or choose another one with `orra projects use <name>`',
      };
    case 'ORRA_UNKNOWN_ORCHESTRATION':
      return {
        message: `${said ?? 'unknown orchestration'}; ${of} has none with this id`,
        next: '`orra ps` lists the orchestrations, `-p <name>` chooses another project',
      };
    case 'ORRA_UNKNOWN_COMPENSATION_FAILURE':
      return { message: said ?? error.message, next: '`orra comp-fail ls --all` lists them' };
    case 'ORRA_UNKNOWN_GROUNDING':
      return { message: said ?? error.message, next: '`orra grounding ls` lists them' };
    case 'ORRA_UNKNOWN_PLAN':
      return { message: said ?? error.message, next: '`orra plans ls` lists them' };
    case 'ORRA_NOT_ACTIONABLE':
      return {
        message: `not actionable: ${said?.replace(/^preparation failed with status not_actionable: /, '') ?? error.message}`,
        next: 'see which services are registered with `orra services ls`, and which plans with `orra plans ls`',
      };
    case 'ORRA_NOT_SUPPORTED':
      return {
        message: `the engine${at} does not offer this`,
        next: 'it is of another version or kind: `orra doctor`',
      };
    case 'ORRA_UNEXPECTED_RESPONSE':
      return { message: error.message, next: ADDRESS[source].check };
    case 'ORRA_INVALID_OPTION':
      if (error.details['environment'] !== 'ORRA_URL') return { message: said ?? error.message };
      // What was given is not shown: it may hold a password.
      return {
        message: `${ADDRESS[source].name} cannot be that of an engine`,
        next: 'write it like http://localhost:8005 or https://host/path, without user name, query and fragment',
      };
    default:
      return { message: said ?? error.message, ...nextOf(said ?? '') };
  }
}

/** What engines refuse for reasons that a command can remove. */
function nextOf(said: string): { next?: string } {
  if (/at least one webhook/i.test(said)) {
    return { next: 'this engine wants to know where results go: `orra webhooks add <url>`' };
  }
  if (/no services/i.test(said)) {
    return { next: 'start a service that uses a key of this project (`orra api-keys gen <name>` makes one)' };
  }
  if (said.startsWith('cannot match grounding specs')) {
    return {
      next: '`orra grounding apply` adds a use case for it, on our engine `orra grounding mode guide` lets other actions pass',
    };
  }
  if (said.startsWith('execution plan is invalid against domain')) {
    return {
      next: "let a service's description say what it can do, or correct the grounding; on our engine `orra grounding mode guide` lets such plans pass",
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

/** Where the request went; the address of the project says it best, where it is that one. */
function triedOf(error: OrraError, server: string | undefined): string {
  const { url } = error.details;
  const tried = typeof url === 'string' && URL.canParse(url) ? new URL(url).origin : undefined;
  const isOfProject = server !== undefined && URL.canParse(server) && new URL(server).origin === tried;
  const shown = isOfProject ? server : (tried ?? server);
  return shown === undefined ? '' : ` at ${shown}`;
}
