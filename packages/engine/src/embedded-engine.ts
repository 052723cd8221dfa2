/** An engine with the lifetime of the application: the value of its `engine` option. */
import { randomBytes } from 'node:crypto';
import { isAbsolute, join } from 'node:path';
import { type EngineAddress, type EngineEndpoint, type Logger } from '@orra-ts/common';
import { mintApiKey } from '@orra-ts/protocol';
import { engineError } from './errors';
import { createEngine, type Engine } from './create-engine';
import type { EngineOptions } from './options';
import { ProjectKeyFile } from './project-key-file';
import { MEMORY_STORAGE } from './storage/open-database';

export interface EmbeddedEngineOptions extends EngineOptions {
  /**
   * Folder, or ':memory:' (everything is lost when the application ends).
   * @default `engine` in ORRA_DATA_DIR, else in `.orra-data`
   */
  readonly storage?: string;
  /** Name of the application's project. @default 'default' */
  readonly project?: string;
  /** @default 0: any free port */
  readonly port?: number;
  /** @default the application's logger */
  readonly logger?: Logger;
}

/**
 * A Plan Engine in the application's own process. A file with mode 0600 beside the storage keeps the key of its project, so
 * that a restart finds the same project and continues what was open.
 *
 * @example
 * const app = await OrraFactory.create({ services: [Inventory], engine: embeddedEngine({ storage: '.orra-data' }) });
 */
export function embeddedEngine(options: EmbeddedEngineOptions = {}): EngineEndpoint {
  return new EmbeddedEngine(options);
}

class EmbeddedEngine implements EngineEndpoint {
  private starting: Promise<{ readonly engine: Engine; readonly address: EngineAddress }> | undefined;
  private closing: Promise<void> | undefined;

  constructor(private readonly options: EmbeddedEngineOptions) {}

  async start({ logger }: { readonly logger: Logger }): Promise<EngineAddress> {
    if (this.closing) {
      throw engineError(
        'ORRA_ENGINE_CLOSED',
        'embeddedEngine: it has been closed and cannot be started again; create a new one for a new application',
      );
    }
    this.starting ??= this.open(logger);
    try {
      return (await this.starting).address;
    } catch (error) {
      // The next call may find the port or the folder free.
      this.starting = undefined;
      throw error;
    }
  }

  close(): Promise<void> {
    this.closing ??= (async () => {
      const started = await this.starting?.catch(() => undefined);
      await started?.engine.close();
    })();
    return this.closing;
  }

  private async open(applicationLogger: Logger): Promise<{ readonly engine: Engine; readonly address: EngineAddress }> {
    const { project = 'default', storage = defaultStorage(), port = 0, logger = applicationLogger } = this.options;
    const child = logger.child({ component: 'engine' });
    const engine = await createEngine({ ...this.options, storage, port, logger: child });
    try {
      const { apiKey, id: projectId } = await openProject(engine, project, storage);
      return { engine, address: { url: engine.url, apiKey, projectId } };
    } catch (error) {
      await engine.close();
      throw error;
    }
  }
}

/** Stores the key before the project, so that no crash leaves a project whose key is lost. */
async function openProject(engine: Engine, name: string, storage: string): ReturnType<Engine['createProject']> {
  if (storage === MEMORY_STORAGE) return engine.createProject({ name });
  const file = new ProjectKeyFile(storage);
  return engine.createProject({ name, apiKey: file.read(name) ?? file.write(name, mintApiKey(randomBytes)) });
}

function defaultStorage(): string {
  const folder = process.env['ORRA_DATA_DIR']?.trim() || '.orra-data';
  return join(isAbsolute(folder) ? folder : join(process.cwd(), folder), 'engine');
}
