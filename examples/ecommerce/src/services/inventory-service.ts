import { CompensationResult, Handler, OrraService, RevertHandler, type RevertSource, type Task } from '@orra-ts/sdk';
import { ReserveInput, ReserveOutput } from '../dto/inventory';
import { type Stock, units } from '../shop/stock';
import { moment } from './moment';

@OrraService({ name: 'inventory-service', description: 'Holds product stock for a paid order' })
export class InventoryService {
  constructor(private readonly stock: Stock) {}

  @Handler({ input: ReserveInput, output: ReserveOutput, timeout: '30s', concurrency: 16 })
  async reserve(task: Task<ReserveInput>): Promise<ReserveOutput> {
    const { orderId, lines } = task.input;
    for (const [index, { productId, quantity }] of lines.entries()) {
      const progress = Math.round((index / (lines.length + 1)) * 100);
      await task.pushUpdate({ progress, status: 'checking', message: `Counting ${productId}` });
      await moment(task.signal);
      const available = this.stock.available(productId);
      // A decision, not an error: the engine does not retry, and compensates the tasks that completed before.
      if (available < quantity) {
        return task.abort({ reason: 'INSUFFICIENT_INVENTORY', productId, available, requested: quantity });
      }
    }
    // The key is the same for every attempt of this task, so a retry does not hold stock twice.
    const { id } = this.stock.hold(orderId, lines, { idempotencyKey: task.idempotencyKey });
    await task.pushUpdate({ progress: 100, status: 'reserved', message: `${units(lines)} units held as ${id}` });
    return { reservationId: id, units: units(lines) };
  }

  @RevertHandler('reserve', { revertibleFor: '24h' })
  async release({ output }: RevertSource<ReserveInput, ReserveOutput>): Promise<CompensationResult> {
    await moment();
    this.stock.release(output.reservationId);
    return CompensationResult.completed();
  }
}
