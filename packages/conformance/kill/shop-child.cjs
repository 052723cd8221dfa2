/**
 * Services in a process of their own. Each effect is a request to a bank outside: `stock` uses the bank that recognises
 * idempotency keys, `card` the one that does not, and `ship` decides how the order ends.
 */
const { setTimeout: delay } = require('node:timers/promises');
const { NonRetryableError, OrraFactory, defineService, jsonSchema, silentLogger } = require('@orra-ts/sdk');

const { url, apiKey, dataDir, bank, services } = JSON.parse(process.argv[2]);
const text = { type: 'string' };
const number = { type: 'number' };
const input = jsonSchema({
  type: 'object',
  properties: { order: text, fate: text, beforeMs: number, afterMs: number, uses: text },
  required: ['order', 'fate', 'beforeMs', 'afterMs'],
});
const output = jsonSchema({ type: 'object', properties: { charge: { type: 'string', minLength: 2 } } });
let running = 0;

async function counted(work) {
  running += 1;
  try {
    return await work();
  } finally {
    running -= 1;
  }
}

async function ask(path, body) {
  const response = await fetch(`${bank}${path}`, { method: 'POST', body: JSON.stringify(body) });
  if (!response.ok) throw new Error(await response.text());
  return response.json();
}

/** A handler that charges. It never throws an error after the charge, because that would state that there is none. */
const charging = (service) => (task) =>
  counted(async () => {
    const { order, fate, beforeMs, afterMs } = task.input;
    await delay(fate === 'slow' ? 5 * beforeMs : beforeMs);
    const { charge } = await ask('/charge', { service, order, key: task.idempotencyKey });
    await delay(afterMs);
    return { charge: fate === 'bad-output' && service === 'card' ? '?' : charge };
  });

const refunding =
  (service) =>
  ({ output, idempotencyKey, taskKey }) =>
    counted(() => ask('/refund', { service, charge: output?.charge, taskKey, revertKey: idempotencyKey })).then(
      () => undefined,
    );

const definitions = {
  stock: [
    { description: 'Holds stock', revertibleFor: '24h', also: ['unknown'], revert: refunding('stock') },
    charging('stock'),
  ],
  card: [
    { description: 'Charges', revertibleFor: '24h', onCrash: 'fail', revert: refunding('card') },
    charging('card'),
  ],
  ship: [
    { description: 'Ships' },
    (task) =>
      counted(async () => {
        const { fate, beforeMs } = task.input;
        await delay(beforeMs);
        if (fate === 'abort') return task.abort({ reason: 'CLOSED' });
        if (fate === 'fail') throw new NonRetryableError('the address does not exist');
        return {};
      }),
  ],
};

async function main() {
  const app = await OrraFactory.create({
    services: services.map((name) => {
      const [options, handler] = definitions[name];
      return defineService({ name, input, output, ...options }, handler);
    }),
    engine: { url, apiKey },
    dataDir,
    logger: silentLogger,
    connection: { reconnectBase: '20ms', reconnectCap: '200ms', ackTimeout: '500ms' },
  });
  // The test asks whether the process is at rest.
  process.on('message', () => process.send({ running, pending: app.health().outbox.pending }));
  process.once('disconnect', () => process.exit(1));
  await app.start();
  process.send('ready');
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
