import { Handler, OrraService, RevertHandler, type RevertSource, currentTask, hasCurrentTask } from '@orra-ts/sdk';
import { ChargeInput, Receipt } from '../dto/payment';
import { formatCents } from '../shop/money';
import type { Ledger } from '../shop/ledger';
import { moment } from './moment';

/**
 * An existing class: the counter charges cards with it, and the help desk refunds payments. With `takes: 'input'` the
 * method keeps its signature, so the same code also runs as a task of a plan.
 */
@OrraService({ name: 'payment-service', description: 'Charges a customer account for an order' })
export class PaymentService {
  constructor(private readonly ledger: Ledger) {}

  @Handler({ input: ChargeInput, output: Receipt, takes: 'input' })
  async charge({ orderId, account, amountCents }: ChargeInput): Promise<Receipt> {
    await this.report(40, 'authorising', `Asking the bank for ${formatCents(amountCents)}`);
    await moment();
    const payment = this.ledger.charge(orderId, account, amountCents);
    await this.report(100, 'charged', `${payment.id}, account ${account}`);
    return { paymentId: payment.id, amountCents };
  }

  async refund(paymentId: string): Promise<void> {
    await moment();
    this.ledger.refund(paymentId);
  }

  @RevertHandler('charge', { revertibleFor: '24h' })
  async undoCharge({ output }: RevertSource<ChargeInput, Receipt>): Promise<void> {
    await this.refund(output.paymentId);
  }

  /** Sends a progress update if the method runs as a task. A call from the counter has no task. */
  private async report(progress: number, status: string, message: string): Promise<void> {
    if (hasCurrentTask()) await currentTask().pushUpdate({ progress, status, message });
  }
}
