/** Where the config lives: read at need, written whole or not at all. */
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { describeThrown } from '@orra-ts/common';
import { isJsonObject } from '@orra-ts/protocol';
import { CliError } from '../errors';
import type { CliIo } from '../io';
import { Config } from './config';

const OWNER_ONLY_FILE = 0o600;
const OWNER_ONLY_FOLDER = 0o700;

export class ConfigFile {
  constructor(readonly path: string) {}

  /** An absent or empty file is an empty config. @throws CliError `ORRA_CONFIG_DAMAGED` */
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
      throw this.damaged('it is no JSON', error);
    }
    if (!isJsonObject(content)) throw this.damaged('it holds no object');
    return new Config(content);
  }

  /** Changes what is in the file now. Answers the config as it is stored. */
  update(change: (config: Config) => Config): Config {
    const changed = change(this.read());
    this.write(changed);
    return changed;
  }

  /** A crash leaves the old file or the new one: half a file would lose every key in it. */
  write(config: Config): void {
    mkdirSync(dirname(this.path), { recursive: true, mode: OWNER_ONLY_FOLDER });
    // The file itself, where people keep a link to it.
    const path = realPath(this.path);
    const temporary = `${path}.${process.pid}.tmp`;
    try {
      const file = openSync(temporary, 'w', OWNER_ONLY_FILE);
      try {
        writeSync(file, `${JSON.stringify(config.content, undefined, 2)}\n`);
        fsyncSync(file);
      } finally {
        closeSync(file);
      }
      renameSync(temporary, path);
    } catch (error) {
      rmSync(temporary, { force: true });
      throw new CliError(
        'ORRA_CONFIG_NOT_WRITTEN',
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

/** Flag, then ORRA_CONFIG, then `~/.orra/config.json`. */
export function configPath(flag: string | undefined, { env, cwd, home }: Pick<CliIo, 'env' | 'cwd' | 'home'>): string {
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
