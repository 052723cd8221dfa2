/** The config file. It is changed by one process at a time and replaced atomically. */
import { mkdirSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { describeThrown } from '@orra-ts/common';
import { writeFileAtomicSync } from '@orra-ts/common/files';
import type { ProcessIo } from '@orra-ts/common/process';
import { isJsonObject } from '@orra-ts/protocol';
import { CliError } from '../errors';
import { Config } from './config';
import { withFileLock } from './file-lock';

const OWNER_ONLY_FOLDER = 0o700;

export class ConfigFile {
  constructor(readonly path: string) {}

  /** Reads the config. A missing or empty file is an empty config. @throws CliError `ORRA_CONFIG_DAMAGED` */
  read(): Config {
    let text: string;
    try {
      text = readFileSync(this.path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return new Config();
      throw this.damaged(describeThrown(error), error);
    }
    if (text.trim() === '') return new Config();
    let content: unknown;
    try {
      content = JSON.parse(text);
    } catch (error) {
      throw this.damaged('it is not JSON', error);
    }
    if (!isJsonObject(content)) throw this.damaged('it is not an object');
    return new Config(content);
  }

  /**
   * Changes the current content of the file under a lock, so that no change is lost. Resolves with the stored config.
   *
   * @throws CliError `ORRA_CONFIG_DAMAGED`, `ORRA_CONFIG_WRITE_FAILED`, `ORRA_CONFIG_LOCKED`, and errors of the change
   */
  async update(change: (config: Config) => Config): Promise<Config> {
    try {
      mkdirSync(dirname(this.path), { recursive: true, mode: OWNER_ONLY_FOLDER });
      // Resolve symbolic links, so that all names of the file share one lock.
      const path = realPath(this.path);
      return await withFileLock(path, () => {
        const changed = change(this.read());
        writeFileAtomicSync(path, `${JSON.stringify(changed.content, undefined, 2)}\n`);
        return changed;
      });
    } catch (error) {
      if (error instanceof CliError) throw error;
      throw new CliError(
        'ORRA_CONFIG_WRITE_FAILED',
        `the config file ${this.path} cannot be written: ${describeThrown(error)}`,
        {
          next: 'make its folder writable, or name another file with --config or ORRA_CONFIG',
          cause: error,
        },
      );
    }
  }

  private damaged(why: string, cause?: unknown): CliError {
    return new CliError('ORRA_CONFIG_DAMAGED', `the config file ${this.path} cannot be used: ${why}`, {
      next: 'repair it, move it away, or name another file with --config or ORRA_CONFIG',
      cause,
    });
  }
}

/** Path of the config: the flag, then ORRA_CONFIG, then `~/.orra/config.json`. */
export function configPath(
  flag: string | undefined,
  { env, cwd, home }: Pick<ProcessIo, 'env' | 'cwd' | 'home'>,
): string {
  const chosen = flag ?? (env['ORRA_CONFIG']?.trim() || undefined);
  if (chosen === undefined) return join(home, '.orra', 'config.json');
  return isAbsolute(chosen) ? chosen : resolve(cwd, chosen);
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
