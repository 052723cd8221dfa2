/** The parts of a process that a command-line program uses, as one value, so that tests can replace them. Needs Node. */
import { homedir } from 'node:os';
import { type Clock, systemClock } from './clock';
import { guardedOutput } from './process-output';

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

export interface ProcessIoOptions {
  /** Called when standard output cannot be written; by default the output is lost. What standard error loses is lost. */
  readonly onOutputFailed?: (error: NodeJS.ErrnoException) => void;
}

/** The current process. */
export function processIo({ onOutputFailed = () => undefined }: ProcessIoOptions = {}): ProcessIo {
  return {
    stdout: guardedOutput(process.stdout, onOutputFailed),
    stderr: guardedOutput(process.stderr, () => undefined),
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
