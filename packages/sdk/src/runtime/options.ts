/**
 * Options of `OrraFactory.create`. Each value comes from the option, otherwise from its environment variable or
 * default.
 */
import { join } from 'node:path';
import {
  anchorClock,
  durationMs,
  isApiKey,
  isEngineEndpoint,
  parseEngineUrl,
  systemClock,
  type Clock,
  type Duration,
  type EngineEndpoint,
  type HttpTransport,
  type Logger,
  type RandomNumber,
} from '@orra-ts/common';
import { axiosTransport } from '@orra-ts/common/axios';
import { createDefaultLogger } from '@orra-ts/common/winston';
import type { ApiKeySource } from '@orra-ts/client';
import { ACK_TIMEOUT_MS, PING_INTERVAL_MS, type DefinedPlan } from '@orra-ts/protocol';
import type { ConnectionTimings } from '../connection/connection-context';
import type { ServiceSource } from '../definition/service-source';
import { invalidOption, missingOption } from '../errors';
import { customIdentityStore, fixedIdentityStore, type CustomIdentity } from '../identity/custom-identity-store';
import { IdentityFileStore } from '../identity/identity-file';
import type { IdentityStore } from '../identity/identity-store';
import type { ExecutionJournal } from '../journal/execution-journal';
import type { Plan } from '../plans/define-plan';
import { FileJournal } from '../journal/file-journal';
import { MEMORY_JOURNAL_MAX_BYTES, MemoryJournal } from '../journal/memory-journal';
import type { ValidatorModules } from '../schema/validator-modules';
import { systemPorts, type SdkPorts } from './ports';
import { defaultResolver, type InstanceResolver } from '../resolver/instance-resolver';

/** A running engine. Defaults come from ORRA_URL and ORRA_API_KEY. */
export interface RemoteEngine {
  /** Such as `http://127.0.0.1:8005`. */
  readonly url?: string | undefined;
  /** A function is called before every attempt to connect, so that a rotated key needs no restart. */
  readonly apiKey?: ApiKeySource | undefined;
}

export type IdentityOptions =
  /** One file for all services of the application. */
  | { readonly file: string }
  /** One file per service in this folder. */
  | { readonly directory: string }
  | CustomIdentity;

export type JournalOptions =
  /** Outcomes survive the process, in files of a folder. @default `journal` in `dataDir` */
  | { readonly kind: 'file'; readonly directory?: string; readonly maxBytes?: number }
  /** Outcomes are lost when the process ends. */
  | { readonly kind: 'memory'; readonly maxBytes?: number }
  /** A custom journal, which the application opens and closes. */
  | ExecutionJournal;

export interface ConnectionOptions {
  /** An outcome without an ACK is sent again after this long. @default '5s' */
  readonly ackTimeout?: Duration | undefined;
  /** Base of the reconnect back-off, which doubles with each attempt and has full jitter. @default '500ms' */
  readonly reconnectBase?: Duration | undefined;
  /** Maximum back-off. @default '30s' */
  readonly reconnectCap?: Duration | undefined;
  /** @default '10s' */
  readonly handshakeTimeout?: Duration | undefined;
  /** Timeout of a registration request. @default '10s' */
  readonly httpTimeout?: Duration | undefined;
  /** Ping period of an engine that does not announce it. @default '54s', the period of the Go engine */
  readonly pingInterval?: Duration | undefined;
  /** Maximum services that connect concurrently. @default 64 */
  readonly concurrency?: number | undefined;
}

