/** Options of an engine: what users write, and what the code reads. They are resolved once, here. */
import { homedir } from 'node:os';
import { join } from 'node:path';
import { OrraError, systemClock, withoutUndefined, type Clock, type Logger, type RandomNumber } from '@orra-ts/common';
import { createDefaultLogger } from '@orra-ts/common/winston';
import {
  COMPENSATION_MAX_ATTEMPTS,
  COMPENSATION_RETRY_BASE_MS,
  COMPENSATION_RETRY_CAP_MS,
  COMPENSATION_TIMEOUT_MS,
  DEFAULT_HEALTH_GRACE_MS,
  DEFAULT_TASK_TIMEOUT_MS,
  DefinedPlanSchema,
  ENGINE_MAX_BODY_BYTES,
  ENGINE_MAX_MESSAGE_BYTES,
  PING_INTERVAL_MS,
  PONG_WAIT_MS,
  RETRY_JITTER,
  TASK_MAX_ATTEMPTS,
  TASK_RETRY_BASE_MS,
  TASK_RETRY_CAP_MS,
  parseValue,
  type DefinedPlan,
} from '@orra-ts/protocol';
import { engineError } from './errors';
import type { DomainTimings } from './domain/orchestration/timings';
import { resolveModelOptions, type ModelOptions, type ResolvedModelOptions } from './planner/model/model-options';
import { definitionProblems } from './planner/plan-definition';
import type { Planner } from './planner/planner';
import { describeProblems } from './domain/plan/plan-problems';

/** Every wait, limit and interval of the engine. Times are in milliseconds. */
export interface EngineTimings extends DomainTimings {
  /** Period of the JSON ping and the WebSocket ping. @default 54000 */
  readonly pingIntervalMs: number;
  /** A connection without a pong for this long is closed. @default 60000 */
  readonly pongWaitMs: number;
  /**
   * How long a service still counts as available after its last connection closed: quick reconnects pause nothing, and
   * the work continues on the next connection. Also applies after the engine's own start. @default 2000
   */
  readonly disconnectGraceMs: number;
  /** Timeout for the response of a webhook's receiver. @default 10000 */
  readonly webhookTimeoutMs: number;
}

/** The documented values. */
export const DEFAULT_TIMINGS: EngineTimings = {
  taskTimeoutMs: DEFAULT_TASK_TIMEOUT_MS,
  taskMaxAttempts: TASK_MAX_ATTEMPTS,
  taskRetryBaseMs: TASK_RETRY_BASE_MS,
  taskRetryCapMs: TASK_RETRY_CAP_MS,
  healthGraceMs: DEFAULT_HEALTH_GRACE_MS,
  compensationMaxAttempts: COMPENSATION_MAX_ATTEMPTS,
  compensationTimeoutMs: COMPENSATION_TIMEOUT_MS,
  compensationRetryBaseMs: COMPENSATION_RETRY_BASE_MS,
  compensationRetryCapMs: COMPENSATION_RETRY_CAP_MS,
  retryJitter: RETRY_JITTER,
  pingIntervalMs: PING_INTERVAL_MS,
  pongWaitMs: PONG_WAIT_MS,
  disconnectGraceMs: 2_000,
  webhookMaxAttempts: 5,
  webhookRetryBaseMs: 40_000,
  webhookRetryCapMs: 320_000,
  webhookTimeoutMs: 10_000,
  lateResultMs: 24 * 60 * 60_000,
  doubtMs: 60_000,
  compensationHoldMs: 300_000,
  claimWaitMs: 30_000,
};

