/**
 * A process that acquires the lock of an identity: `node lock-child.cjs <identity file>`. It prints `ready`, waits for a
 * line on standard input, prints `acquired` or the code of the error, and then keeps the lock until it is killed.
 */
const { once } = require('node:events');
const path = require('node:path');

const sdk = path.dirname(require.resolve('@orra-ts/sdk'));
const { acquireIdentityLock } = require(path.join(sdk, 'identity', 'process-lock.js'));

async function main() {
  process.stdout.write('ready\n');
  await once(process.stdin, 'data');
  try {
    await acquireIdentityLock(process.argv[2]);
    process.stdout.write('acquired\n');
  } catch ({ code }) {
    process.stdout.write(`${code}\n`);
  }
}

void main();
