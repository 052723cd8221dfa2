/** Two tenants order at the same time. One has enough stock; the order of the other is aborted and its payment refunded. */
import 'reflect-metadata';
import { container } from 'tsyringe';
import { createShop } from './app';
import { Database } from './database';

async function main(): Promise<void> {
  const app = await createShop(container);
  await app.start();
  const database = container.resolve(Database);
  const shop = async (tenant: string): Promise<void> => {
    const order = { tenant, sku: 'chair', quantity: 2, amountCents: 25_800 };
    const submitted = await app.orra.action('Order 2 of chair').with(order).submit();
    const result = await submitted.result();
    await submitted.settled();
    const rows = database.select(tenant).map(({ kind }) => kind);
    console.log(`${tenant}: ${result.status}, rows ${rows.join(' and ') || 'none'}`);
  };
  await shop('north');
  await shop('south');
  await app.close();
  console.log(`open sessions: ${database.openSessions}`);
  await container.dispose();
}

void main();
