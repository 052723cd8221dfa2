/**
 * The keys of an embedded engine's projects, by name, in a file beside its storage. The engine itself stores only hashes,
 * and the application needs its own key after a restart.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type OrraError, describeThrown } from '@orra-ts/common';
import { writeFileAtomicSync } from '@orra-ts/common/files';
import { isJsonObject } from '@orra-ts/protocol';
import { engineError } from './errors';
import { expandHome } from './options';

const FILE = 'project-keys.json';

export class ProjectKeyFile {
  private readonly path: string;

  /** @param folder the engine's storage folder, which exists */
  constructor(folder: string) {
    this.path = join(expandHome(folder), FILE);
  }

  /** @throws OrraError `ORRA_KEY_FILE_DAMAGED` */
  read(project: string): string | undefined {
    const key = this.readAll()[project];
    return typeof key === 'string' && key !== '' ? key : undefined;
  }

  /** Writes the file atomically: a partly written key would lose the project. Resolves with the key. */
  write(project: string, apiKey: string): string {
    const content = JSON.stringify({ ...this.readAll(), [project]: apiKey }, undefined, 2);
    writeFileAtomicSync(this.path, `${content}\n`);
    return apiKey;
  }

  private readAll(): Record<string, unknown> {
    let text: string;
    try {
      text = readFileSync(this.path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
      throw damaged(this.path, describeThrown(error), error);
    }
    try {
      const keys: unknown = JSON.parse(text);
      if (isJsonObject(keys)) return keys;
    } catch (error) {
      throw damaged(this.path, 'it is not JSON', error);
    }
    throw damaged(this.path, 'it does not contain an object');
  }
}

const damaged = (path: string, why: string, cause?: unknown): OrraError =>
  engineError(
    'ORRA_KEY_FILE_DAMAGED',
    `the file with the project keys of the embedded engine cannot be used: ${path}: ${why}; restore it, or remove it to begin with a new project`,
    { details: { path }, cause },
  );
