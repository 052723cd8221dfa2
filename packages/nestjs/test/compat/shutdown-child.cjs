/**
 * A Nest application whose handler is at work when the application ends: `node shutdown-child.cjs <JSON>`.
 *
 *   url, apiKey     of the engine
 *   useProcessExit  the option of `enableShutdownHooks`
 *   closes          whether the application closes itself, in place of waiting for a signal
 *
 * It reports `ready` to its parent, and `begun` when the handler runs. It prints what happens then.
 */
require('reflect-metadata');
const { writeSync } = require('node:fs');
const { setTimeout: sleep } = require('node:timers/promises');
const { Module } = require('@nestjs/common');
const { NestFactory } = require('@nestjs/core');
const { Handler, OrraApplication, OrraModule, OrraService, jsonSchema } = require('@orra-ts/nestjs');

const HANDLER_MS = 1_500;

const { url, apiKey, useProcessExit = false, closes = false } = JSON.parse(process.argv[2]);
const schema = jsonSchema({ type: 'object', properties: { seen: { type: 'string' } } });
const print = (line) => writeSync(1, `${line}\n`);
let app;

class Pool {
  isOpen = true;

  onModuleDestroy() {
    this.isOpen = false;
    print(`the pool closes, ${app.get(OrraApplication).health().outbox.pending} outcomes are not acknowledged`);
  }
}

class Orders {
  constructor(pool) {
    this.pool = pool;
  }

  async serve() {
    process.send('begun');
    if (closes) void app.close().then(() => print('the application has closed'));
    await sleep(HANDLER_MS);
    print(`the handler ends, the pool is ${this.pool.isOpen ? 'open' : 'closed'}`);
    return { seen: 'served' };
  }
}
OrraService({ name: 'orders', description: 'Serves orders' })(Orders);
const serve = Object.getOwnPropertyDescriptor(Orders.prototype, 'serve');
Handler({ input: schema, output: schema })(Orders.prototype, 'serve', serve);

class OrdersModule {}
Module({
  imports: [OrraModule.forRoot({ engine: { url, apiKey }, journal: { kind: 'memory' }, drainTimeout: '10s' })],
  providers: [{ provide: Orders, useFactory: (pool) => new Orders(pool), inject: [Pool] }, Pool],
})(OrdersModule);

async function main() {
  app = await NestFactory.createApplicationContext(OrdersModule, { logger: false });
  if (!closes) app.enableShutdownHooks(undefined, { useProcessExit });
  process.send('ready');
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