export interface OrraOptions {
  /** Decorated classes, `{ class, useValue }`, `{ class, useFactory }`, or the result of `defineService`. */
  readonly services: readonly ServiceSource[];
  /** Creates instances of classes. @default `new cls()`, for constructors without parameters */
  readonly resolver?: InstanceResolver | undefined;
  /** A running engine, or one that starts with the application. @default ORRA_URL and ORRA_API_KEY */
  readonly engine?: RemoteEngine | EngineEndpoint | undefined;
  /** Results of `definePlan`, or plans as data. They are registered with engines that accept plans. */
  readonly plans?: readonly (Plan | DefinedPlan)[] | undefined;
  /**
   * The application's copies of class-validator and class-transformer, if a bundler would create other copies.
   * @default the copies that are loaded
   */
  readonly peers?: ValidatorModules | undefined;
  /** Closes the application on SIGTERM and SIGINT, then exits with code 0. @default false */
  readonly shutdownHooks?: boolean | undefined;
  /** Grace period of `close()` and of the shutdown hooks. @default '10s' */
  readonly drainTimeout?: Duration | undefined;
  /**
   * Time that a handler or revert has after its limit to end. Then its slot is free for the next one (`concurrency`), and
   * `health()` and the log name it; its late outcome is still sent. Also the limit of `resolver.release`.
   *
   * @default '10s', or the limit itself where that is shorter
   */
  readonly handlerGrace?: Duration | undefined;
  /**
   * `start()` rejects if a service is not connected after this time. @default no limit; the log names missing services
   */
  readonly startTimeout?: Duration | undefined;
  /** Identifies the project in stored identities. @default a hash of the API key */
  readonly project?: string | undefined;
  /** Storage of the service ids that the engine assigns. @default files in `dataDir` */
  readonly identity?: IdentityOptions | undefined;
  /** Storage of outcomes. `maxBytes` bounds the outcomes in memory, 64 MiB by default. @default `{ kind: 'file' }` */
  readonly journal?: JournalOptions | undefined;
  /** Folder of all files of the SDK. @default ORRA_DATA_DIR, else `.orra-data` */
  readonly dataDir?: string | undefined;
  /** Maximum size of a message to the engine, in bytes. @default the engine's limit, or 10,240 on the Go engine */
  readonly maxMessageBytes?: number | undefined;
  /** @default winston, JSON lines on standard error, level ORRA_LOG_LEVEL or `info` */
  readonly logger?: Logger | undefined;
  readonly connection?: ConnectionOptions | undefined;
  /** HTTP transport of registrations and of `app.orra`. @default axios */
  readonly transport?: HttpTransport | undefined;
  /** @default the system's */
  readonly clock?: Clock | undefined;
  /** Random numbers for jitter. @default Math.random */
  readonly random?: RandomNumber | undefined;
}

export interface ResolvedOrraOptions extends SdkPorts {
  readonly services: readonly ServiceSource[];
  readonly validatorModules: ValidatorModules | undefined;
  readonly resolver: InstanceResolver;
  readonly engine: EngineEndpoint | { readonly url: string; readonly readApiKey: () => Promise<string> };
  readonly shutdownHooks: boolean;
  readonly drainTimeoutMs: number;
  readonly handlerGraceMs: number | undefined;
  readonly startTimeoutMs: number | undefined;
  readonly identity: IdentityStore;
  readonly journal: ExecutionJournal;
  readonly maxMessageBytes: number | undefined;
  readonly logger: Logger;
  readonly timings: ConnectionTimings;
  readonly connectionConcurrency: number;
  readonly transport: HttpTransport;
  /** E11: jumps of the wall clock do not affect its `now()`. */
  readonly clock: Clock;
  readonly random: RandomNumber;
}

const DEFAULT_DRAIN_TIMEOUT_MS = 10_000;

/**
 * @throws OrraError `ORRA_MISSING_OPTION`, `ORRA_INVALID_OPTION` or `ORRA_INVALID_DURATION`, naming the option and its
 * environment variable
 */
export function resolveOrraOptions(options: OrraOptions, ports: Partial<SdkPorts> = {}): ResolvedOrraOptions {
  const environment = process.env;
  const dataDir = options.dataDir ?? nonBlank(environment['ORRA_DATA_DIR']) ?? '.orra-data';
  if (!Array.isArray(options.services))
    throw invalidOption('services', 'must be an array of the classes that this app runs');
  const { maxMessageBytes, connection = {} } = options;
  if (maxMessageBytes !== undefined && !(Number.isInteger(maxMessageBytes) && maxMessageBytes >= 1_024)) {
    throw invalidOption('maxMessageBytes', 'must be a whole number of bytes, at least 1024');
  }
  const connectionConcurrency = connection.concurrency ?? 64;
  if (!(Number.isInteger(connectionConcurrency) && connectionConcurrency >= 1)) {
    throw invalidOption('connection.concurrency', 'must be a whole number of at least 1');
  }
  const clock = anchorClock(options.clock ?? systemClock);
  const logger = (options.logger ?? createDefaultLogger()).child({ component: 'sdk' });
  const duration = (name: string, value: Duration | undefined, defaultMs: number): number =>
    value === undefined ? defaultMs : durationMs(value, name);
  return {
    ...systemPorts,
    ...ports,
    services: options.services,
    validatorModules: options.peers,
    resolver: options.resolver ?? defaultResolver,
    engine: resolveEngine(options.engine),
    shutdownHooks: options.shutdownHooks ?? false,
    drainTimeoutMs: duration('drainTimeout', options.drainTimeout, DEFAULT_DRAIN_TIMEOUT_MS),
    handlerGraceMs: options.handlerGrace === undefined ? undefined : durationMs(options.handlerGrace, 'handlerGrace'),
    startTimeoutMs: options.startTimeout === undefined ? undefined : durationMs(options.startTimeout, 'startTimeout'),
    identity: resolveIdentity(options, dataDir, nonBlank(environment['ORRA_SERVICE_ID'])),
    journal: resolveJournal(options.journal, { dataDir, clock, logger }),
    maxMessageBytes,
    logger,
    timings: {
      ackTimeoutMs: duration('connection.ackTimeout', connection.ackTimeout, ACK_TIMEOUT_MS),
      reconnectBaseMs: duration('connection.reconnectBase', connection.reconnectBase, 500),
      reconnectCapMs: duration('connection.reconnectCap', connection.reconnectCap, 30_000),
      handshakeTimeoutMs: duration('connection.handshakeTimeout', connection.handshakeTimeout, 10_000),
      httpTimeoutMs: duration('connection.httpTimeout', connection.httpTimeout, 10_000),
      pingIntervalMs: duration('connection.pingInterval', connection.pingInterval, PING_INTERVAL_MS),
    },
    connectionConcurrency,
    transport: options.transport ?? axiosTransport(),
    clock,
    random: options.random ?? Math.random,
  };
}

