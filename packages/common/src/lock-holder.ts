/** Lock files that name the process that holds them: who that is, and whether it is still alive. */
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { isProcessAlive } from './process-alive';

export interface LockHolder {
  readonly pid: number;
  /** Name of the machine. */
  readonly host: string;
  /** This very process, or an earlier one with the same pid: containers reuse pids. */
  readonly isSelf: boolean;
  /** Undefined for a process on another machine, which cannot be checked. */
  readonly isAlive: boolean | undefined;
}

/** What this process writes into a lock file that it creates. */
export const ownLockContent = (): string => JSON.stringify({ pid: process.pid, host: hostname() });

/** Undefined when the file is missing, unreadable, or does not name a process: it may be half written. */
export function readLockHolder(path: string): LockHolder | undefined {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
  if (typeof content !== 'object' || content === null) return undefined;
  const { pid, host } = content as { readonly pid?: unknown; readonly host?: unknown };
  if (typeof pid !== 'number' || typeof host !== 'string') return undefined;
  const isHere = host === hostname();
  return { pid, host, isSelf: isHere && pid === process.pid, isAlive: isHere ? isProcessAlive(pid) : undefined };
}
