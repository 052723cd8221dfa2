/**
 * Whether a process with this pid runs on this machine, under any user. Systems reuse pids, so it may be another process
 * than the expected one.
 */
export function isProcessAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
