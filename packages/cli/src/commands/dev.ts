/** `orra dev`: runs an engine in this folder until the command ends. */
import { isAbsolute, join, relative, resolve } from 'node:path';
import type { Command } from 'commander';
import { OrraError, deferred, whenAborted } from '@orra-ts/common';
import type { ProcessIo } from '@orra-ts/common/process';
import { type OutputFlags, type Runner, withOutput } from '../command';
import type { Config, StoredProject } from '../config/config';
import { CliError } from '../errors';
import { untilInterrupted } from '../interrupt';
import { fields } from '../output/box';
import { escapeControlCharacters } from '../output/terminal-string';
import type { Session } from '../session';

const DEFAULT_PORT = 8005;
const DEFAULT_PROJECT = 'dev';

interface DevFlags extends OutputFlags {
  readonly port: string;
  readonly storage?: string;
}

export function addDevCommand(program: Command, runner: Runner): void {
  withOutput(
    program
      .command('dev')
      .description(
        `run an engine in this folder until Ctrl-C; its project (${DEFAULT_PROJECT}, or the one of -p) becomes the current one`,
      )
      .option('--port <number>', 'port to listen on, 0 for a free one', String(DEFAULT_PORT))
      .option('--storage <folder>', 'folder for the data of the engine (default: ./.orra-data/engine)'),
    '`{ url, project, projectId, apiKey, storage, model? }`, once, when the engine is ready',
  ).action(runner.handle<[], DevFlags>(dev));
}

async function dev(session: Session, flags: DevFlags): Promise<undefined> {
  const startedMs = performance.now();
  const { io } = session;
  const name = session.flags.project ?? DEFAULT_PROJECT;
  const port = parsePort(flags.port);
  const storage = storageFolder(flags.storage, io);
  const output = session.output(flags.output);
  // Loaded here, because the other commands do not need the engine and start faster without it.
  const { embeddedEngine, modelFromEnv } = require('@orra-ts/engine') as typeof import('@orra-ts/engine');
  const { createDefaultLogger } = require('@orra-ts/common/winston') as typeof import('@orra-ts/common/winston');

  const model = modelFromEnv(io.env);

  return untilInterrupted(
    io,
    async (signal) => {
      const failed = deferred<never>();
      // Awaited below; a failure during the start is reported by the start itself.
      failed.promise.catch(() => undefined);
      const engine = embeddedEngine({
        storage,
        port,
        project: name,
        onFailed: failed.reject,
        model,
      });
      const logger = createDefaultLogger({ level: session.flags.debug ? 'debug' : 'warn' });
      const { url, apiKey, projectId } = await engine.start({ logger }).catch((error: unknown) => {
        throw startFailure(error, port);
      });
      try {
        const before = session.config.read().current;
        const config = await session.config.update((content) =>
          withDevProject(content, name, { id: projectId, cli_auth: apiKey, server_addr: url, dev_storage: storage }),
        );
        const id = config.find(name)?.id ?? '';
        const document = {
          url,
          project: name,
          projectId: id,
          apiKey,
          storage,
          model: model?.model,
        };
        output.show(document, ({ colours }) => [
          `${colours.green('●')} The engine is ready after ${Math.round(performance.now() - startedMs)} ms: ${url}`,
          '',
          ...fields([
            ['Project', `${escapeControlCharacters(name)} (${id}), the current one`],
            ['Key', apiKey],
            ['Storage', escapeControlCharacters(shortPath(storage, io.cwd))],
            [
              'Planning',
              model ? `defined plans, then the model ${escapeControlCharacters(model.model)}` : 'defined plans',
            ],
          ]),
          '',
          'For your services, in another terminal:',
          `  export ORRA_URL=${url}`,
          `  export ORRA_API_KEY=${apiKey}`,
          ...(before === undefined || before === name
            ? []
            : [
                '',
                `The current project was ${escapeControlCharacters(before)}: \`orra projects use ${escapeControlCharacters(before)}\` switches back`,
              ]),
          '',
          'Ctrl-C stops the engine. Running orchestrations continue at the next start.',
        ]);
        await Promise.race([failed.promise, whenAborted(signal)]);
      } finally {
        await engine.close();
      }
      output.info('', 'The engine has stopped.');
      return undefined;
    },
    () => undefined,
  );
}

function parsePort(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw new CliError('ORRA_INVALID_OPTION', `--port: ${JSON.stringify(text)} is not a valid port (0-65535)`, {
    next: 'choose a number from 1 to 65535, or 0 for a free port',
  });
}

/** The default folder is next to the journals of the services of this folder. */
function storageFolder(flag: string | undefined, { env, cwd }: ProcessIo): string {
  const folder = flag ?? join(env['ORRA_DATA_DIR']?.trim() || '.orra-data', 'engine');
  return isAbsolute(folder) || folder === ':memory:' ? folder : resolve(cwd, folder);
}

const shortPath = (path: string, cwd: string): string => {
  const short = relative(cwd, path);
  return short === '' || short.startsWith('..') ? path : short;
};

/**
 * Stores the project of this folder in the config. The same project keeps its other members. A dev project of another
 * folder with the same name is replaced, because that folder still has its key.
 *
 * @throws CliError `ORRA_PROJECT_EXISTS` when only the config has the key of the other project, which would be lost
 */
function withDevProject(config: Config, name: string, own: StoredProject): Config {
  const known = config.find(name);
  if (known?.cli_auth === own.cli_auth) return config.withChange(name, own).withCurrent(name);
  if (known && known.dev_storage === undefined) {
    throw new CliError(
      'ORRA_PROJECT_EXISTS',
      `the config already has another project ${name}, on ${known.server_addr ?? '?'}`,
      {
        next: 'give the project of this folder another name: `orra dev -p <name>`',
      },
    );
  }
  return config.withProject(name, own).withCurrent(name);
}

function startFailure(error: unknown, port: number): unknown {
  if (!(error instanceof OrraError) || error.code !== 'ORRA_LISTEN_FAILED') return error;
  return new CliError('ORRA_LISTEN_FAILED', `cannot listen on port ${port}`, {
    next: 'another engine may already use it (check with `orra doctor`); use a free port with --port 0',
    cause: error,
  });
}
