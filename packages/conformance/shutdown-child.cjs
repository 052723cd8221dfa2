/**
 * Applications with shutdown hooks in one process: `node shutdown-child.cjs <JSON>`.
 *
 *   services  the names of their services, in the order in which the applications start; the service `busy` gets a task
 *   owner     whether other code of the process listens to SIGTERM, awaits `close()` and exits with code 7
 *
 * It reports to its parent: `begun` when the handler runs, and `<service> draining` or `<service> closed` when the status
 * of an application changes. A message from the parent ends the handler. At the end it prints the number of outcomes.
 */
const { writeSync } = require('node:fs');
const { FakePlanEngine } = require('@orra-ts/fakes');
const { OrraFactory, defineService, jsonSchema, silentLogger } = require('@orra-ts/sdk');

const { services, owner } = JSON.parse(process.argv[2]);
const schema = jsonSchema({ type: 'object', properties: { id: { type: 'string' } } });

async function main() {
  const engine = await FakePlanEngine.start();
  const released = new Promise((resolve) => process.once('message', resolve));
  const apps = [];
  if (owner) {
    process.once('SIGTERM', async () => {
      await Promise.all(apps.map((app) => app.close()));
      process.exit(7);
    });
  }
  for (const name of services) {
    const work = async () => {
      process.send('begun');
      await released;
      return {};
    };
    const app = await OrraFactory.create({
      services: [defineService({ name, description: 'Works', input: schema, output: schema }, work)],
      engine: { url: engine.url, apiKey: engine.apiKey },
      journal: { kind: 'memory' },
      shutdownHooks: true,
      drainTimeout: '30s',
      logger: silentLogger,
    });
    await app.start();
    apps.push(app);
    reportChanges(name, app);
  }
  process.on('exit', () => {
    const outcomes = engine.received.filter(({ payload }) => payload.type === 'task_result');
    writeSync(1, `outcomes: ${outcomes.length}\n`);
  });
  await engine.sendTask('busy', {});
}

function reportChanges(name, app, last = 'ready') {
  const { status } = app.health();
  if (status !== last) process.send(`${name} ${status}`);
  if (status !== 'closed') setImmediate(reportChanges, name, app, status);
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
