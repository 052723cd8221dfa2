// Runs two tasks and a revert, each with its own child of an inversify 8 container, which jest cannot load. Prints what they saw.
require('reflect-metadata');
const { Container, inject, injectable, preDestroy } = require('inversify8');
const { embeddedEngine } = require('@orra-ts/engine');
const {
  Handler,
  NonRetryableError,
  OrraFactory,
  OrraService,
  RevertHandler,
  jsonSchema,
  silentLogger,
} = require('@orra-ts/sdk');
const { inversifyResolver } = require('@orra-ts/sdk/containers');

const TENANT = 'tenant';
const seen = { values: [], reverted: [], ended: [], pools: 0, poolIsOpen: true };

class Pool {
  constructor() {
    seen.pools++;
  }
  close() {
    seen.poolIsOpen = false;
  }
}
injectable()(Pool);
preDestroy()(Pool.prototype, 'close');

class Reader {
  constructor(pool, tenant) {
    this.pool = pool;
    this.tenant = tenant;
  }
  read({ input }) {
    seen.values.push(`${input.tenant}: ${this.tenant}`);
    if (input.tenant === 'b') throw new NonRetryableError('b has no rows');
    return { next: 'b' };
  }
  undo() {
    seen.reverted.push(this.tenant);
  }
  end() {
    seen.ended.push(this.tenant);
  }
}
injectable()(Reader);
inject(Pool)(Reader, undefined, 0);
inject(TENANT)(Reader, undefined, 1);
preDestroy()(Reader.prototype, 'end');
const member = (name) => jsonSchema({ type: 'object', properties: { [name]: { type: 'string' } }, required: [name] });
Handler({ input: member('tenant'), output: member('next') })(Reader.prototype, 'read', {});
RevertHandler('read')(Reader.prototype, 'undo', {});
OrraService({ name: 'reader', description: 'Reads the rows of a tenant' })(Reader);

const container = new Container();
container.bind(Pool).toSelf().inSingletonScope();

async function main() {
  const app = await OrraFactory.create({
    services: [Reader],
    engine: embeddedEngine({ storage: ':memory:' }),
    journal: { kind: 'memory' },
    logger: silentLogger,
    resolver: inversifyResolver(container, {
      scope: 'task',
      prepare: (child, { input }) => {
        child.bind(TENANT).toConstantValue(input.tenant);
        child.bind(Reader).toSelf().inSingletonScope();
      },
    }),
  });
  await app.start();
  const read = (id, tenant) => ({ id, service: 'reader', input: { tenant } });
  const plan = { tasks: [read('task1', 'a'), read('task2', '$task1.next')] };
  const order = await app.orra.action('Read two tenants').with({ tenants: 2 }).plan(plan).submit();
  seen.status = (await order.result()).status;
  await order.settled();
  await app.close();
  console.log(JSON.stringify(seen));
}
void main();
