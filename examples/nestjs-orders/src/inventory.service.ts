import { Injectable } from '@nestjs/common';
import { Handler, NonRetryableError, OrraService, RevertHandler, RevertSource, Task } from '@orra-ts/nestjs';
import { PlaceOrder, Reservation } from './orders.dto';
import { ShopRepository } from './shop.repository';

@OrraService({ name: 'inventory', description: 'Reserves products of the shop for an order' })
@Injectable()
export class InventoryService {
  constructor(private readonly shop: ShopRepository) {}

  @Handler({ input: PlaceOrder, output: Reservation })
  async reserve(task: Task<PlaceOrder>): Promise<Reservation> {
    const { sku, quantity } = task.input;
    await task.pushUpdate({ progress: 50, message: `looking for ${quantity} x ${sku}` });
    const amountCents = this.shop.reserve(task.idempotencyKey, sku, quantity);
    if (amountCents === undefined) throw new NonRetryableError(`${sku} is sold out`, { code: 'SOLD_OUT' });
    return { reservationId: task.idempotencyKey, amountCents };
  }

  @RevertHandler('reserve')
  release({ output, context }: RevertSource<PlaceOrder, Reservation>): void {
    this.shop.release(output.reservationId, context?.reason ?? 'unknown');
  }
}
