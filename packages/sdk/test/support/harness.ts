/** An engine and applications that are closed after each test, with short timings and a log for assertions. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { LogFields, Logger } from '@orra-ts/common';
import { FakePlanEngine, type FakePlanEngineOptions } from '@orra-ts/fakes';
import {
  OrraFactory,
  defineService,
  jsonSchema,
  type OrraApplication,
  type FunctionServiceOptions,
  type Task,
} from '../../src';
import type { OrraOptions } from '../../src/runtime/options';

interface Line {
  readonly level: string;
  readonly message: string;
  readonly fields: LogFields;
}

/** Stores log lines. */
export class RecordingLogger implements Logger {
  constructor(
    readonly lines: Line[] = [],
    private readonly bound: LogFields = {},
  ) {}
  isEnabled = (): boolean => true;
  debug = (message: string, fields?: LogFields): void => this.write('debug', message, fields);
  info = (message: string, fields?: LogFields): void => this.write('info', message, fields);
  warn = (message: string, fields?: LogFields): void => this.write('warn', message, fields);
  error = (message: string, fields?: LogFields): void => this.write('error', message, fields);
  child = (fields: LogFields): Logger => new RecordingLogger(this.lines, { ...this.bound, ...fields });
  get text(): string {
    return this.lines.map(({ level, message, fields }) => `${level} ${message} ${JSON.stringify(fields)}`).join('\n');
  }
  private write(level: string, message: string, fields: LogFields = {}): void {
    this.lines.push({ level, message, fields: { ...this.bound, ...fields } });
  }
}

export interface EchoInput {
  text: string;
}

export const echoSchema = jsonSchema<EchoInput>({
  type: 'object',
  properties: { text: { type: 'string' } },
  required: ['text'],
});

/** A Standard Schema of `{ text }` with a rule of the test. */
export const ruled = (validate: (value: unknown) => unknown) =>
  ({
    '~standard': {
      version: 1,
      vendor: 'test',
      validate,
      jsonSchema: { input: () => echoSchema.schema, output: () => echoSchema.schema },
    },
  }) as unknown as StandardSchemaV1<EchoInput, EchoInput>;

type EchoOptions = Omit<
  FunctionServiceOptions<typeof echoSchema, typeof echoSchema>,
  'input' | 'output' | 'description'
>;

/** A service `echo` with any handler. */
export const echo = (
  handler: (task: Task<EchoInput>) => unknown = (task) => task.input,
  options: Partial<EchoOptions> = {},
) =>
  defineService(
    { name: 'echo', description: 'Gives back what it gets', input: echoSchema, output: echoSchema, ...options },
    // Handlers of these tests also return and throw values that the compiler would reject.
    handler as (task: Task<EchoInput>) => EchoInput,
  );

const open: (() => Promise<void>)[] = [];

/** Call it in `afterEach`. */
export async function closeAll(): Promise<void> {
  for (const close of open.splice(0).reverse()) await close();
}

export async function startEngine(options?: FakePlanEngineOptions): Promise<FakePlanEngine> {
  const engine = await FakePlanEngine.start(options);
  open.push(() => engine.close());
  return engine;
}

export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'orra-sdk-'));
  open.push(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

export interface TestApp {
  readonly app: OrraApplication;
  readonly log: RecordingLogger;
}

/** Short timeouts, and a separate identity. */
export async function createApp(engine: FakePlanEngine, options: Partial<OrraOptions> = {}): Promise<TestApp> {
  const log = new RecordingLogger();
  const { connection, ...rest } = options;
  const app = await OrraFactory.create({
    services: [echo()],
    engine: { url: engine.url, apiKey: engine.apiKey },
    dataDir: options.dataDir ?? (await temporaryFolder()),
    logger: log,
    connection: { reconnectBase: 20, reconnectCap: 100, ackTimeout: 60, ...connection },
    ...rest,
  });
  open.push(() => app.close({ grace: 0 }));
  return { app, log };
}

export async function startApp(engine: FakePlanEngine, options: Partial<OrraOptions> = {}): Promise<TestApp> {
  const created = await createApp(engine, options);
  await created.app.start();
  return created;
}

/** A promise with its resolve and reject functions. */
export function gate<T = void>(): { promise: Promise<T>; open: (value: T) => void; fail: (error: unknown) => void } {
  let openGate!: (value: T) => void;
  let fail!: (error: unknown) => void;
  const promise = new Promise<T>((resolve, reject) => {
    openGate = resolve;
    fail = reject;
  });
  return { promise, open: openGate, fail };
}
