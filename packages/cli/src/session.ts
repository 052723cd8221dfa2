/** The context of one command: project, engine and output. */
import type { HttpTransport } from '@orra-ts/common';
import type { ProcessIo } from '@orra-ts/common/process';
import { type OrraClient, createOrraClient } from '@orra-ts/client';
import { axiosTransport } from '@orra-ts/common/axios';
import type { Config, StoredProject } from './config/config';
import { ConfigFile, configPath } from './config/config-file';
import { debugTransport } from './debug-transport';
import { CliError } from './errors';
import type { FailureContext } from './failure-message';
import { coloursFor } from './output/colours';
import { Output, type OutputFormat } from './output/output';
import { escapeControlCharacters } from './output/terminal-string';

/** Flags of every command. */
export interface GlobalFlags {
  readonly config?: string;
  readonly project?: string;
  readonly debug?: boolean;
}

/** A project whose engine and API key are known. */
export interface UsableProject {
  readonly name: string;
  readonly server: string;
  readonly apiKey: string;
  readonly stored: StoredProject;
}

/** Name of the project that ORRA_URL and ORRA_API_KEY define when the config has none. */
const ENVIRONMENT_PROJECT = '(ORRA_URL)';

export class Session {
  readonly config: ConfigFile;
  readonly transport: HttpTransport;
  /** URL of the engine during a registration, before the config has a project for it. */
  private registrationServer: string | undefined;

  constructor(
    readonly io: ProcessIo,
    readonly flags: GlobalFlags,
  ) {
    this.config = new ConfigFile(configPath(flags.config, io));
    const transport = axiosTransport();
    this.transport = flags.debug ? debugTransport(transport, (line) => this.note(line)) : transport;
  }

  output(format: OutputFormat = 'table'): Output {
    return new Output(this.io, format);
  }

  /** Prints a note to standard error. */
  note(line: string): void {
    this.io.stderr.write(`${coloursFor(this.io.stderr, this.io.env).dim(escapeControlCharacters(line))}\n`);
  }

  /** Name of the project that `-p` or the config selects. @throws CliError `ORRA_UNKNOWN_PROJECT` */
  projectName(): string | undefined {
    const config = this.config.read();
    const chosen = this.flags.project ?? config.current;
    if (chosen === undefined || config.find(chosen)) return chosen;
    throw unknownProject(chosen, config.names);
  }

  /** @throws CliError `ORRA_MISSING_PROJECT`, `ORRA_UNKNOWN_PROJECT` or `ORRA_CONFIG_DAMAGED` */
  project(): UsableProject {
    const name = this.projectName();
    if (name === undefined) return this.environmentProject() ?? fail(this.noProject());
    const stored = this.config.read().find(name) ?? {};
    if (stored.server_addr === undefined || stored.cli_auth === undefined) {
      throw new CliError(
        'ORRA_CONFIG_DAMAGED',
        `project ${name} has no ${stored.cli_auth === undefined ? 'key (cli_auth)' : 'server (server_addr)'} in ${this.config.path}`,
        { next: 'repair the file, or register another project with `orra projects add <name>`' },
      );
    }
    return { name, server: stored.server_addr, apiKey: stored.cli_auth, stored };
  }

  /** Like `project()`, for commands that change the stored project. */
  storedProject(): UsableProject {
    const project = this.project();
    if (project.name !== ENVIRONMENT_PROJECT) return project;
    throw new CliError(
      'ORRA_MISSING_PROJECT',
      'this command stores its result in a project of the config, and the config has no project',
      {
        next: 'register one with `orra projects add <name>`',
      },
    );
  }

  /**
   * Changes members of a project in the config.
   *
   * @throws CliError `ORRA_UNKNOWN_PROJECT` when another command has removed it, and the errors of `ConfigFile.update`
   */
  updateProject(name: string, change: (stored: StoredProject) => Partial<StoredProject>): Promise<Config> {
    return this.config.update((config) => {
      const stored = config.find(name);
      if (!stored) throw unknownProject(name, config.names);
      return config.withChange(name, change(stored));
    });
  }

  clientOf({ server, apiKey }: Pick<UsableProject, 'server' | 'apiKey'>): OrraClient {
    return createOrraClient({
      url: server,
      apiKey,
      transport: this.transport,
      clock: this.io.clock,
      userAgent: 'orra-cli',
    });
  }

  client(): OrraClient {
    return this.clientOf(this.project());
  }

  /**
   * Creates the client that registers a project. It needs no API key.
   *
   * @throws OrraError `ORRA_INVALID_OPTION` when `server` is not a valid URL
   */
  registrationClient(server: string): OrraClient {
    this.registrationServer = server;
    return createOrraClient({ url: server, transport: this.transport, userAgent: 'orra-cli' });
  }

  /** Context for error messages, as far as it is known. Never throws. */
  failureContext(): FailureContext {
    if (this.registrationServer !== undefined) return { server: this.registrationServer, source: 'option' };
    try {
      const { name, server } = this.project();
      return { project: name, server, source: name === ENVIRONMENT_PROJECT ? 'environment' : 'config' };
    } catch {
      return {};
    }
  }

  private environmentProject(): UsableProject | undefined {
    const { server, apiKey } = this.environment();
    return server && apiKey ? { name: ENVIRONMENT_PROJECT, server, apiKey, stored: {} } : undefined;
  }

  private environment(): { readonly server?: string; readonly apiKey?: string } {
    const { env } = this.io;
    return { server: env['ORRA_URL']?.trim(), apiKey: env['ORRA_API_KEY']?.trim() };
  }

  private noProject(): CliError {
    const { server, apiKey } = this.environment();
    if (server) {
      return new CliError(
        'ORRA_MISSING_PROJECT',
        'no project is selected: ORRA_URL is set, but ORRA_API_KEY is missing',
        {
          next: 'set ORRA_API_KEY to a key of a project there, or run `orra projects add <name> --server "$ORRA_URL"`',
        },
      );
    }
    if (apiKey) {
      return new CliError(
        'ORRA_MISSING_PROJECT',
        'no project is selected: ORRA_API_KEY is set, but ORRA_URL is missing',
        {
          next: 'set ORRA_URL to the URL of the engine that issued the key, such as http://localhost:8005',
        },
      );
    }
    return noProject(this.config.read().names);
  }
}

export const unknownProject = (name: string, known: readonly string[]): CliError =>
  new CliError('ORRA_UNKNOWN_PROJECT', `the config has no project ${name}`, {
    next: known.length > 0 ? `it has ${known.join(', ')}` : 'run `orra projects add <name>`',
  });

const noProject = (known: readonly string[]): CliError =>
  new CliError('ORRA_MISSING_PROJECT', 'no project is selected', {
    next:
      known.length > 0
        ? `run \`orra projects use <name>\` or add -p <name>; the config has ${known.join(', ')}`
        : 'run `orra projects add <name>`, or `orra dev` for an engine and a project in this folder',
  });

function fail(error: CliError): never {
  throw error;
}
