/** Reads files that are passed to commands. */
import { readFileSync } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';
import { describeThrown } from '@orra-ts/common';
import { CliError } from './errors';

/**
 * @param next how to fix the error if the file cannot be read
 * @throws CliError `ORRA_FILE_READ_FAILED`
 */
export function readInputFile(cwd: string, filename: string, next: string): string {
  const path = isAbsolute(filename) ? filename : resolve(cwd, filename);
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    const isAbsent = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    const what = isAbsent ? `the file ${path} does not exist` : `${path} cannot be read: ${describeThrown(cause)}`;
    throw new CliError('ORRA_FILE_READ_FAILED', what, { next, cause });
  }
}
