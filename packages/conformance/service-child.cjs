/** An application in a separate process. Its handler reports its start and waits until the test releases it. */
const { appendFileSync } = require('node:fs');
const { once } = require('node:events');
const { OrraFactory, defineService, jsonSchema, silentLogger } = require('@orra-ts/sdk');

const { url, apiKey, dataDir, runs } = JSON.parse(process.argv[2]);
const value = jsonSchema({ type: 'object', properties: { value: { type: 'string' } }, required: ['value'] });

async function main() {
  const app = await OrraFactory.create({
    services: [
      defineService({ name: 'worker', description: 'Works', input: value, output: value }, async (task) => {
        appendFileSync(runs, `${task.idempotencyKey} ${task.interrupted}\n`);
        const proceed = once(process, 'message');
        process.send('begun');
        await proceed;
        setImmediate(tellWhenStored);
        return { value: `${task.input.value}, done` };
      }),
    ],
    engine: { url, apiKey },
    dataDir,
    shutdownHooks: true,
    drainTimeout: '10s',
    logger: silentLogger,
    connection: { reconnectBase: '20ms', reconnectCap: '200ms', ackTimeout: '500ms' },
  });
  /** An outcome is in the journal before it waits for an acknowledgement (X2). */
  function tellWhenStored() {
    if (app.health().outbox.pending > 0) process.send('stored');
    else setImmediate(tellWhenStored);
  }
  const started = app.start();
  process.send('starting');
  await started;
  process.send('ready');
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
