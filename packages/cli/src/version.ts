// A literal `require`, which a bundler replaces with the content of the file.
const { version } = require('../package.json') as { readonly version: string };

/** Version of this package, such as `0.1.0`. */
export const CLI_VERSION = version;
