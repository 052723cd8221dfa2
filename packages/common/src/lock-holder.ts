/** Lock files name the process that holds them. This module reads them and checks whether that process still runs. */
import { readFileSync } from 'node:fs';
import { isRunning, type ProcessIdentity } from './process-identity';

export interface LockHolder extends ProcessIdentity {
  /** Whether it is this process. Where start times are unknown, it may be an earlier process with the same pid. */
  readonly isSelf: boolean;
  /** Undefined for a process on another machine, which cannot be checked. */
  readonly isAlive: boolean | undefined;
}

/** Returns undefined when the file is missing, unreadable, or does not name a process: it may be incomplete. */
export function readLockHolder(path: string): LockHolder | undefined {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
  if (typeof content !== 'object' || content === null) return undefined;
  // Locks of earlier versions have only `pid` and `host`.
  const { pid, host, startTime, bootId } = content as Partial<Record<keyof ProcessIdentity, unknown>>;
  if (typeof pid !== 'number' || typeof host !== 'string') return undefined;
  const holder = { pid, host, startTime: stringOf(startTime), bootId: stringOf(bootId) };
  const isAlive = isRunning(holder);
  return { ...holder, isSelf: isAlive === true && pid === process.pid, isAlive };
}

const stringOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