export interface EngineOptions {
  /** 0 selects a free port. @default 8005 */
  readonly port?: number | undefined;
  /** Address to listen on; 0.0.0.0 for all. @default '127.0.0.1' */
  readonly host?: string | undefined;
  /** Folder, created if missing, or ':memory:'. A leading `~` is the home folder. @default '~/.orra/engine' */
  readonly storage?: string | undefined;
  /** Defined plans of every project. */
  readonly plans?: readonly DefinedPlan[] | undefined;
  readonly timings?: Partial<EngineTimings> | undefined;
  /** @default JSON lines on standard error, level from ORRA_LOG_LEVEL */
  readonly logger?: Logger | undefined;
  /**
   * A model that plans actions without a defined plan. `modelFromEnv()` reads the environment variables.
   * @default none: an action that no plan matches is not actionable
   */
  readonly model?: ModelOptions | undefined;
  /** Maximum cached plans of the model per project; 0 disables the cache. @default 1000 */
  readonly planCacheSize?: number | undefined;
  /** Replaces all sources of plans. @default explicit plans of the request, then defined plans, then the model */
  readonly planner?: Planner | undefined;
  /** Largest message from a service, wrapper included, in bytes. @default 10485760 (10 MiB) */
  readonly maxMessageBytes?: number | undefined;
  /** Largest HTTP request body, in bytes. @default 10485760 (10 MiB) */
  readonly maxBodyBytes?: number | undefined;
  /** Bytes that may wait to be sent over one connection; more work waits until its service has read them. @default 67108864 (64 MiB) */
  readonly maxBufferedBytes?: number | undefined;
  /**
   * Allowed webhook targets. `public` refuses addresses inside a network (private, link-local and similar), and loopback
   * addresses unless the engine listens only on loopback; `any` refuses none. @default 'public'
   */
  readonly webhookTargets?: 'public' | 'any' | undefined;
  /**
   * Names, without a port, that an engine on loopback is reached under in addition to those of this machine. Requests with
   * another `Host` are refused with 403. @default []
   */
  readonly allowedHosts?: readonly string[];
  /**
   * Origins, such as `https://app.example`, whose pages may use an engine on loopback in addition to pages of this
   * machine. @default []
   */
  readonly allowedOrigins?: readonly string[];
  /** Time, for tests. @default the system's clock */
  readonly clock?: Clock | undefined;
  /** Varies waits: a number from 0 to below 1. @default Math.random */
  readonly random?: RandomNumber | undefined;
  /** The engine could not write its journal and has stopped. Nothing acknowledged is lost, but the process should end. */
  readonly onFailed?: ((error: OrraError) => void) | undefined;
}

export interface ResolvedEngineOptions extends Required<
  Omit<EngineOptions, 'planner' | 'model' | 'onFailed' | 'timings'>
> {
  readonly timings: EngineTimings;
  readonly model?: ResolvedModelOptions | undefined;
  readonly planner?: Planner | undefined;
  readonly onFailed?: ((error: OrraError) => void) | undefined;
}

/** The port of the Go engine. */
export const DEFAULT_PORT = 8005;
/** The value of the Go engine: an entry has a few kilobytes. */
const PLAN_CACHE_SIZE = 1_000;
const MAX_BUFFERED_BYTES = 64 * 1024 * 1024;
const SMALLEST_LIMIT_BYTES = 1024;

