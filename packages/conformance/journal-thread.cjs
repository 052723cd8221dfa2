/** A worker thread with a file journal: begins one key, reports what it found, and keeps the journal open. */
const { parentPort, workerData } = require('node:worker_threads');
const path = require('node:path');

const sdk = path.dirname(require.resolve('@orra-ts/sdk'));
const { FileJournal } = require(path.join(sdk, 'journal', 'file-journal.js'));

async function main() {
  const { directory, key, known } = workerData;
  const journal = new FileJournal({ directory });
  await journal.open();
  const service = journal.service('worker');
  const found = known.filter((one) => service.find(one) !== undefined);
  await service.begin(key, 1);
  parentPort.postMessage(found);
  parentPort.once('message', () => undefined);
}

void main();
