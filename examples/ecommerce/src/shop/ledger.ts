/** Payments the shop holds. An entry is never removed: a refund marks it. */
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

  /** One order is charged once: asked again, it answers with the payment there is. */
  charge(orderId: string, account: string, amountCents: number): Payment {
    const existing = [...this.payments.values()].find((payment) => payment.orderId === orderId);
    if (existing) return existing;
    const payment = { id: `pay-${5001 + this.payments.size}`, orderId, account, amountCents, refunded: false };
    this.payments.set(payment.id, payment);
    this.activity.add(orderId, 'charged', formatCents(amountCents));
    return payment;
  }

  /** Nothing happens the second time. @throws Error when there is no such payment */
  refund(paymentId: string): void {
    const payment = this.payments.get(paymentId);
    if (!payment) throw new Error(`There is no payment ${paymentId}`);
    if (payment.refunded) return;
    this.payments.set(paymentId, { ...payment, refunded: true });
    this.activity.add(payment.orderId, 'refunded', formatCents(payment.amountCents));
  }

  /** What was charged and not refunded. */
  get balanceCents(): number {
    return [...this.payments.values()].reduce(
      (sum, { refunded, amountCents }) => sum + (refunded ? 0 : amountCents),
      0,
    );
  }
}
