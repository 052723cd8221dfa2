/** Runs one handler that calls `abort` in an unusual place: `node escaped-abort-child.cjs <name>`. Prints a JSON summary. */
const { FakePlanEngine } = require('@orra-ts/fakes');
const { OrraFactory, defineService, jsonSchema, silentLogger } = require('@orra-ts/sdk');

const [name] = process.argv.slice(2);
const schema = jsonSchema({ type: 'object', properties: { a: { type: 'string' } } });
const pause = () => new Promise((resolve) => setTimeout(resolve, 20));

const inTimer = async (task) => {
  setTimeout(() => task.abort({ reason: 'timer' }), 1);
  await pause();
  return {};
};

const handlers = {
  timer: inTimer,
  forEach: async (task) => {
    [1, 2].forEach(async () => task.abort({ reason: 'forEach' }));
    await pause();
    return {};
  },
  'after the end': (task) => {
    [1, 2].forEach(async () => {
      await pause();
      task.abort();
    });
    return {};
  },
  'in the handler': async (task) => task.abort(),
  'foreign rejection': inTimer,
  'foreign error': inTimer,
};

async function main() {
  const warnings = [];
  const logger = {
    ...silentLogger,
    isEnabled: () => true,
    child: () => logger,
    warn: (_, { at, idempotencyKey }) => warnings.push({ at, idempotencyKey }),
  };
  const engine = await FakePlanEngine.start();
  const app = await OrraFactory.create({
    services: [defineService({ name: 'aborts', description: 'Aborts', input: schema, output: schema }, handlers[name])],
    engine: { url: engine.url, apiKey: engine.apiKey },
    journal: { kind: 'memory' },
    identity: { load: () => undefined, save: () => undefined },
    logger,
  });
  await app.start();
  const outcome = await (await engine.sendTask('aborts', {})).outcome();
  await pause();
  await pause();
  const listeners = process.listenerCount('unhandledRejection');
  if (name === 'foreign rejection') Promise.reject(new Error('not of the SDK'));
  if (name === 'foreign error') {
    setTimeout(() => {
      throw new Error('not of the SDK');
    }, 0);
  }
  await pause();
  await app.close({ grace: 0 });
  await engine.close();
  console.log(JSON.stringify({ outcome, warnings, listeners }));
}

main();
