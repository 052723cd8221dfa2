/**
 * Stores ids in JSON files, with one entry per engine, project and service (I1). A write creates a new file, syncs it
 * and renames it, so that a reader always finds the old or the new content.
 */
import { createHash } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describeThrown, type EngineAddress } from '@orra-ts/common';
import { writeFileAtomic, type FileLock } from '@orra-ts/common/files';
import { isJsonObject } from '@orra-ts/protocol';
import { sdkError } from '../errors';
import type { IdentityStore } from './identity-store';
import { acquireIdentityLock } from './process-lock';

export interface IdentityFileOptions {
  /** One file for all services of the app. */
  readonly file?: string;
  /** One file per service in this folder. */
  readonly directory?: string;
  /** Identifies the project. @default a hash of the API key */
  readonly project?: string;
}

interface Entry {
  readonly engine: string;
  readonly project: string;
  readonly service: string;
  readonly id: string;
}

export class IdentityFileStore implements IdentityStore {
  /** Serializes reads and writes of a file, because several services may share it. */
  private turn: Promise<unknown> = Promise.resolve();
  private readonly locks = new Map<string, Promise<FileLock>>();

  constructor(private readonly options: IdentityFileOptions) {}

  load(service: string, engine: EngineAddress, identifiesByName: () => Promise<boolean>): Promise<string | undefined> {
    return this.inTurn(async () => {
      const path = this.pathOf(service);
      const key = this.keyOf(service, engine);
      const entry = (await readEntries(path)).find((candidate) => isSame(candidate, key));
      // An entry for this URL may come from another engine. Replicas share a name, so that they need no lock.
      if (!entry || (await identifiesByName())) return undefined;
      await this.lock(path);
      return entry.id;
    });
  }

  save(service: string, engine: EngineAddress, id: string, identifiesByName: boolean): Promise<void> {
    if (identifiesByName) return Promise.resolve();
    return this.inTurn(async () => {
      const path = this.pathOf(service);
      const key = this.keyOf(service, engine);
      const others = (await readEntries(path)).filter((candidate) => !isSame(candidate, key));
      await writeEntries(path, JSON.stringify({ version: 1, services: [...others, { ...key, id }] }, null, 2));
      await this.lock(path);
    });
  }

  async close(): Promise<void> {
    for (const lock of this.locks.values()) (await lock).release();
    this.locks.clear();
  }

  private pathOf(service: string): string {
    return this.options.file ?? join(this.options.directory ?? '.orra-data', `${service}.identity.json`);
  }

  private keyOf(service: string, { url, apiKey }: EngineAddress): Omit<Entry, 'id'> {
    // Part of a hash identifies the project without revealing the key.
    const project = this.options.project ?? `key-${createHash('sha256').update(apiKey).digest('hex').slice(0, 16)}`;
    return { engine: url, project, service };
  }

  private lock(path: string): Promise<FileLock> {
    let lock = this.locks.get(path);
    if (!lock) {
      this.locks.set(path, (lock = acquireIdentityLock(path)));
      lock.catch(() => this.locks.delete(path));
    }
    return lock;
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.turn.then(work);
    this.turn = result.catch(() => undefined);
    return result;
  }
}

const isSame = (entry: Entry, key: Omit<Entry, 'id'>): boolean =>
  entry.engine === key.engine && entry.project === key.project && entry.service === key.service;

async function readEntries(path: string): Promise<readonly Entry[]> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw damaged(path, describeThrown(error));
  }
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (error) {
    throw damaged(path, describeThrown(error));
  }
  const services = isJsonObject(content) ? content['services'] : undefined;
  if (!Array.isArray(services) || !services.every(isEntry))
    throw damaged(path, 'it has another form than this SDK writes');
  return services;
}

const isEntry = (value: unknown): value is Entry =>
  isJsonObject(value) &&
  ['engine', 'project', 'service', 'id'].every((member) => typeof value[member] === 'string' && value[member] !== '');

const damaged = (path: string, problem: string): Error =>
  sdkError(
    'ORRA_IDENTITY_DAMAGED',
    `the identity file ${path} cannot be used: ${problem}; restore it from a backup, or delete it to register the service again with a new id (the engine keeps the old one too)`,
    { details: { path } },
  );

async function writeEntries(path: string, text: string): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await writeFileAtomic(path, text);
  } catch (error) {
    throw sdkError(
      'ORRA_IDENTITY_WRITE_FAILED',
      `the identity file ${path} cannot be written: ${describeThrown(error)}; make its folder writable, or choose another one with option \`identity\` or ORRA_DATA_DIR`,
      { details: { path } },
    );
  }
}