/** @throws OrraError `ORRA_INVALID_OPTION`, naming every invalid option */
export function resolveEngineOptions(options: EngineOptions): ResolvedEngineOptions {
  const {
    port = DEFAULT_PORT,
    host = '127.0.0.1',
    storage = '~/.orra/engine',
    plans = [],
    planner,
    onFailed,
  } = options;
  const { maxMessageBytes = ENGINE_MAX_MESSAGE_BYTES, maxBodyBytes = ENGINE_MAX_BODY_BYTES } = options;
  const { maxBufferedBytes = MAX_BUFFERED_BYTES, webhookTargets = 'public' } = options;
  const { planCacheSize = PLAN_CACHE_SIZE } = options;
  const { allowedHosts = [], allowedOrigins = [] } = options;
  const problems: string[] = [];
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    problems.push(
      `port: ${String(port)} is not a valid port (0-65535, 0 selects a free one); set the option \`port\`, --port or PORT`,
    );
  }
  if (host.trim() === '')
    problems.push(
      'host: is empty; set an address such as 127.0.0.1, or 0.0.0.0 for all (option `host`, --host or HOST)',
    );
  if (storage.trim() === '')
    problems.push("storage: is empty; set a folder, or ':memory:' (option `storage`, --storage or STORAGE_PATH)");
  for (const [name, bytes] of Object.entries({ maxMessageBytes, maxBodyBytes, maxBufferedBytes })) {
    if (!Number.isInteger(bytes) || bytes < SMALLEST_LIMIT_BYTES) {
      problems.push(
        `${name}: ${String(bytes)} is not a valid limit; set a whole number of bytes, at least ${SMALLEST_LIMIT_BYTES}`,
      );
    }
  }
  if (!Number.isInteger(planCacheSize) || planCacheSize < 0) {
    problems.push(
      `planCacheSize: ${String(planCacheSize)} is not a valid number of plans; set a whole number, 0 for no cache`,
    );
  }
  if (!['public', 'any'].includes(webhookTargets)) {
    problems.push(
      `webhookTargets: ${JSON.stringify(webhookTargets)} is neither 'public' nor 'any' (option \`webhookTargets\`, --webhook-targets or WEBHOOK_TARGETS)`,
    );
  }
  problems.push(...timingProblems(options.timings ?? {}), ...plans.flatMap(planProblems));
  const model = options.model && modelOf(options.model, problems);
  if (problems.length > 0) {
    throw engineError('ORRA_INVALID_OPTION', `the engine's options: ${problems.join('; ')}`, {
      details: { problems },
    });
  }
  return {
    port,
    host,
    storage: expandHome(storage),
    plans,
    timings: { ...DEFAULT_TIMINGS, ...withoutUndefined(options.timings ?? {}) },
    logger: options.logger ?? createDefaultLogger(),
    maxMessageBytes,
    maxBodyBytes,
    maxBufferedBytes,
    webhookTargets,
    allowedHosts,
    allowedOrigins,
    clock: options.clock ?? systemClock,
    random: options.random ?? Math.random,
    planCacheSize,
    model,
    planner,
    onFailed,
  };
}

function modelOf(options: ModelOptions, problems: string[]): ResolvedModelOptions | undefined {
  try {
    return resolveModelOptions(options);
  } catch (error) {
    if (!(error instanceof OrraError)) throw error;
    problems.push(...(error.details['problems'] as string[]));
    return undefined;
  }
}

const COUNTS: readonly string[] = ['taskMaxAttempts', 'compensationMaxAttempts', 'webhookMaxAttempts'];
/** These timings must be above 0, because the engine would not wait at all; the others may be 0. */
const POSITIVE: readonly string[] = [
  'taskTimeoutMs',
  'compensationTimeoutMs',
  'pingIntervalMs',
  'pongWaitMs',
  'webhookTimeoutMs',
];

function timingProblems(timings: Partial<EngineTimings>): string[] {
  const problems: string[] = [];
  for (const [name, value] of Object.entries<number | undefined>(timings)) {
    if (value === undefined) continue;
    const at = `timings.${name}`;
    if (!Object.hasOwn(DEFAULT_TIMINGS, name)) {
      problems.push(`${at}: is not a timing; the timings are ${Object.keys(DEFAULT_TIMINGS).join(', ')}`);
    } else if (typeof value !== 'number' || !Number.isFinite(value) || value < 0) {
      problems.push(`${at}: ${String(value)} is not a number of at least 0`);
    } else if (COUNTS.includes(name) && (!Number.isInteger(value) || value < 1)) {
      problems.push(`${at}: ${value} is not a valid number of attempts; set a whole number of at least 1`);
    } else if (POSITIVE.includes(name) && value === 0) {
      problems.push(`${at}: must be above 0 milliseconds`);
    } else if (name === 'retryJitter' && value > 1) {
      problems.push(`${at}: ${value} is not a valid share; set a number from 0 to 1`);
    }
  }
  return problems;
}

function planProblems(plan: DefinedPlan, index: number): string[] {
  const parsed = parseValue(DefinedPlanSchema, plan);
  if (!parsed.ok) return [`plans[${index}]${parsed.error.path}: ${parsed.error.message}`];
  return definitionProblems(plan).map((problem) => {
    const where = problem.field === 'name' ? `plans[${index}].name` : `plans[${index}] "${plan.name}"`;
    return `${where}: ${problem.field === 'name' ? problem.message : describeProblems([problem])}`;
  });
}

/** A leading `~` becomes the home folder. */
export const expandHome = (path: string): string =>
  path === '~' || path.startsWith('~/') ? join(homedir(), path.slice(1)) : path;
