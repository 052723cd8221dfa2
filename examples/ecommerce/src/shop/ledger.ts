/** Payments of the shop. A refund marks an entry and does not remove it. */
import { formatCents } from './money';
import type { Activity } from './activity';

export interface Payment {
  readonly id: string;
  readonly orderId: string;
  readonly account: string;
  readonly amountCents: number;
  readonly refunded: boolean;
}

export class Ledger {
  private readonly payments = new Map<string, Payment>();

  constructor(private readonly activity: Activity) {}

  /** Charges an order once; a second call returns the existing payment. */
  charge(orderId: string, account: string, amountCents: number): Payment {
    const existing = [...this.payments.values()].find((payment) => payment.orderId === orderId);
    if (existing) return existing;
    const payment = { id: `pay-${5001 + this.payments.size}`, orderId, account, amountCents, refunded: false };
    this.payments.set(payment.id, payment);
    this.activity.add(orderId, 'charged', formatCents(amountCents));
    return payment;
  }

  /** Refunds a payment; a second call has no effect. @throws Error if the payment does not exist */
  refund(paymentId: string): void {
    const payment = this.payments.get(paymentId);
    if (!payment) throw new Error(`Payment ${paymentId} does not exist`);
    if (payment.refunded) return;
    this.payments.set(paymentId, { ...payment, refunded: true });
    this.activity.add(payment.orderId, 'refunded', formatCents(payment.amountCents));
  }

  /** Sum of the payments that were not refunded. */
  get balanceCents(): number {
    return [...this.payments.values()].reduce(
      (sum, { refunded, amountCents }) => sum + (refunded ? 0 : amountCents),
      0,
    );
  }
}
