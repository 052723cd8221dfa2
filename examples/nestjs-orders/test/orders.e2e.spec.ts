/** The application of the example with an engine in memory, driven over HTTP. */
import { ValidationPipe, type INestApplication } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { OrraTestingModule } from '@orra-ts/nestjs/testing';
import { OrdersModule } from '../dist/app.module';
import { InventoryService } from '../dist/inventory.service';
import { ShopRepository } from '../dist/shop.repository';

let app: INestApplication | undefined;
let url = '';

async function start(double?: object): Promise<void> {
  let builder = Test.createTestingModule({ imports: [OrdersModule, OrraTestingModule.forTest()] });
  if (double) builder = builder.overrideProvider(InventoryService).useValue(double);
  app = (await builder.compile()).createNestApplication({ logger: false });
  app.useGlobalPipes(new ValidationPipe({ transform: true, whitelist: true }));
  await app.listen(0, '127.0.0.1');
  url = await app.getUrl();
}
afterEach(async () => {
  await app?.close();
  app = undefined;
});

const place = (order: object, headers: Record<string, string> = { 'x-tenant': 'north' }): Promise<Response> =>
  fetch(`${url}/orders`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(order),
  });

/** The stream ends when the order is settled. */
async function progressOf(id: string): Promise<string> {
  return (await fetch(`${url}/orders/${id}/progress`)).text();
}

async function settle(order: object): Promise<{ status: string; error?: { message: string }; progress: string }> {
  const { id } = (await (await place(order)).json()) as { id: string };
  const progress = await progressOf(id);
  const view = (await (await fetch(`${url}/orders/${id}`)).json()) as { status: string; error?: { message: string } };
  return { ...view, progress };
}

it('an order is placed over HTTP, and its progress is streamed', async () => {
  await start();
  const { status, progress } = await settle({ sku: 'tea', quantity: 2 });
  expect(status).toBe('completed');
  expect(progress).toContain('looking for 2 x tea');
  expect(app?.get(ShopRepository).left('tea')).toBe(8);
});

it('a payment that is refused releases the reservation, with the reason', async () => {
  await start();
  const { status } = await settle({ sku: 'cup', quantity: 2 });
  expect(status).toBe('failed');
  const shop = app?.get(ShopRepository);
  expect(shop?.left('cup')).toBe(2);
  expect(shop?.reservations()).toMatchObject([{ sku: 'cup', quantity: 2, released: 'failed' }]);
});

it('a request without a tenant, and an invalid order, are refused', async () => {
  await start();
  expect((await place({ sku: 'tea', quantity: 1 }, {})).status).toBe(401);
  expect((await place({ sku: 'tea', quantity: 0 })).status).toBe(400);
});

it('a double takes the place of a service', async () => {
  await start({
    reserve: () => ({ reservationId: 'r1', amountCents: 1 }),
    release: () => undefined,
  });
  expect(await settle({ sku: 'tea', quantity: 1 })).toMatchObject({ status: 'completed' });
});

it('the page is served', async () => {
  await start();
  expect(await (await fetch(`${url}/orders`)).text()).toContain('EventSource');
});
