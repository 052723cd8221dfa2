/**
 * The config file's content, in the original's form. Members that we do not know, of the file and of each project, are kept as
 * they are: both programs, and later ones, may share the file.
 */
import { isJsonObject } from '@orra-ts/protocol';

/** One project as the file has it. All keys are in clear, which is why the file is its owner's alone. */
export interface StoredProject {
  readonly id?: string;
  /** The project's own key. */
  readonly cli_auth?: string;
  /** Further keys by their names. */
  readonly api_key?: Readonly<Record<string, string>>;
  readonly server_addr?: string;
  readonly webhooks?: readonly string[];
  readonly compensation_failure_webhooks?: readonly string[];
  /** Ours: folder of the engine, where `orra dev` runs it; the project's key is kept there too. */
  readonly dev_storage?: string;
}

/** Reads and changes; every change answers a new config. */
export class Config {
  constructor(readonly content: Readonly<Record<string, unknown>> = {}) {}

  get current(): string | undefined {
    const name = this.content['current_project'];
    return typeof name === 'string' && name !== '' ? name : undefined;
  }

  /** Sorted, as the original lists them. */
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

  /** Replaces the whole of it. */
  withProject(name: string, project: StoredProject): Config {
    return this.put(name, { api_key: {}, webhooks: [], compensation_failure_webhooks: [], ...project });
  }

  /** Changes members of a project that is there. */
  withChange(name: string, change: Partial<StoredProject>): Config {
    const stored = this.projects[name];
    return this.put(name, { ...(isJsonObject(stored) ? stored : {}), ...change });
  }

  /** Without projects; members of others stay. */
  emptied(): Config {
    return new Config({ ...this.content, current_project: '', projects: {} });
  }

  private get projects(): Record<string, unknown> {
    const { projects } = this.content;
    return isJsonObject(projects) ? projects : {};
  }

  private put(name: string, project: object): Config {
    // From entries: a project may be named `__proto__`.
    const others = Object.entries(this.projects).filter(([other]) => other !== name);
    return new Config({ ...this.content, projects: Object.fromEntries([...others, [name, project]]) });
  }
}

function readProject(stored: Record<string, unknown>): StoredProject {
  const text = (member: string): string | undefined => {
    const value = stored[member];
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const texts = (member: string): string[] => {
    const value = stored[member];
    return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
  };
  const keys = isJsonObject(stored['api_key']) ? stored['api_key'] : {};
  return {
    id: text('id'),
    cli_auth: text('cli_auth'),
    api_key: Object.fromEntries(
      Object.entries(keys).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
    ),
    server_addr: text('server_addr'),
    webhooks: texts('webhooks'),
    compensation_failure_webhooks: texts('compensation_failure_webhooks'),
    dev_storage: text('dev_storage'),
  };
}
