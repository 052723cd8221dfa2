/** Refunds that are reserved: paid out at night, unless they were released before. */
import type { Category } from '../dto/triage';
import type { Activity } from './activity';
import { readData } from './data';
import { formatCents } from './money';

interface PaidOrder {
  readonly id: string;
  readonly goods: string;
  readonly paidCents: number;
}

interface Refund {
  readonly ticketId: string;
  readonly orderId: string;
  readonly amountCents: number;
  readonly reason: Category;
}

export class Refunds {
  private readonly orders = new Map(readData<readonly PaidOrder[]>('orders').map((order) => [order.id, order]));
  private readonly reserved = new Map<string, Refund>();

  constructor(
    /** Above it nothing is reserved. */
    readonly limitCents: number,
    private readonly activity: Activity,
  ) {}

  order(id: string): PaidOrder | undefined {
    return this.orders.get(id);
  }

  /** The same key reserves once. @returns its id */
  reserve(refund: Refund, { idempotencyKey }: { readonly idempotencyKey: string }): string {
    const id = `ref-${idempotencyKey.slice(0, 8)}`;
    if (!this.reserved.has(id)) {
      this.reserved.set(id, refund);
      this.activity.add(refund.ticketId, 'refund reserved', formatCents(refund.amountCents));
    }
    return id;
  }

  get(id: string): Refund | undefined {
    return this.reserved.get(id);
  }

  /** Nothing happens the second time. */
  release(id: string): void {
    const refund = this.reserved.get(id);
    if (!refund) return;
    this.reserved.delete(id);
    this.activity.add(refund.ticketId, 'refund released', formatCents(refund.amountCents));
  }
}
