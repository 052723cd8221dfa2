/** Reserved refunds. They are paid out at night unless they are released before. */
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
    /** Maximum amount of a refund. */
    readonly limitCents: number,
    private readonly activity: Activity,
  ) {}

  order(id: string): PaidOrder | undefined {
    return this.orders.get(id);
  }

  /** Reserves a refund; a second call with the same key has no effect. @returns the id of the refund */
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

  /** Releases a reserved refund; a second call has no effect. */
  release(id: string): void {
    const refund = this.reserved.get(id);
    if (!refund) return;
    this.reserved.delete(id);
    this.activity.add(refund.ticketId, 'refund released', formatCents(refund.amountCents));
  }
}
