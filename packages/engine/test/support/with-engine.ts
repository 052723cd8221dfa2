/** Engines for one test: on a free port, with a project, and closed after the test, also when it fails. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { silentLogger } from '@orra-ts/common';
import { createEngine, type Engine, type EngineOptions } from '../../src';
import { EngineClient } from './engine-client';

type Close = () => unknown;
/** `file` is for engines that `beforeAll` starts. */
type Lifetime = 'test' | 'file';
const open: Record<Lifetime, Close[]> = { test: [], file: [] };

afterEach(() => closeAll('test'));
afterAll(() => closeAll('file'));

async function closeAll(lifetime: Lifetime): Promise<void> {
  // The last one first: what uses an engine closes before it.
  for (const close of open[lifetime].splice(0).reverse()) await close();
}

/** Calls back after the current test, in reverse order of these calls. */
export function closeAfterTest(close: Close): void {
  open.test.push(close);
}

/** A new folder that is removed after the current test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'orra-engine-'));
  closeAfterTest(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** An engine without a project, in memory by default. */
export async function startEngine(options: EngineOptions = {}, lifetime: Lifetime = 'test'): Promise<Engine> {
  const engine = await createEngine({ port: 0, storage: ':memory:', logger: silentLogger, ...options });
  open[lifetime].push(() => engine.close());
  return engine;
}

export interface WithEngineOptions extends EngineOptions {
  /** Stores in a temporary folder, which `restart` needs. @default false: in memory */
  readonly persistent?: boolean;
  /** The key of a project in this storage. @default the key of a new project */
  readonly apiKey?: string;
  /** When the engine closes. @default 'test' */
  readonly lifetime?: Lifetime;
}

export interface TestEngine {
  readonly engine: Engine;
  /** With the key of the project. */
  readonly client: EngineClient;
  /** Closes the engine and starts the next one on the same storage, with the same options except those given. */
  restart(options?: EngineOptions): Promise<TestEngine>;
}

/** An engine with a project, in memory by default. */
export async function withEngine(options: WithEngineOptions = {}): Promise<TestEngine> {
  const { persistent = false, apiKey, lifetime, ...given } = options;
  const engineOptions = persistent ? { storage: temporaryFolder(), ...given } : given;
  const engine = await startEngine(engineOptions, lifetime);
  const client = apiKey === undefined ? await EngineClient.of(engine) : new EngineClient(engine.url, apiKey);
  return {
    engine,
    client,
    async restart(changes = {}) {
      await engine.close();
      return withEngine({ ...engineOptions, ...changes, apiKey: client.key });
    },
  };
}
