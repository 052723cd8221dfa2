import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const manifest = JSON.parse(readFileSync(join(__dirname, '..', 'package.json'), 'utf8')) as {
  readonly version: string;
};

/** Version of this package, such as `0.1.0`. */
export const CLI_VERSION = manifest.version;
