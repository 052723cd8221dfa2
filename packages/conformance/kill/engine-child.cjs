/** An engine with short timings, from the environment variable ENGINE_TIMINGS. Its flags are those of orra-engine. */
const { parseArgs } = require('node:util');
const { silentLogger } = require('@orra-ts/common');
const { createEngine } = require('@orra-ts/engine');

const { port, storage } = parseArgs({ options: { port: { type: 'string' }, storage: { type: 'string' } } }).values;

function end(error) {
  console.error(error);
  process.exit(1);
}

createEngine({
  port: Number(port),
  storage,
  timings: JSON.parse(process.env.ENGINE_TIMINGS),
  logger: silentLogger,
  onFailed: end,
}).then(({ url }) => console.log(url), end);
