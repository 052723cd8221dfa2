/** What of a process the commands use, so that tests can stand in for it. */
import { homedir } from 'node:os';
import { type Clock, systemClock } from '@orra-ts/common';

export interface OutputStream {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  /** Of the terminal; undefined in a pipe. */
  readonly columns?: number;
}

export interface ProcessIo {
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What paths of the command line are relative to. */
  readonly cwd: string;
  /** Home folder of the user. */
  readonly home: string;
  readonly clock: Clock;
  /** In which times are shown. @default the system's */
  readonly timeZone?: string;
  /** Calls back at SIGINT and SIGTERM, in place of the process's end. Answers what takes that back. */
  onInterrupt(listener: () => void): () => void;
  /** Ends the process at once. */
  exit(code: number): void;
}

/** The process itself. */
export function processIo(): ProcessIo {
  // The reader of a pipe may leave first (`orra ps | head -1`), which is no failure of ours.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
  return {
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    cwd: process.cwd(),
    home: homedir(),
    clock: systemClock,
    onInterrupt(listener) {
      process.on('SIGINT', listener);
      process.on('SIGTERM', listener);
      return () => {
        process.off('SIGINT', listener);
        process.off('SIGTERM', listener);
      };
    },
    exit: (code) => process.exit(code),
  };
}
