// A literal `require`, which a bundler replaces with the content of the file.
const { version } = require('../package.json') as { readonly version: string };

/** Version of this package. The version that engines send is the protocol's. */
export const ENGINE_VERSION = version;
