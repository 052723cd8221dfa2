/** Converts any error into the message that a command prints: what happened, and what to do next. */
import { OrraError, describeThrown } from '@orra-ts/common';
import { OrraClientError } from '@orra-ts/client';
import { GO_ERROR_MESSAGES } from '@orra-ts/protocol';
import { CliError, EXIT } from './errors';

/** The source of the engine's URL, which determines how to correct it. */
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
export function describeFailure(thrown: unknown, context: FailureContext): Failure {
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
  const owner =
    source === 'environment'
      ? 'the project of ORRA_API_KEY'
      : project === undefined
        ? 'this project'
        : `project ${project}`;
  const engineMessage = readEngineMessage(error);
  switch (error.code) {
    case 'ORRA_UNREACHABLE': {
      const { proxy } = error.details;
      if (typeof proxy === 'string') {
        return {
          message: `no engine responds${requestTarget(error, server)} through the proxy ${proxy}${networkReason(error)}`,
          next: `check the proxy, or add the host of the engine to NO_PROXY to reach it directly; then ${SERVER[source].check}`,
        };
      }
      return {
        message: `no engine responds${requestTarget(error, server)}${networkReason(error)}`,
        next:
          error.details['reason'] === 'ECONNRESET'
            ? 'it closed the connection, as the Go engine does while it plans the orchestration: run the command again in a moment'
            : `start one with \`orra dev\`, or ${SERVER[source].check}`,
      };
    }
    case 'ORRA_UNAUTHORIZED':
      if (source === 'environment') {
        return {
          message: `the engine${at} does not accept the API key in ORRA_API_KEY`,
          next: 'check that ORRA_API_KEY is a key of a project of the engine at ORRA_URL: `orra dev` prints both, `orra projects add <name>` registers a project',
        };
      }
      return {
        message: `the engine${at} does not accept the API key of ${owner}`,
        next: 'if its storage was replaced, register the project under another name with `orra projects add <name>`, or select another one with `orra projects use <name>`',
      };
    case 'ORRA_UNKNOWN_ORCHESTRATION':
      return {
        message: `${engineMessage ?? 'unknown orchestration'}; ${owner} has no orchestration with this id`,
        next: '`orra ps` lists the orchestrations, `-p <name>` selects another project',
      };
    case 'ORRA_UNKNOWN_COMPENSATION_FAILURE':
      return { message: engineMessage ?? error.message, next: '`orra comp-fail ls --all` lists them' };
    case 'ORRA_UNKNOWN_GROUNDING':
      return { message: engineMessage ?? error.message, next: '`orra grounding ls` lists them' };
    case 'ORRA_UNKNOWN_PLAN':
      return { message: engineMessage ?? error.message, next: '`orra plans ls` lists them' };
    case 'ORRA_NOT_ACTIONABLE':
      return {
        message: `not actionable: ${engineMessage?.replace(GO_ERROR_MESSAGES.notActionablePrefix, '') ?? error.message}`,
        next: 'list the registered services with `orra services ls`, and the plans with `orra plans ls`',
      };
    case 'ORRA_NOT_SUPPORTED':
      return {
        message: `the engine${at} does not support this`,
        next: 'its version or kind differs; `orra doctor` shows which it is',
      };
    case 'ORRA_UNEXPECTED_RESPONSE':
      return { message: error.message, next: SERVER[source].check };
    case 'ORRA_INVALID_OPTION':
      if (error.details['environment'] !== 'ORRA_URL') return { message: engineMessage ?? error.message };
      // The value is not shown: it may contain a password.
      return {
        message: `${SERVER[source].name} is not a valid engine URL`,
        next: 'use the form http://localhost:8005 or https://host/path, without user name, query and fragment',
      };
    default:
      return { message: engineMessage ?? error.message, ...engineHint(engineMessage ?? '') };
  }
}

/** Returns how to fix an error that another command can fix. */
function engineHint(engineMessage: string): { next?: string } {
  if (GO_ERROR_MESSAGES.missingWebhookPattern.test(engineMessage)) {
    return { next: 'this engine requires a webhook for results: `orra webhooks add <url>`' };
  }
  if (GO_ERROR_MESSAGES.noServicesPattern.test(engineMessage)) {
    return { next: 'start a service that uses a key of this project (`orra api-keys gen <name>` creates one)' };
  }
  if (engineMessage.startsWith(GO_ERROR_MESSAGES.unmatchedGroundingPrefix)) {
    return {
      next: 'add a use case for it with `orra grounding apply`; on the embedded engine, `orra grounding mode guide` also permits other actions',
    };
  }
  if (engineMessage.startsWith(GO_ERROR_MESSAGES.uncoveredGroundingPrefix)) {
    return {
      next: 'describe the capability in the description of a service, or correct the grounding; on the embedded engine, `orra grounding mode guide` permits such plans',
    };
  }
  return {};
}

function readEngineMessage(error: OrraError): string | undefined {
  if (!(error instanceof OrraClientError)) return undefined;
  const engineMessage = error.details['engineMessage'];
  return typeof engineMessage === 'string' && engineMessage !== '' ? engineMessage : undefined;
}

function networkReason(error: OrraError): string {
  const reason = error.details['reason'];
  return typeof reason === 'string' ? ` (${reason})` : '';
}

/** Returns the project's URL if the request went there, otherwise the origin of the request. */
function requestTarget(error: OrraError, server: string | undefined): string {
  const { url } = error.details;
  const origin = typeof url === 'string' && URL.canParse(url) ? new URL(url).origin : undefined;
  const isProjectServer = server !== undefined && URL.canParse(server) && new URL(server).origin === origin;
  const shown = isProjectServer ? server : (origin ?? server);
  return shown === undefined ? '' : ` at ${shown}`;
}
