/**
 * The demo: a shop whose four services ship orders with one plan. The first order completes, the second is aborted and
 * the third fails; their completed tasks are compensated. The exit code is 0 only if all three orders end as expected.
 *
 * With --remote, it runs on the engine of ORRA_URL and ORRA_API_KEY instead of an embedded one. If that is the engine of
 * `orra dev`, `orra inspect` shows the orders.
 */
import 'reflect-metadata';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { embeddedEngine } from '@orra-ts/engine';
import { OrraFactory, type OrraApplication } from '@orra-ts/sdk';
import { shipOrder } from './plan';
import * as print from './present/print';
import { type Scenario, orderOf, problemsOf, scenarios } from './scenarios';
import { CustomerService } from './services/customer-service';
import { DeliveryAgent } from './services/delivery-agent';
import { InventoryService } from './services/inventory-service';
import { PaymentService } from './services/payment-service';
import { Shop } from './shop/shop';

/** Ends a demo that hangs with an error. */
const LIMIT_MS = 60_000;

async function main(): Promise<void> {
  const { remote } = parseArgs({ options: { remote: { type: 'boolean', default: false } } }).values;
  const startedAt = Date.now();
  const folder = mkdtempSync(path.join(tmpdir(), 'orra-demo-'));
  // An exit listener also runs when a signal ends the process.
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));

  const shop = new Shop();
  const payments = new PaymentService(shop.ledger);
  const app = await OrraFactory.create({
    services: [
      { class: CustomerService, useFactory: () => new CustomerService(shop.customers) },
      { class: PaymentService, useValue: payments },
      { class: InventoryService, useFactory: () => new InventoryService(shop.stock) },
      { class: DeliveryAgent, useFactory: () => new DeliveryAgent(shop.couriers) },
    ],
    plans: [shipOrder],
    ...(remote ? {} : { engine: embeddedEngine({ storage: folder }) }),
    dataDir: folder,
    startTimeout: '30s',
    shutdownHooks: true,
  });

  try {
    await app.start();
    // The counter sells a gift card. This calls the method directly; the plan runs the same method as a task.
    const giftCard = await payments.charge({ orderId: 'counter-1', account: 'cash', amountCents: 2_500 });
    print.printWelcome(
      `${app.orra.url}, ${remote ? 'of ORRA_URL' : 'on a fresh SQLite file'}`,
      app.health().services.map((service) => service.name),
      shop,
      giftCard,
    );

    const endings: print.Ending[] = [];
    for (const scenario of scenarios) endings.push(await run(app, shop, scenario, endings.length + 1));

    print.printSummary(endings, Date.now() - startedAt);
    if (endings.every(({ problems }) => problems.length === 0)) process.exitCode = 0;
  } finally {
    await app.close();
  }
}

async function run(app: OrraApplication, shop: Shop, scenario: Scenario, number: number): Promise<print.Ending> {
  const signal = AbortSignal.timeout(LIMIT_MS);
  const before = shop.books();
  print.printOrder(number, scenario, shop);

  const submittedAt = Date.now();
  const order = await app.orra.action(`Ship order ${scenario.orderId}`).with(orderOf(scenario, shop)).submit();
  print.printPlan(order);
  print.printProgressHeading();
  for await (const update of order.updates({ signal })) print.printUpdate(update, submittedAt);

  const inspection = await order.settled({ signal });
  const after = shop.books();
  print.printInspection(inspection);
  print.printBooks(scenario, before, after, shop);
  return { scenario, inspection, problems: problemsOf(scenario, inspection, { before, after, shop }) };
}

// Hide log lines, so that the output is easy to read. ORRA_LOG_LEVEL=info shows them.
process.env['ORRA_LOG_LEVEL'] ??= 'silent';
// The reader of the pipe may close it early: `npm run quickstart | head`.
process.stdout.once('error', () => process.exit());
// Overwritten after success. A signal that ends the process early must not look like success.
process.exitCode = 1;
main().catch((error: unknown) => console.error(error));
