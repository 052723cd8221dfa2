import 'reflect-metadata';
import { container as global, type DependencyContainer } from 'tsyringe';
import type { OrraApplication } from '@orra-ts/sdk';
import { createShop } from '../src/app';
import { Database } from '../src/database';

process.env['ORRA_LOG_LEVEL'] = 'silent';

let container: DependencyContainer;
let app: OrraApplication;
beforeAll(async () => {
  container = global.createChildContainer();
  app = await createShop(container);
  await app.start();
});
afterAll(() => app.close());

async function order(tenant: string, quantity: number): Promise<string> {
  const values = { tenant, sku: 'chair', quantity, amountCents: 12_900 * quantity };
  const submitted = await app.orra.action(`Order ${quantity} of chair`).with(values).submit();
  const { status } = await submitted.result();
  await submitted.settled();
  return status;
}

const rowsOf = (tenant: string): string[] =>
  container
    .resolve(Database)
    .select(tenant)
    .map(({ kind, amount }) => `${kind} ${amount}`);

it('two tenants order at the same time, and each sees its own stock', async () => {
  expect(await Promise.all([order('north', 2), order('south', 2)])).toEqual(['completed', 'aborted']);
  expect(rowsOf('north')).toEqual(['charged 25800', 'held 2']);
  // The payment was refunded in the scope of its tenant.
  expect(rowsOf('south')).toEqual([]);
  expect(await Promise.all([order('south', 1), order('north', 2)])).toEqual(['completed', 'aborted']);
  expect(rowsOf('south')).toEqual(['charged 12900', 'held 1']);
  expect(rowsOf('north')).toEqual(['charged 25800', 'held 2']);
});

it('all sessions are closed with their tasks, and the database stays open', () => {
  expect(container.resolve(Database)).toMatchObject({ openSessions: 0, isOpen: true });
});
