/** The parts of a process that a command-line program uses, as one value, so that tests can replace them. Needs Node. */
import { homedir } from 'node:os';
import { type Clock, systemClock } from './clock';

export interface OutputStream {
  write(chunk: string): unknown;
  /** Whether the stream is a terminal. @default false */
  readonly isTTY?: boolean;
  /** Width of the terminal; undefined in a pipe. */
  readonly columns?: number;
}

export interface ProcessIo {
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Directory that relative paths are resolved against. */
  readonly cwd: string;
  /** Home directory of the user. */
  readonly home: string;
  readonly clock: Clock;
  /** Time zone in which times are printed, such as `UTC`. @default the time zone of the system */
  readonly timeZone?: string;
  /** Calls the listener on SIGINT and SIGTERM instead of ending the process. Returns a function that removes it. */
  onInterrupt(listener: () => void): () => void;
  /** Ends the process immediately. */
  exit(code: number): void;
}

/** The current process. */
export function processIo(): ProcessIo {
  // The reader of a pipe may close it first (`orra ps | head -1`). That is not an error.
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
