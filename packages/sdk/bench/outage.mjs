/**
 * What a service costs while the engine is down, and whether it delivers everything afterwards:
 *
 *   node packages/sdk/bench/outage.mjs [--tasks 20000] [--minutes 10] [--mb-per-minute 1]
 *   node packages/sdk/bench/outage.mjs --minutes 1                 the short form
 *
 * A double of the engine sends all tasks and stops. The handlers then end evenly over the given time, with outcomes of
 * the given size in all. After that the engine starts again at its port, and receives the outcomes. The service is a
 * process of its own, with a file journal; its figures are printed as one line of JSON per phase. It exits with code 1
 * unless every task ran once and its outcome arrived. A bench, not a test: it sleeps through the outage, because it
 * measures what a process costs in real time.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    tasks: { type: 'string', default: '20000' },
    minutes: { type: 'string', default: '10' },
    'mb-per-minute': { type: 'string', default: '1' },
    service: { type: 'string' },
  },
});
const tasks = Number(values.tasks);
const outageMs = Number(values.minutes) * 60_000;
const outcomeBytes = Math.ceil((Number(values['mb-per-minute']) * 1e6 * Number(values.minutes)) / tasks);
const MB = 1e6;
/** The handlers begin to end. */
const BEGIN = 'the engine is down';

/** The process with the service. It writes one line for every line that it reads, with its figures. */
async function runService({ url, apiKey, dataDir }) {
  const { OrraFactory, defineService, jsonSchema, silentLogger } = await import('../dist/index.js');
  const schema = jsonSchema({ type: 'object', properties: { n: { type: 'integer' }, data: { type: 'string' } } });
  const data = 'x'.repeat(outcomeBytes);
  let runs = 0;
  let ended = 0;
  let beginOutage;
  const outage = new Promise((resolve) => (beginOutage = resolve));
  const work = async ({ input: { n } }) => {
    runs++;
    await outage;
    await sleep((n / tasks) * outageMs);
    ended++;
    return { n, data };
  };
  const app = await OrraFactory.create({
    services: [
      defineService(
        { name: 'worker', description: 'Works', input: schema, output: schema, concurrency: tasks, timeout: '2h' },
        work,
      ),
    ],
    engine: { url, apiKey },
    dataDir,
    logger: silentLogger,
  });
  await app.start();
  console.log('ready');
  let before = { cpu: process.cpuUsage(), at: performance.now() };
  for await (const line of createInterface({ input: process.stdin })) {
    if (line === BEGIN) beginOutage();
    const { user, system } = process.cpuUsage(before.cpu);
    const cpuPercent = (user + system) / 10 / (performance.now() - before.at);
    before = { cpu: process.cpuUsage(), at: performance.now() };
    const { status, outbox, journal } = app.health();
    console.log(
      JSON.stringify({
        phase: line,
        cpuPercent: Number(cpuPercent.toFixed(2)),
        memoryMb: Math.round(process.memoryUsage().rss / MB),
        status,
        runs,
        ended,
        pending: outbox.pending,
        failure: journal.failure,
      }),
    );
  }
  await app.close();
}

const sizeOf = (folder) =>
  readdirSync(folder).reduce(
    (sum, name) => sum + (statSync(path.join(folder, name), { throwIfNoEntry: false })?.size ?? 0),
    0,
  );

async function main() {
  const { FakePlanEngine } = await import('../../fakes/dist/index.js');
  const dataDir = mkdtempSync(path.join(tmpdir(), 'orra-outage-'));
  const engine = await FakePlanEngine.start();
  const service = JSON.stringify({ url: engine.url, apiKey: engine.apiKey, dataDir });
  const child = spawn(
    process.execPath,
    [fileURLToPath(import.meta.url), ...process.argv.slice(2), '--service', service],
    {
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  );
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const read = async (phase) => {
    child.stdin.write(`${phase}\n`);
    const figures = JSON.parse((await lines.next()).value);
    const diskMb = Number((sizeOf(path.join(dataDir, 'journal')) / MB).toFixed(1));
    return { ...figures, diskMb };
  };
  const report = async (phase) => console.log(JSON.stringify(await read(phase)));
  const until = async (condition) => {
    let figures;
    do {
      await sleep(500);
      figures = await read('');
    } while (!condition(figures));
    return figures;
  };
  await lines.next();
  const sent = [];
  for (let n = 0; n < tasks; n++) sent.push(await engine.sendTask('worker', { n }));
  await until(({ runs }) => runs === tasks);
  await report('all tasks run');
  await engine.close();
  await report(BEGIN);
  const minutes = Math.max(1, Math.round(outageMs / 60_000));
  for (let minute = 1; minute <= minutes; minute++) {
    await sleep(outageMs / minutes);
    await report(`outage, minute ${minute}`);
  }
  await until(({ ended }) => ended === tasks);
  await report('all handlers have ended');
  await engine.listen();
  const startedMs = performance.now();
  const { runs } = await until(({ pending }) => pending === 0 || performance.now() - startedMs > 120_000);
  await report('after the engine has reconnected');
  const counts = new Map(sent.map(({ key }) => [key, 0]));
  for (const { payload } of engine.received) {
    const { type, idempotencyKey: key } = payload;
    if (type === 'task_result' && counts.has(key)) counts.set(key, counts.get(key) + 1);
  }
  const undelivered = [...counts.values()].filter((count) => count === 0).length;
  const repeated = [...counts.values()].filter((count) => count > 1).length;
  console.log(JSON.stringify({ tasks, outcomeBytes, undelivered, repeated, runs }));
  child.stdin.end();
  await once(child, 'exit');
  await engine.close();
  rmSync(dataDir, { recursive: true });
  process.exit(undelivered === 0 && runs === tasks ? 0 : 1);
}

await (values.service ? runService(JSON.parse(values.service)) : main());
