import { Handler, NonRetryableError, OrraAgent, RevertHandler, type RevertSource, type Task } from '@orra-ts/sdk';
import { formatCents } from '../desk/money';
import type { Refunds } from '../desk/refunds';
import { RefundInput, RefundOutput } from '../dto/refund';
import { moment } from './moment';

@OrraAgent({
  name: 'refund-agent',
  description:
    'Reserves the refund of a paid order, up to a limit. Aborts the ticket if the refund is above it, because an employee must decide then',
})
export class RefundAgent {
  constructor(private readonly refunds: Refunds) {}

  @Handler({ input: RefundInput, output: RefundOutput, timeout: '1m' })
  async reserve(task: Task<RefundInput>): Promise<RefundOutput> {
    const { ticketId, orderId, amountCents, reason } = task.input;
    const { limitCents } = this.refunds;
    await task.pushUpdate({ progress: 40, status: 'checking', message: `Checking what was paid for ${orderId}` });
    await moment(task.signal);
    const order = this.refunds.order(orderId);
    if (!order) throw new NonRetryableError(`Order ${orderId} does not exist`, { code: 'UNKNOWN_ORDER' });
    if (amountCents > order.paidCents) {
      return task.abort({ reason: 'MORE_THAN_WAS_PAID', amountCents, paidCents: order.paidCents });
    }
    if (amountCents > limitCents) return task.abort({ reason: 'ABOVE_REFUND_LIMIT', amountCents, limitCents });
    // The key is the same for every attempt of this task, so a retry does not reserve twice.
    const refund = { ticketId, orderId, amountCents, reason };
    const refundId = this.refunds.reserve(refund, { idempotencyKey: task.idempotencyKey });
    await task.pushUpdate({
      progress: 100,
      status: 'reserved',
      message: `${formatCents(amountCents)}, ${order.goods}`,
    });
    return { refundId };
  }

  @RevertHandler('reserve', { revertibleFor: '24h' })
  async release({ output }: RevertSource<RefundInput, RefundOutput>): Promise<void> {
    await moment();
    this.refunds.release(output.refundId);
  }
}
