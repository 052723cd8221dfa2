/**
 * A process with the engine's storage, for tests that kill it: `node journal-child.cjs <mode> <folder>`.
 *
 *   hold   opens the folder, reports it, and keeps running
 *   write  appends groups until it is killed; reports each acknowledgement before the next group
 *   read   prints what is stored
 *
 * It writes lines of JSON synchronously, so every line that the parent has read was true before the kill.
 */
const { writeSync } = require('node:fs');
const path = require('node:path');

const { openStorage } = require(path.join(path.dirname(require.resolve('@orra-ts/engine')), 'open-storage.js'));

const PROJECT = 'p_crash';
const GROUP_SIZE = 40;
const EVENTS = 6;
const [mode, folder] = process.argv.slice(2);
const say = (line) => writeSync(1, `${JSON.stringify(line)}\n`);

async function write({ journal }) {
  const underWay = [];
  for await (const { id, events } of journal.open()) underWay.push({ id, sequence: events.length });
  for (let round = 0; ; round += 1) {
    while (underWay.length < GROUP_SIZE)
      underWay.push({ id: `o_${process.pid}_${round}_${underWay.length}`, sequence: 0 });
    const group = underWay.splice(0, GROUP_SIZE);
    const appends = group.map(({ id, sequence }) => ({
      shard: 0,
      epoch: journal.epoch,
      orchestrationId: id,
      projectId: PROJECT,
      expectedSequence: sequence,
      events: [{ type: 'task_updated', at: sequence, taskId: 't', id: 'u', data: 'x'.repeat(sequence * 200) }],
      summary: { status: 'processing', action: id, submittedAt: 0, changedAt: round },
      open: sequence + 1 < EVENTS,
    }));
    const outcomes = await journal.append(appends);
    if (outcomes.some(({ kind }) => kind !== 'committed')) throw new Error(JSON.stringify(outcomes));
    say(group.map(({ id, sequence }) => [id, sequence + 1]));
    for (const one of group) if (++one.sequence < EVENTS) underWay.push(one);
  }
}

async function read({ journal }) {
  const open = new Set();
  for await (const { id } of journal.open()) open.add(id);
  for (const { id } of await journal.list(PROJECT, { limit: 1_000_000 })) {
    const { events } = await journal.load(id);
    const isSound = events.every(({ at, data }, index) => at === index && data.length === index * 200);
    say({ id, sequence: events.length, isSound, isOpen: open.has(id) });
  }
}

async function main() {
  let storage;
  try {
    storage = openStorage({ storage: folder });
  } catch ({ code, message }) {
    return say({ code, message });
  }
  if (mode === 'write') return write(storage);
  if (mode === 'read') return (await read(storage), storage.close());
  say({ epoch: storage.journal.epoch });
  return process.stdin.resume();
}

void main();
