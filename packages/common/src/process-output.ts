/**
 * Writes to the standard streams of the process. Their reader may end, and the disk of the file behind them may be full;
 * neither ends the process. Needs Node.
 */
import { writeSync } from 'node:fs';
import type { OutputStream } from './process';

type StandardStream = NodeJS.WriteStream & {
  /** Set by Node: `fs` for a file. */
  readonly _type?: string;
  readonly fd: number;
};

/**
 * Returns the stream with a `write` that never throws and never causes an uncaught error.
 *
 * @param onFailed receives each error; the chunk is lost
 */
export function guardedOutput(stream: NodeJS.WriteStream, onFailed: (error: Error) => void): OutputStream {
  const standard = stream as StandardStream;
  stream.on('error', onFailed);
  // After a failed write to a file, a stream keeps all later chunks in memory and writes none of them.
  const writeChunk = standard._type === 'fs' ? toFile(standard.fd) : (chunk: string) => stream.write(chunk);
  return {
    write(chunk) {
      try {
        return writeChunk(chunk);
      } catch (error) {
        onFailed(error as Error);
        return false;
      }
    },
    get isTTY() {
      return stream.isTTY;
    },
    get columns() {
      return stream.columns;
    },
  };
}

const toFile =
  (fd: number) =>
  (chunk: string): boolean => {
    let rest = Buffer.from(chunk);
    while (rest.length > 0) rest = rest.subarray(writeSync(fd, rest));
    return true;
  };
