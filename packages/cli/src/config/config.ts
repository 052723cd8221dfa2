/**
 * The content of the config file, in the format of the Go CLI. Unknown members of the file and of each project are preserved,
 * so that both CLIs and later versions can share the file.
 */
import { isJsonObject } from '@orra-ts/protocol';

/** One stored project. Keys are in plain text, so only the owner can read the file. */
export interface StoredProject {
  readonly id?: string;
  /** The first API key of the project. */
  readonly cli_auth?: string;
  /** Additional API keys by name. */
  readonly api_key?: Readonly<Record<string, string>>;
  readonly server_addr?: string;
  readonly webhooks?: readonly string[];
  readonly compensation_failure_webhooks?: readonly string[];
  /** Folder of the engine if `orra dev` runs it; it also stores the key. The Go CLI does not have this member. */
  readonly dev_storage?: string;
}

/** An immutable config. Every change returns a new one. */
export class Config {
  constructor(readonly content: Readonly<Record<string, unknown>> = {}) {}

  get current(): string | undefined {
    const name = this.content['current_project'];
    return typeof name === 'string' && name !== '' ? name : undefined;
  }

  /** Names of the projects, sorted as in the Go CLI. */
  get names(): string[] {
    return Object.keys(this.projects)
      .filter((name) => isJsonObject(this.projects[name]))
      .sort();
  }

  find(name: string): StoredProject | undefined {
    if (!Object.hasOwn(this.projects, name)) return undefined;
    const stored = this.projects[name];
    return isJsonObject(stored) ? readProject(stored) : undefined;
  }

  withCurrent(name: string): Config {
    return new Config({ ...this.content, current_project: name });
  }

  /** Adds or replaces a project. */
  withProject(name: string, project: StoredProject): Config {
    return this.put(name, { api_key: {}, webhooks: [], compensation_failure_webhooks: [], ...project });
  }

  /** Changes members of an existing project. */
  withChange(name: string, change: Partial<StoredProject>): Config {
    const stored = this.projects[name];
    return this.put(name, { ...(isJsonObject(stored) ? stored : {}), ...change });
  }

  /** Removes all projects and keeps unknown members. */
  emptied(): Config {
    return new Config({ ...this.content, current_project: '', projects: {} });
  }

  private get projects(): Record<string, unknown> {
    const { projects } = this.content;
    return isJsonObject(projects) ? projects : {};
  }

  private put(name: string, project: object): Config {
    // Object.fromEntries allows a project named `__proto__`.
    const others = Object.entries(this.projects).filter(([other]) => other !== name);
    return new Config({ ...this.content, projects: Object.fromEntries([...others, [name, project]]) });
  }
}

function readProject(stored: Record<string, unknown>): StoredProject {
  const readString = (member: string): string | undefined => {
    const value = stored[member];
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const readStrings = (member: string): string[] => {
    const value = stored[member];
    return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
  };
  const keys = isJsonObject(stored['api_key']) ? stored['api_key'] : {};
  return {
    id: readString('id'),
    cli_auth: readString('cli_auth'),
    api_key: Object.fromEntries(
      Object.entries(keys).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
    ),
    server_addr: readString('server_addr'),
    webhooks: readStrings('webhooks'),
    compensation_failure_webhooks: readStrings('compensation_failure_webhooks'),
    dev_storage: readString('dev_storage'),
  };
}
