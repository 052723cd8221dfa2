/**
 * `orra-engine`: one engine in the foreground. Flags have priority over environment variables (those of the Go engine),
 * and these over a file `.env` in the working folder, as in the Go engine.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs, parseEnv } from 'node:util';
import { describeThrown, LOG_LEVELS, type LogLevel } from '@orra-ts/common';
import type { ProcessIo } from '@orra-ts/common/process';
import { createDefaultLogger } from '@orra-ts/common/winston';
import { engineError } from './errors';
import { createEngine } from './create-engine';
import { DEFAULT_PORT, type EngineOptions } from './options';
import { modelFromEnv } from './planner/model/model-options';
import { ENGINE_VERSION } from './version';

const USAGE = `orra-engine ${ENGINE_VERSION}: a Plan Engine in the foreground

  --port <number>      port to listen on, 0 for a free one       PORT           ${DEFAULT_PORT}
  --host <address>     address to listen on, 0.0.0.0 for all     HOST           127.0.0.1
  --storage <folder>   folder for all data, or :memory:          STORAGE_PATH   ~/.orra/engine
  --log-level <level>  ${LOG_LEVELS.join(', ')}           LOG_LEVEL      info
  --webhook-targets <which>  public, or any (also internal)      WEBHOOK_TARGETS  public
  --allowed-hosts <names>    further names of a loopback engine, comma-separated    ALLOWED_HOSTS
  --allowed-origins <origins>  pages that may use a loopback engine                 ALLOWED_ORIGINS
  --version, --help

Variables are also read from a file .env in the working folder. If LLM_API_KEY or LLM_API_BASE_URL is set, a model
plans the actions that no defined plan matches. Its other variables are LLM_MODEL, LLM_ORGANIZATION, LLM_PROJECT,
LLM_TEMPERATURE, LLM_INCLUDE_VALUES, LLM_CALL_TIMEOUT and LLM_TIMEOUT.

The engine prints its URL to standard output when it is listening, and logs to standard error. SIGTERM and SIGINT stop
it. Running orchestrations continue when it is started again with the same folder.
`;

/** Log levels of the Go engine that have another name here. */
const LEVEL_ALIASES: Readonly<Record<string, LogLevel>> = {
  trace: 'debug',
  fatal: 'error',
  panic: 'error',
  disabled: 'silent',
};

type EngineProcessIo = Pick<ProcessIo, 'env' | 'cwd' | 'stdout' | 'stderr' | 'onInterrupt' | 'exit'>;

type Command = 'help' | 'version' | { readonly level: LogLevel; readonly engine: EngineOptions };

/** @throws OrraError `ORRA_INVALID_OPTION` */
export function readCommand({
  argv,
  ...io
}: Pick<ProcessIo, 'env' | 'cwd'> & { readonly argv: readonly string[] }): Command {
  const flags = parseFlags(argv);
  if (flags.help) return 'help';
  if (flags.version) return 'version';
  const env = withDotEnv(io);
  // An empty variable counts as unset, as in the Go engine.
  const port = flags.port ?? (env['PORT'] || undefined);
  const host = flags.host ?? (env['HOST'] || undefined);
  const storage = flags.storage ?? (env['STORAGE_PATH'] || undefined);
  const targets = flags['webhook-targets'] ?? (env['WEBHOOK_TARGETS'] || undefined);
  const model = modelFromEnv(env);
  return {
    level: levelOf(flags['log-level'] ?? (env['LOG_LEVEL'] || env['ORRA_LOG_LEVEL'] || 'info')),
    engine: {
      port: port === undefined ? undefined : portOf(port),
      host,
      storage,
      model,
      allowedHosts: listOf(flags['allowed-hosts'] ?? env['ALLOWED_HOSTS']),
      allowedOrigins: listOf(flags['allowed-origins'] ?? env['ALLOWED_ORIGINS']),
      // Checked with the other options.
      webhookTargets: targets as EngineOptions['webhookTargets'],
    },
  };
}

