import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const manifest = JSON.parse(readFileSync(join(__dirname, '..', 'package.json'), 'utf8')) as {
  readonly version: string;
};

/** Version of this package. The version that engines send is the protocol's. */
export const ENGINE_VERSION = manifest.version;
