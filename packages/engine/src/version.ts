import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const manifest = JSON.parse(readFileSync(join(__dirname, '..', 'package.json'), 'utf8')) as {
  readonly version: string;
};

/** Of this package. What engines say on the wire is the protocol's version. */
export const ENGINE_VERSION = manifest.version;
