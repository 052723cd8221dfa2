/**
 * Measures appends to the journal: orchestrations of three tasks (four appends, eleven events), in groups. Each group is
 * one durable transaction. Run `npm run build` first, then
 *
 *   node packages/engine/bench/journal.mjs [folder]
 *
 * The folder selects the disk; the default is the system's temporary folder. The files are removed at the end.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const { openStorage } = createRequire(import.meta.url)('../dist/open-storage.js');

const SECONDS = Number(process.env.SECONDS ?? 3);
const GROUP_SIZES = [1, 64, 1024];
const LIST_ROUNDS = 20;
const folder = mkdtempSync(join(process.argv[2] ?? tmpdir(), 'orra-bench-'));

const spec = { type: 'object', properties: { productId: { type: 'string' }, quantity: { type: 'integer' } } };
const task = (n) => ({
  id: `task${n}`,
  serviceId: `s_${'abcdefghijklmnopqrstuvwxyzab'}`,
  serviceName: 'inventory-service',
  capability: 'Holds product stock for an order',
  input: { productId: '$task0.productId', quantity: n === 1 ? '$task0.quantity' : `$task${n - 1}.quantity` },
  dependsOn: n === 1 ? [] : [`task${n - 1}`],
  inputSpec: spec,
  outputSpec: spec,
  revertible: true,
});
const plan = {
  tasks: [1, 2, 3].map(task),
  parallelGroups: [['task1'], ['task2'], ['task3']],
  taskZero: { productId: 'p' },
};

/** The events of one of the four appends of an orchestration. */
function eventsOf(id, step) {
  const at = Date.now();
  const started = (n) => ({
    type: 'task_started',
    at,
    taskId: `task${n}`,
    id: `x${n}`,
    attempt: 1,
    executionId: `e_${id}${n}`,
  });
  const completed = (n) => ({
    type: 'task_completed',
    at,
    taskId: `task${n}`,
    id: `y${n}`,
    output: { productId: 'product-17', quantity: 3 },
    compensation: { data: { input: { productId: 'product-17' }, output: { quantity: 3 } }, ttlMs: 86_400_000 },
  });
  if (step === 0) {
    const action = { type: 'action', content: 'Ship order A-17' };
    const data = [
      { field: 'productId', value: 'product-17' },
      { field: 'quantity', value: '3' },
    ];
    return [
      { type: 'submitted', at, orchestrationId: id, projectId: 'p_bench', action, data },
      { type: 'planned', at, plan, source: { kind: 'explicit' } },
      started(1),
    ];
  }
  if (step < 3) return [completed(step), started(step + 1)];
  return [completed(3), { type: 'orchestration_completed', at, results: [{ quantity: 3 }] }];
}

const summaryOf = (step) => ({
  status: step === 3 ? 'completed' : 'processing',
  action: 'Ship order A-17',
  submittedAt: Date.now(),
  changedAt: Date.now(),
});

const ALPHABET = '23456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';
const newId = () => 'o_' + Array.from({ length: 22 }, () => ALPHABET[Math.floor(Math.random() * 57)]).join('');

async function measure(journal, groupSize) {
  // Twice the group size is in flight, as in an engine that decides while a group is written.
  const underWay = Array.from({ length: 2 * groupSize }, () => ({ id: newId(), step: 0, sequence: 0 }));
  let next = 0;
  let appends = 0;
  let events = 0;
  let orchestrations = 0;
  let blockedMs = 0;
  let longestMs = 0;
  const cpu = process.cpuUsage();
  const begin = performance.now();
  while (performance.now() - begin < SECONDS * 1000) {
    const group = [];
    for (let index = 0; index < groupSize; index += 1) {
      const one = underWay[next];
      next = (next + 1) % underWay.length;
      const added = eventsOf(one.id, one.step);
      group.push({
        shard: 0,
        epoch: journal.epoch,
        orchestrationId: one.id,
        projectId: 'p_bench',
        expectedSequence: one.sequence,
        events: added,
        summary: summaryOf(one.step),
        open: one.step < 3,
      });
      appends += 1;
      events += added.length;
      one.sequence += added.length;
      if (++one.step === 4) {
        orchestrations += 1;
        Object.assign(one, { id: newId(), step: 0, sequence: 0 });
      }
    }
    const before = performance.now();
    const outcomes = await journal.append(group);
    const tookMs = performance.now() - before;
    blockedMs += tookMs;
    longestMs = Math.max(longestMs, tookMs);
    if (outcomes.some(({ kind }) => kind !== 'committed')) throw new Error(`an append was not committed`);
  }
  const seconds = (performance.now() - begin) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  const cpuUs = (user + system) / Math.max(1, orchestrations);
  const rate = (count) =>
    Math.round(count / seconds)
      .toLocaleString('en')
      .padStart(9);
  console.log(
    `group size ${String(groupSize).padStart(4)}: ${rate(appends)} appends/s ${rate(events)} events/s ${rate(orchestrations)} ` +
      `orchestrations/s, ${((blockedMs * 1000) / Math.max(1, orchestrations)).toFixed(0)} us in the journal and ${cpuUs.toFixed(0)} us of CPU per orchestration, longest append ${longestMs.toFixed(1)} ms`,
  );
  return orchestrations;
}

const timed = async (what, work) => {
  const begin = performance.now();
  for (let round = 0; round < LIST_ROUNDS; round += 1) await work();
  console.log(`${what}: ${((performance.now() - begin) / LIST_ROUNDS).toFixed(2)} ms`);
};

try {
  let storage = openStorage({ storage: folder });
  let stored = 0;
  for (const groupSize of GROUP_SIZES) stored += await measure(storage.journal, groupSize);
  console.log(
    `${stored.toLocaleString('en')} orchestrations stored, ${Math.round(process.memoryUsage().rss / 2 ** 20)} MiB resident`,
  );
  const [{ id }] = (await storage.journal.list('p_bench')).slice(-1);
  await timed('list, the newest 1,000', () => storage.journal.list('p_bench'));
  await timed('load one', () => storage.journal.load(id));

  const many = Array.from({ length: 10_000 }, () => newId());
  for (let from = 0; from < many.length; from += 1000) {
    await storage.journal.append(
      many.slice(from, from + 1000).map((orchestrationId) => ({
        shard: 0,
        epoch: storage.journal.epoch,
        orchestrationId,
        projectId: 'p_bench',
        expectedSequence: 0,
        events: eventsOf(orchestrationId, 0),
        summary: summaryOf(0),
        open: true,
      })),
    );
  }
  await timed('list, with 10,000 open', () => storage.journal.list('p_bench'));
  await storage.close();
  const begin = performance.now();
  storage = openStorage({ storage: folder });
  const openedMs = performance.now() - begin;
  let open = 0;
  for await (const { events } of storage.journal.open()) open += events.length > 0 ? 1 : 0;
  console.log(
    `restart with ${open.toLocaleString('en')} open orchestrations: ${openedMs.toFixed(0)} ms to open, ${(performance.now() - begin).toFixed(0)} ms until all are loaded`,
  );
  await storage.close();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