/** Resolves when the engine is listening, or when the process was told to end. */
export async function runEngineProcess(argv: readonly string[], io: EngineProcessIo): Promise<void> {
  try {
    const command = readCommand({ argv, env: io.env, cwd: io.cwd });
    if (command === 'help' || command === 'version') {
      io.stdout.write(command === 'help' ? USAGE : `${ENGINE_VERSION}\n`);
      return io.exit(0);
    }
    await serve(io, command.engine, command.level);
  } catch (error) {
    io.stderr.write(`orra-engine: ${describeThrown(error)}\n`);
    io.exit(1);
  }
}

async function serve(io: EngineProcessIo, options: EngineOptions, level: LogLevel): Promise<void> {
  // Signals count from the first moment: a start that receives one stops as soon as it has started.
  const asked: { signals: number; stop?: () => void } = { signals: 0 };
  const onSignal = (): void => {
    asked.signals += 1;
    // The second signal means: do not wait.
    if (asked.signals > 1) io.exit(1);
    else asked.stop?.();
  };
  io.onInterrupt(onSignal);

  const failed = (error: unknown): void => {
    io.stderr.write(`orra-engine: ${describeThrown(error)}\n`);
    io.exit(1);
  };
  const engine = await createEngine({ ...options, logger: createDefaultLogger({ level }), onFailed: failed });
  const stop = (): void => void engine.close().then(() => io.exit(0), failed);
  if (asked.signals > 0) return stop();
  asked.stop = stop;
  io.stdout.write(`${engine.url}\n`);
}

/** Undefined when nothing is listed. */
function listOf(text: string | undefined): readonly string[] | undefined {
  const items = (text ?? '').split(',').map((item) => item.trim());
  const named = items.filter((item) => item !== '');
  return named.length > 0 ? named : undefined;
}

/** An empty variable counts as unset, so the file's value applies. */
function withDotEnv({ env, cwd }: Pick<ProcessIo, 'env' | 'cwd'>): ProcessIo['env'] {
  const file = join(cwd, '.env');
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return env;
    throw engineError('ORRA_INVALID_OPTION', `${file} cannot be read: ${describeThrown(error)}`, { cause: error });
  }
  return { ...parseEnv(text), ...Object.fromEntries(Object.entries(env).filter(([, value]) => value !== '')) };
}

function parseFlags(argv: readonly string[]): {
  readonly port?: string;
  readonly host?: string;
  readonly storage?: string;
  readonly 'log-level'?: string;
  readonly 'webhook-targets'?: string;
  readonly 'allowed-hosts'?: string;
  readonly 'allowed-origins'?: string;
  readonly help?: boolean;
  readonly version?: boolean;
} {
  try {
    return parseArgs({
      args: [...argv],
      options: {
        port: { type: 'string' },
        host: { type: 'string' },
        storage: { type: 'string' },
        'log-level': { type: 'string' },
        'webhook-targets': { type: 'string' },
        'allowed-hosts': { type: 'string' },
        'allowed-origins': { type: 'string' },
        help: { type: 'boolean', short: 'h' },
        version: { type: 'boolean' },
      },
    }).values;
  } catch (error) {
    throw engineError('ORRA_INVALID_OPTION', `${describeThrown(error)} (orra-engine --help lists the flags)`, {
      cause: error,
    });
  }
}

function portOf(text: string): number {
  if (/^\d{1,5}$/.test(text.trim())) return Number(text);
  throw engineError('ORRA_INVALID_OPTION', `--port or PORT: "${text}" is not a valid port (0-65535)`);
}

function levelOf(text: string): LogLevel {
  const name = text.trim().toLowerCase();
  const level = LOG_LEVELS.find((known) => known === name) ?? LEVEL_ALIASES[name];
  if (level) return level;
  throw engineError(
    'ORRA_INVALID_OPTION',
    `--log-level or LOG_LEVEL: "${text}" is not a log level; use one of ${LOG_LEVELS.join(', ')}`,
  );
}