function resolveEngine(engine: OrraOptions['engine']): ResolvedOrraOptions['engine'] {
  if (isEngineEndpoint(engine)) return engine;
  const text = nonBlank(engine?.url) ?? nonBlank(process.env['ORRA_URL']);
  if (text === undefined) {
    throw missingOption(
      'engine.url',
      'ORRA_URL',
      'the Plan Engine is missing: set the option `engine: { url, apiKey }`, set the environment variables ORRA_URL and ORRA_API_KEY, or start one with the app: `engine: embeddedEngine()` of @orra-ts/engine',
    );
  }
  const url = parseEngineUrl(text);
  if (url === undefined) {
    // The message does not show the string: it may contain a password.
    throw invalidOption(
      'engine.url',
      'it (or ORRA_URL) must have the form http://host:port or https://host/path, without user name, query and fragment',
    );
  }
  const source = engine?.apiKey;
  const readApiKey = async (): Promise<string> => checkKey(typeof source === 'function' ? await source() : source);
  // A key that is missing now would otherwise only be noticed by the first attempt to connect.
  if (typeof source !== 'function') checkKey(source);
  return { url, readApiKey };
}

function checkKey(given: string | undefined): string {
  const key = nonBlank(given) ?? nonBlank(process.env['ORRA_API_KEY']);
  if (key === undefined) {
    throw missingOption(
      'engine.apiKey',
      'ORRA_API_KEY',
      'the API key is missing: set the option `engine.apiKey` or the environment variable ORRA_API_KEY',
    );
  }
  if (!isApiKey(key)) {
    throw invalidOption(
      'engine.apiKey',
      'it (or ORRA_API_KEY) contains whitespace or characters that an API key cannot have; check how it was copied or read',
    );
  }
  return key;
}

function resolveIdentity(options: OrraOptions, dataDir: string, fixedId: string | undefined): IdentityStore {
  const { identity, project } = options;
  if (identity !== undefined && 'load' in identity) return customIdentityStore(identity);
  if (identity === undefined && fixedId !== undefined) {
    if (options.services.length !== 1) {
      throw invalidOption(
        'identity',
        `ORRA_SERVICE_ID sets the id of one service, but this app has ${options.services.length}; unset it, or set \`identity: { load, save }\``,
      );
    }
    return fixedIdentityStore(fixedId);
  }
  const where = identity ?? { directory: dataDir };
  return new IdentityFileStore({ ...where, project });
}

function resolveJournal(
  journal: JournalOptions = { kind: 'file' },
  { dataDir, clock, logger }: { readonly dataDir: string; readonly clock: Clock; readonly logger: Logger },
): ExecutionJournal {
  if (!('kind' in journal)) return journal;
  const { maxBytes = MEMORY_JOURNAL_MAX_BYTES } = journal;
  if (!(maxBytes > 0)) throw invalidOption('journal.maxBytes', 'must be a number of bytes above zero');
  switch (journal.kind) {
    case 'memory':
      return new MemoryJournal({ maxBytes });
    case 'file':
      return new FileJournal({
        directory: journal.directory ?? join(dataDir, 'journal'),
        maxBytes,
        clock,
        logger,
      });
  }
  const { kind } = journal as { readonly kind: unknown };
  throw invalidOption(
    'journal.kind',
    `${JSON.stringify(kind)} is not a kind of journal; use 'file', 'memory' or your own journal`,
  );
}

const nonBlank = (text: string | undefined): string | undefined => text?.trim() || undefined;
