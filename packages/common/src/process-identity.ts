/**
 * The identity of a process or a thread. A pid alone is not sufficient: systems reuse pids, and a restarted container
 * begins with the same ones. A pid with its start time and the boot of the machine is unique.
 */
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { isProcessAlive } from './process-alive';

export interface ProcessIdentity {
  /** Id of the process, or of the thread on systems where threads have such ids. */
  readonly pid: number;
  /** Name of the machine. */
  readonly host: string;
  /** Time between the boot and the start, in clock ticks. Undefined on systems without `/proc`. */
  readonly startTime?: string | undefined;
  /** Changes with every boot of the machine. Undefined on systems without `/proc`. */
  readonly bootId?: string | undefined;
}

/** The process that calls it, regardless of the thread. */
export const currentProcess = (): ProcessIdentity => identityOf(process.pid);

/** The thread that calls it. The main thread has the identity of its process. */
export function currentThread(): ProcessIdentity {
  // Such as `4711/task/4712`: the last part is the system's id of the thread that reads the link.
  const path = attempt(() => readlinkSync('/proc/thread-self'));
  return identityOf(path === undefined ? process.pid : Number(path.slice(path.lastIndexOf('/') + 1)));
}

/** Whether the process or thread still runs. Undefined when it is on another machine, where it cannot be checked. */
export function isRunning({ pid, host, startTime, bootId }: ProcessIdentity): boolean | undefined {
  if (host !== hostname()) return undefined;
  const currentBoot = readBootId();
  if (bootId !== undefined && currentBoot !== undefined && bootId !== currentBoot) return false;
  if (!isProcessAlive(pid)) return false;
  const found = readStat(pid);
  if (found === undefined) return true;
  // A zombie has ended: its parent has not yet read its exit code.
  if (found.state === 'Z' || found.state === 'X') return false;
  return startTime === undefined || startTime === found.startTime;
}

const identityOf = (pid: number): ProcessIdentity => ({
  pid,
  host: hostname(),
  startTime: readStat(pid)?.startTime,
  bootId: readBootId(),
});

/** Undefined without such a process, and on systems without `/proc`. */
function readStat(
  pid: number,
): { readonly state: string | undefined; readonly startTime: string | undefined } | undefined {
  const text = attempt(() => readFileSync(`/proc/${pid}/stat`, 'latin1'));
  if (text === undefined) return undefined;
  // The name of the program is in parentheses and may itself contain some. The fields after it begin with the third.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return { state: fields[0], startTime: fields[19] };
}

const readBootId = (): string | undefined =>
  attempt(() => readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim());

function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
